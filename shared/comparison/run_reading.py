"""Reads run folders: each run is known by its content, and what does not fit is left out with a reason."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from shared.comparison.run_folders import COLUMNS, HISTORY, PREDICTIONS, distributions, own_place
from shared.comparison.runs import Predictions, Run
from shared.comparison.seals import FACTS, broken

_NEEDED = {"paper": str, "row": str, "draw": int, "scale": str, "predictions": int}
_ALLOWED: dict[str, type | tuple[type, ...]] = {
    "overrides": (dict, list),
    "deviations": list,
    "versions": (dict, str),
    "config": dict,
    "pictures": dict,
    "seconds": (int, float),
    "seed": int,
    "fast": bool,
    "images_per_second": (int, float),
    "waiting_share": (int, float),
    "peak_memory_bytes": int,
    "code_version": int,
}


class DamagedRun(Exception):
    """A run folder that cannot be used, and why."""


LeftOut = list[tuple[Path, str]]


def find_runs(out: Path) -> tuple[list[Run], LeftOut]:
    """All runs under an output folder, and the folders that are left out, with the reason."""
    out = Path(out)
    folders = [f for f in out.glob("*/*/draw-*") if f.relative_to(out).parts[0] not in ("cache", "demo")]
    folders += out.glob("demo/*/*/draw-*")
    return _read_all(folders, lambda run: (run.paper, *own_place(run)))


def find_evidence(folder: Path) -> tuple[list[Run], LeftOut]:
    """All runs in a paper's evidence folder, and what is left out of it."""
    return _read_all(Path(folder).glob("*/draw-*"), own_place)


def _read_all(
    folders: Iterable[Path], own_place: Callable[[Run], tuple[str, ...]]
) -> tuple[list[Run], LeftOut]:
    runs, left_out = [], []
    for folder in sorted(folders):
        try:
            run = read_run(folder)
        except DamagedRun as error:
            left_out.append((folder, str(error)))
            continue
        reason = _misplaced(folder, own_place(run))
        if reason:
            left_out.append((folder, reason))
        else:
            runs.append(run)
    return sorted(runs, key=lambda r: (r.paper, r.row, r.overrides, r.demo, r.draw)), left_out


def _misplaced(folder: Path, own: tuple[str, ...]) -> str:
    """'' where the folder's place is that of its content; a copy or a renamed folder is no other draw."""
    here = folder.absolute().parts[-len(own) :]
    wrong = [there for there, name in zip(here, own, strict=True) if there != name]
    if not wrong:
        return ""
    return f"a copy, or renamed: it is {'/'.join(own)} by its facts, so '{wrong[0]}' is not its name"


def once_each(runs: Iterable[Run]) -> tuple[list[Run], LeftOut]:
    """Each draw once: a second run of the same paper, row, config, seed and draw is left out."""
    kept: dict[tuple, Run] = {}
    twice = []
    for run in runs:
        first = kept.setdefault(run.identity, run)
        if first is not run:
            twice.append((run.folder, f"the same draw as {first.folder}, which counts"))
    return list(kept.values()), twice


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
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
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
    damage = broken(facts, folder)
    if damage:
        raise DamagedRun(f"{damage}: run it again")
    return facts


def _read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", newline="", encoding="utf-8") as file:
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
    packed = folder / f"{PREDICTIONS}.gz"
    header, body = _read_table(packed if packed.is_file() else folder / PREDICTIONS)
    classes = tuple(h.removeprefix("probability_") for h in header if h.startswith("probability_"))
    k = len(classes)
    expected = COLUMNS + [f"probability_{c}" for c in classes]
    scored = header == expected + [f"score_{c}" for c in classes]
    if not classes or not (scored or header == expected):
        raise DamagedRun(f"{PREDICTIONS}: the columns are not split, sample, patient, true, probability_…")
    columns = list(zip(*body, strict=True)) or [()] * len(header)
    index = {name: i for i, name in enumerate(classes)}
    try:
        cells = [list(map(float, column)) for column in columns[len(COLUMNS) :]]
        numbers = np.array(cells).T.reshape(len(body), len(cells))
        true = np.array([index[name] for name in columns[3]], dtype=int)
    except (ValueError, KeyError) as error:
        raise DamagedRun(f"{PREDICTIONS} holds {error}, no number or class: run it again") from error
    if not np.isfinite(numbers).all():
        raise DamagedRun(f"{PREDICTIONS} holds NaN or infinity: run it again")
    if not distributions(numbers[:, :k]):
        raise DamagedRun(
            f"{PREDICTIONS}: the probabilities of an image must be 0 to 1, with sum 1: run it again"
        )
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
