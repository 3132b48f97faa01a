"""Run folders: what one draw of one row leaves behind, complete or not there at all."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from shared.base.errors import UserError
from shared.comparison.runs import Predictions, Run

DEMO_LINE = "# DEMO: synthetic images at a small scale; not a result"
"""First line of every table that a demo writes."""

FACTS = "facts.json"
PREDICTIONS = "predictions.csv"
HISTORY = "history.csv"
_COLUMNS = ["split", "sample", "patient", "true"]
_NEEDED = {"paper": str, "row": str, "draw": int, "scale": str, "predictions": int}
_ALLOWED = {
    "overrides": (dict, list),
    "deviations": list,
    "versions": (dict, str),
    "config": dict,
    "pictures": dict,
    "seconds": (int, float),
}


# --- writing ---------------------------------------------------------------------------------------------


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
            _move_in(work, folder)
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
    for name in ("split", "sample", "patient"):
        if len(getattr(predictions, name)) != n:
            raise ValueError(f"{name} has {len(getattr(predictions, name))} entries, not {n}")
    if n and not (np.min(predictions.true) >= 0 and np.max(predictions.true) < k):
        raise ValueError(f"a true class lies outside 0..{k - 1}")
    for name in predictions.pictures:
        if not re.fullmatch(r"[\w][\w.+-]*", name):
            raise ValueError(f"picture name {name!r} is no file name")


def _write_files(work: Path, predictions: Predictions, facts: dict, demo: bool) -> None:
    with open(work / PREDICTIONS, "w", newline="", encoding="utf-8") as file:
        _write_table(file, demo, *_predictions_table(predictions))
    if predictions.history:
        header = list(dict.fromkeys(key for entry in predictions.history for key in entry))
        rows = [[_cell(entry.get(key, "")) for key in header] for entry in predictions.history]
        with open(work / HISTORY, "w", newline="", encoding="utf-8") as file:
            _write_table(file, demo, header, rows)
    for name, (figure, _) in predictions.pictures.items():
        if demo:
            stamp_demo(figure)
        figure.savefig(work / f"{name}.png", dpi=100)
    marked = {"DEMO": DEMO_LINE.removeprefix("# DEMO: "), **facts} if demo else facts
    text = json.dumps(marked, indent=1, default=_plain)
    (work / FACTS).write_text(text + "\n", encoding="utf-8")


def _predictions_table(predictions: Predictions) -> tuple[list[str], Iterable]:
    header = _COLUMNS + [f"probability_{c}" for c in predictions.classes]
    names = np.asarray(predictions.classes, dtype=object)
    columns = [predictions.split, predictions.sample, predictions.patient, list(names[predictions.true])]
    columns += _number_columns(predictions.probabilities)
    if predictions.scores is not None:
        header += [f"score_{c}" for c in predictions.classes]
        columns += _number_columns(predictions.scores)
    return header, zip(*columns, strict=True)


def _number_columns(values: np.ndarray) -> list[list[str]]:
    form = "%.9g" if values.dtype.itemsize <= 4 else "%.17g"  # enough digits to read the same bits back
    return [[form % v for v in column] for column in values.T.tolist()]


def _write_table(file: Any, demo: bool, header: list[str], rows: Iterable) -> None:
    if demo:
        file.write(DEMO_LINE + "\n")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def _cell(value: Any) -> Any:
    return repr(float(value)) if isinstance(value, (float, np.floating)) else value


def _plain(value: Any) -> Any:
    """numpy scalars, paths and the like, for JSON."""
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else str(value)


def _move_in(work: Path, folder: Path) -> None:
    """Old facts.json out first, new one in last: at no moment does it stand beside another run's files."""
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


# --- reading ---------------------------------------------------------------------------------------------


class DamagedRun(Exception):
    """A run folder that cannot be used, and why."""


def find_runs(out: Path) -> tuple[list[Run], list[tuple[Path, str]]]:
    """All runs under an output folder, and the folders that are damaged or unfinished, with the reason."""
    out = Path(out)
    folders = [f for f in out.glob("*/*/draw-*") if f.relative_to(out).parts[0] not in ("cache", "demo")]
    folders += out.glob("demo/*/*/draw-*")
    runs, damaged = [], []
    for folder in sorted(folders):
        try:
            runs.append(read_run(folder))
        except DamagedRun as error:
            damaged.append((folder, str(error)))
    return sorted(runs, key=lambda run: (run.paper, run.row, run.overrides, run.demo, run.draw)), damaged


def read_run(folder: Path) -> Run:
    """Reads a run folder; raises DamagedRun with one line of reason."""
    folder = Path(folder)
    try:
        facts = _read_facts(folder)
        predictions = _read_predictions(folder)
        if len(predictions.true) != facts["predictions"]:
            raise DamagedRun(
                f"{PREDICTIONS} holds {len(predictions.true)} of its {facts['predictions']} lines: run again"
            )
        predictions.history = _read_history(folder)
        predictions.pictures = {
            name: (folder / f"{name}.png", caption)
            for name, caption in facts.get("pictures", {}).items()
            if (folder / f"{name}.png").is_file()
        }
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DamagedRun(f"cannot be read: {error}") from error
    return Run(folder, facts, predictions)


def _read_facts(folder: Path) -> dict:
    path = folder / FACTS
    if not path.is_file():
        raise DamagedRun(f"unfinished: no {FACTS} (still running, or killed: run the same command again)")
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DamagedRun(f"{FACTS} is no JSON ({error}): run it again") from error
    if not isinstance(facts, dict):
        raise DamagedRun(f"{FACTS} holds no facts: run it again")
    wrong = [key for key, kind in _NEEDED.items() if not isinstance(facts.get(key), kind)]
    wrong += [k for k, kind in _ALLOWED.items() if facts.get(k) and not isinstance(facts[k], kind)]
    if wrong or facts["scale"] not in ("paper", "demo"):
        raise DamagedRun(f"{FACTS} lacks a usable '{(wrong or ['scale'])[0]}': run it again")
    return facts


def _read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    with open(path, newline="", encoding="utf-8") as file:
        if not file.readline().startswith("# DEMO"):
            file.seek(0)
        rows = list(csv.reader(file))
    if not rows:
        raise DamagedRun(f"{path.name} is empty: run it again")
    header, body = rows[0], rows[1:]
    for number, row in enumerate(body, 2):
        if len(row) != len(header):
            raise DamagedRun(f"{path.name}, line {number}: {len(row)} of {len(header)} columns: run it again")
    return header, body


def _read_predictions(folder: Path) -> Predictions:
    header, body = _read_table(folder / PREDICTIONS)
    classes = tuple(h.removeprefix("probability_") for h in header if h.startswith("probability_"))
    k = len(classes)
    expected = _COLUMNS + [f"probability_{c}" for c in classes]
    scored = header == expected + [f"score_{c}" for c in classes]
    if not classes or not (scored or header == expected):
        raise DamagedRun(f"{PREDICTIONS}: the columns are not split, sample, patient, true, probability_…")
    columns = list(zip(*body, strict=True)) or [()] * len(header)
    index = {name: i for i, name in enumerate(classes)}
    try:
        numbers = np.array([list(map(float, column)) for column in columns[4:]]).T.reshape(len(body), -1)
        true = np.array([index[name] for name in columns[3]], dtype=int)
    except (ValueError, KeyError) as error:
        raise DamagedRun(f"{PREDICTIONS} holds {error}, no number or class: run it again") from error
    if not np.isfinite(numbers).all():
        raise DamagedRun(f"{PREDICTIONS} holds NaN or infinity: run it again")
    split, sample, patient = (list(column) for column in columns[:3])
    scores = numbers[:, k:] if scored else None
    return Predictions(classes, split, sample, patient, true, numbers[:, :k], scores)


def _read_history(folder: Path) -> list[dict]:
    path = folder / HISTORY
    if not path.is_file():
        return []
    header, body = _read_table(path)
    return [{key: _number(cell) for key, cell in zip(header, row, strict=True) if cell} for row in body]


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell
