"""Run folders: what one draw of one row leaves behind, complete or not there at all."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from shared.base.errors import UserError
from shared.base.sums import file_hash
from shared.comparison.runs import Predictions, Run
from shared.comparison.seals import FACTS, MODEL, write_facts

DEMO_LINE = "# DEMO: synthetic images at a small scale; not a result"
"""First line of every table that a demo writes."""

PREDICTIONS = "predictions.csv"
HISTORY = "history.csv"
COLUMNS = ["split", "sample", "patient", "true"]
SUM_SLACK = 1e-3
"""How far the probabilities of an image may be from 1 in sum: rounding, in half precision or on paper."""


def folder_name(row: str, overrides: Mapping[str, str], seed: int, precision: str, fast: bool = False) -> str:
    """A row's folder: a short hash represents the settings made by hand, which facts.json gives in full."""
    by_hand: dict[str, object] = {"set": dict(overrides)} if overrides else {}
    by_hand |= {"seed": seed} if seed else {}
    by_hand |= {"precision": precision} if precision != "auto" else {}
    by_hand |= {"fast": True} if fast else {}
    if not by_hand:
        return row
    text = json.dumps(by_hand, sort_keys=True, separators=(",", ":"))
    return f"{row}+{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def own_place(run: Run) -> tuple[str, str]:
    """The names of a run's row folder and of its own, by its facts."""
    facts = run.facts
    asked = facts.get("seed", 0), facts.get("asked_precision", "auto"), bool(facts.get("fast"))
    return folder_name(run.row, run.by_hand, *asked), f"draw-{run.draw}"


def put_aside(folder: Path) -> Path:
    """Renames a run folder that cannot be used, so that no search counts it."""
    number = 1
    while (target := folder.with_name(f"damaged-{number}-{folder.name}")).exists():
        number += 1
    os.replace(folder, target)
    return target


def write_run(folder: Path, predictions: Predictions, facts: Mapping[str, Any]) -> None:
    """Writes the run folder; facts.json comes last, so a killed write leaves a folder that is no run."""
    _check(predictions)
    folder = Path(folder)
    everything = {
        **predictions.facts,
        **facts,
        "predictions": len(predictions.true),
        "pictures": {name: caption for name, (_, caption) in predictions.pictures.items()},
    }
    demo = everything.get("scale") == "demo"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left_over in folder.glob(".writing-*"):
            shutil.rmtree(left_over, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
        try:
            _write_files(work, predictions, everything, demo)
            move_in(work, folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise UserError(f"{folder}: cannot write the results ({error.strerror or error})") from error


def _check(predictions: Predictions) -> None:
    n, k = len(predictions.true), len(predictions.classes)
    for name in ("probabilities", "scores"):
        values = getattr(predictions, name)
        if values is None:
            continue
        if values.shape != (n, k):
            raise ValueError(f"{name} has shape {values.shape}, not {(n, k)}")
        if not np.isfinite(values).all():
            raise UserError(f"the model's {name} hold NaN or infinity: the training diverged; lower its rate")
    if not distributions(predictions.probabilities):
        raise ValueError("the model's probabilities do not lie in 0 to 1 with a sum of 1")
    for name in ("split", "sample", "patient"):
        if len(getattr(predictions, name)) != n:
            raise ValueError(f"{name} has {len(getattr(predictions, name))} entries, not {n}")
        for text in getattr(predictions, name):
            if "\r" in text or "\0" in text:  # a line of the table would end there
                raise UserError(f"the {name} {text!r} has a control character in it: rename the file")
    if n and not (np.min(predictions.true) >= 0 and np.max(predictions.true) < k):
        raise ValueError(f"a true class lies outside 0..{k - 1}")
    for name in predictions.pictures:
        if not re.fullmatch(r"[\w][\w.+-]*", name):
            raise ValueError(f"picture name {name!r} is no file name")


def distributions(probabilities: np.ndarray) -> bool:
    """Whether each line lies in [0, 1] and sums to 1."""
    inside = (probabilities >= 0) & (probabilities <= 1)
    sums = probabilities.sum(axis=1, dtype=float)
    return bool(inside.all() and (np.abs(sums - 1) <= SUM_SLACK * 1.001).all())


def _write_files(work: Path, predictions: Predictions, facts: dict, demo: bool) -> None:
    with open(work / PREDICTIONS, "w", newline="", encoding="utf-8") as file:
        _write_table(file, demo, *predictions_table(predictions, exact))
    if predictions.history:
        header = list(dict.fromkeys(key for entry in predictions.history for key in entry))
        rows = [[_cell(entry.get(key, "")) for key in header] for entry in predictions.history]
        with open(work / HISTORY, "w", newline="", encoding="utf-8") as file:
            _write_table(file, demo, header, rows)
    for name, (figure, _) in predictions.pictures.items():
        if demo:
            stamp_demo(figure)
        figure.savefig(work / f"{name}.png", dpi=100)
    for name, write in predictions.model.items():
        write(work / name)
    facts[MODEL] = {name: file_hash(work / name) for name in predictions.model}
    marked = {"DEMO": DEMO_LINE.removeprefix("# DEMO: "), **facts} if demo else facts
    write_facts(work, marked)


def predictions_table(
    predictions: Predictions, columns_of: Callable[[np.ndarray], list[list[str]]]
) -> tuple[list[str], Iterable]:
    """Header and rows of a table of predictions; `columns_of` says how its numbers are written."""
    header = COLUMNS + [f"probability_{c}" for c in predictions.classes]
    names = np.asarray(predictions.classes, dtype=object)
    columns = [predictions.split, predictions.sample, predictions.patient, list(names[predictions.true])]
    columns += columns_of(predictions.probabilities)
    if predictions.scores is not None:
        header += [f"score_{c}" for c in predictions.classes]
        columns += columns_of(predictions.scores)
    return header, zip(*columns, strict=True)


def exact(values: np.ndarray) -> list[list[str]]:
    """Columns of numbers with all the digits that are needed to read the same bits back."""
    form = "%.9g" if values.dtype.itemsize <= 4 else "%.17g"
    return [[form % v for v in column] for column in values.T.tolist()]


def _write_table(file: Any, demo: bool, header: list[str], rows: Iterable) -> None:
    if demo:
        file.write(DEMO_LINE + "\n")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def _cell(value: Any) -> Any:
    return repr(float(value)) if isinstance(value, (float, np.floating)) else value


def move_in(work: Path, folder: Path) -> None:
    """Old facts.json out first, new one in last: so it never describes another run's files."""
    (folder / FACTS).unlink(missing_ok=True)
    written = sorted(work.iterdir(), key=lambda path: path.name == FACTS)
    for path in written:
        with open(path, "rb") as file:
            os.fsync(file.fileno())
        os.replace(path, folder / path.name)


def stamp_demo(figure: Any) -> None:
    """Writes DEMO across a matplotlib figure."""
    figure.text(
        *(0.5, 0.5), "DEMO", ha="center", va="center", fontsize=64, rotation=25, color="#c00000", alpha=0.35
    )
