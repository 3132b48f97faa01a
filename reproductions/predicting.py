"""`python -m reproductions predict`: a finished run's model on images of anybody. Not for diagnosis."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from data_builders import foreign
from data_builders.labels import Labels, read_labels
from reproductions.judging import Batch, answers, model_of, row_of, strangeness
from reproductions.papers import known
from shared.base import screen
from shared.base.errors import UserError
from shared.base.files import make_folder, write_text
from shared.base.text import text_table
from shared.comparison import DamagedRun, Predictions, Run, interval_over_draws, metrics, read_run
from shared.paper import Paper, Trained
from shared.report.galleries import gallery

FILE, MAPS = "predicted.csv", "grad-cam"
PRINTED = 40
FAR = 0.99
"""Images farther out than this share of the held-out ones are counted."""
WARNING = "NOT FOR DIAGNOSIS: a model of a paper's experiment, tried on no patient."
DEMO = "DEMO: it was trained on synthetic images."


def add_options(sub: argparse.ArgumentParser) -> None:
    """The run, the images, and where the answers go."""
    sub.add_argument("run", type=Path, metavar="RUN", help="a draw's folder: results/PAPER/ROW/draw-0")
    sub.add_argument("images", type=Path, nargs="+", metavar="IMAGE", help="files, or folders of them")
    sub.add_argument(
        "--labels",
        type=Path,
        metavar="CSV",
        help="a CSV with columns image (path or file name) and label; optional: patient, a box",
    )
    sub.add_argument("--grad-cam", action="store_true", help="draw where each decision comes from")
    sub.add_argument(
        "--window",
        type=float,
        nargs=2,
        metavar=("CENTRE", "WIDTH"),
        help="of DICOM images (default: the file's own)",
    )
    sub.add_argument("--to", type=Path, default=Path("predicted"), help="a folder (default: predicted)")


def predict(args: argparse.Namespace) -> int:
    """Writes a line for each image, and with labels prints how well they were met."""
    run = _run_in(args.run)
    paper = known([run.paper])[0]
    classes = run.predictions.classes
    labels = read_labels(args.labels, classes) if args.labels else None
    if labels:
        labels.check(foreign.names(args.images))
    trained = model_of(paper, row_of(paper, run), run)
    marks = [WARNING, *([DEMO] if run.demo else [])]
    make_folder(args.to)
    batches: list[Batch] = []
    with screen.opened():
        window = tuple(args.window) if args.window else None
        for batch in answers(trained, foreign.read(args.images, window), labels):
            if args.grad_cam:
                _draw(trained, batch, classes, args.to / MAPS, sum(len(b.images) for b in batches), marks)
            batches.append(batch)
    far = strangeness(batches, run.folder)
    header, lines = table(batches, far, classes, labels)
    write_text(args.to / FILE, _as_csv(marks, header, lines))
    print("\n".join([*marks, "", text_table(header, lines[:PRINTED]), *_more(lines), ""]))
    print("\n".join([*_notes(trained, labels, far)]))
    if labels:
        print("\n" + "\n".join(scored(paper, run, batches, labels)))
    print(f"\nWritten: {args.to / FILE}" + (f" and {args.to / MAPS}/" if args.grad_cam else ""))
    return 0


def _run_in(folder: Path) -> Run:
    try:
        return read_run(folder)
    except DamagedRun as error:
        raise UserError(f"{folder} is no finished run ({error})") from error


def table(
    batches: Sequence[Batch], far: np.ndarray, classes: Sequence[str], labels: Labels | None
) -> tuple[list[str], list[list[str]]]:
    """A line per image: its name, the decision, the numbers behind it, and how strange the image is."""
    header = ["image", "decided", *(f"probability_{name}" for name in classes)]
    header += [f"score_{name}" for name in classes] if batches[0].scores is not None else []
    header += ["strangeness", *(["true"] if labels else []), "note"]
    lines: list[list[str]] = []
    for batch in batches:
        for place, image in enumerate(batch.images):
            numbers = [
                *batch.probabilities[place],
                *(batch.scores[place] if batch.scores is not None else ()),
            ]
            line = [image.name, classes[batch.decided[place]], *(f"{number:.6f}" for number in numbers)]
            line += [f"{far[len(lines)]:.3f}"]
            line += [classes[labels.of(image.name).true]] if labels else []
            lines.append([*line, image.note])
    return header, lines


def _as_csv(marks: Sequence[str], header: list[str], lines: list[list[str]]) -> str:
    out = io.StringIO()
    out.write("".join(f"# {mark}\n" for mark in marks))
    csv.writer(out, lineterminator="\n").writerows([header, *lines])
    return out.getvalue()


def _more(lines: Sequence[object]) -> list[str]:
    return [f"and {len(lines) - PRINTED} more, in {FILE}"] if len(lines) > PRINTED else []


def _notes(trained: Trained, labels: Labels | None, far: np.ndarray) -> list[str]:
    """What a reader of the table must know."""
    notes = [
        "strangeness: the share of the run's held-out images that lie nearer to the others of them, in the "
        "features that the last layer reads, than this image does."
    ]
    if np.isnan(far).any():
        notes = ["The run has too few held-out images to say whether these look like them."]
    elif (far > FAR).any():
        strange = int((far > FAR).sum())
        notes += [
            f"{strange} of {len(far)} look like nothing the model has learnt: do not trust its answers."
        ]
    if trained.boxed and not (labels and any(label.box for label in labels.by_image.values())):
        notes += [
            "The row's own images are cut to the body's box; these are whole, since --labels names no boxes."
        ]
    return notes


def scored(paper: Paper, run: Run, batches: Sequence[Batch], labels: Labels) -> list[str]:
    """The paper's metrics on the labelled images, with 95% intervals."""
    names = [image.name for batch in batches for image in batch.images]
    own = [labels.of(name) for name in names]
    scores = [batch.scores for batch in batches if batch.scores is not None]
    predictions = Predictions(
        run.predictions.classes,
        split=["test"] * len(names),
        sample=names,
        patient=[label.patient for label in own],
        true=np.array([label.true for label in own]),
        probabilities=np.concatenate([batch.probabilities for batch in batches]),
        scores=np.concatenate(scores) if scores else None,
    )
    judged = Run(run.folder, run.facts, predictions)
    lines = []
    for metric, name in _asked(paper, judged.predictions.classes):
        value = judged.metric(metric, name or None)
        low, high = interval_over_draws([judged], metric, name or None)
        lines.append((metric, name, f"{value:.4f}", f"{low:.4f} to {high:.4f}"))
    return [f"{len(names)} labelled images:", text_table(("metric", "class", "value", "95%"), lines)]


def _asked(paper: Paper, classes: Sequence[str]) -> list[tuple[str, str]]:
    """The paper's metrics, each with its class; a row may tell other classes apart than the numbers name."""
    reported = [(r.metric, r.class_name) for r in paper.reported() if r.by == "paper"]
    known = [(metric, name) for metric, name in reported if metrics.is_metric(metric)]
    return list(dict.fromkeys([("accuracy", ""), *(ask for ask in known if ask[1] in ("", *classes))]))


def _draw(
    trained: Trained, batch: Batch, classes: Sequence[str], folder: Path, before: int, marks: Sequence[str]
) -> None:
    """A picture per image: as the model sees it, and under the map of the class decided for."""
    make_folder(folder)
    maps = trained.explain(batch.pixels, batch.decided)
    for place, image in enumerate(batch.images):
        decided = batch.decided[place]
        title = f"{classes[decided]} ({batch.probabilities[place, decided]:.2f})"
        figure = gallery(batch.pixels[place][None], [title], maps[place][None], columns=1)
        figure.supxlabel("\n".join(mark.split(":")[0] for mark in marks), color="#c00000", fontsize=7)
        figure.savefig(folder / f"{before + place + 1:04}-{Path(image.name).stem}.png", dpi=100)
