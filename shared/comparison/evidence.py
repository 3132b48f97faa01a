"""Evidence: real draws as they are kept with a paper, small enough to be part of its repository.

A draw of evidence is a run folder: predictions as compressed CSV with rounded probabilities, the history, and
the facts, sealed anew. All numbers that are shown are computed from it.
"""

from __future__ import annotations

import csv
import gzip
import io
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from shared.base.files import make_folder
from shared.comparison.run_folders import HISTORY, PREDICTIONS, move_in, own_place, predictions_table
from shared.comparison.runs import Predictions, Run
from shared.comparison.seals import FACTS, SEAL, write_facts

PACKED = f"{PREDICTIONS}.gz"
DIGITS = 4
"""Of a probability; more where fewer would change a decision."""


def place_of(run: Run, evidence: Path) -> Path:
    """Where a run is kept under a paper's evidence folder."""
    return evidence.joinpath(*own_place(run))


def unfit(run: Run) -> str:
    """'' where a run may be recorded, else one line of reason: its code must be known."""
    if run.demo:
        return "a demo"
    starts = [run.facts.get("code"), *(entry.get("code") for entry in run.facts.get("resumed", ()))]
    starts = [code for number, code in enumerate(starts) if code or not number]
    made = [code for codes in (run.facts.get("stages") or {}).values() for code in codes]
    return next(filter(None, map(_untold, [*starts, *made])), "")


def _untold(code: Mapping[str, Any] | None) -> str:
    if not code or not code.get("commit"):
        return "it does not say which commit ran: start it from a git checkout"
    changed = code.get("changed") or ()
    if not changed:
        return ""
    files = changed[0] + (f" and {len(changed) - 1} more" if len(changed) > 1 else "")
    return f"{files} differed from commit {code['commit'][:9]}: run it from a clean worktree"


def same_run(run: Run, recorded: Run) -> bool:
    """Whether the second is the first as it was recorded."""
    return recorded.facts.get("recorded") == run.facts[SEAL][FACTS]


def record_run(run: Run, target: Path) -> None:
    """Keeps a run at `target`: the same bytes for the same run, each time."""
    facts = {key: value for key, value in run.facts.items() if key not in (SEAL, "pictures")}
    make_folder(target.parent)
    work = Path(tempfile.mkdtemp(prefix=".writing-", dir=target.parent))
    try:
        (work / PACKED).write_bytes(packed(run.predictions))
        if (run.folder / HISTORY).is_file():
            shutil.copyfile(run.folder / HISTORY, work / HISTORY)
        write_facts(work, {**facts, "recorded": run.facts[SEAL][FACTS]})
        make_folder(target)
        move_in(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def packed(predictions: Predictions) -> bytes:
    """Predictions as compressed CSV, without the time and name that gzip would add."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header, rows = predictions_table(predictions, rounded)
    writer.writerow(header)
    writer.writerows(rows)
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as file:
        file.write(text.getvalue().encode())
    return out.getvalue()


def rounded(values: np.ndarray) -> list[list[str]]:
    """Columns of numbers with as few digits, from four on, as leave the greatest of each line where it is."""
    digits = np.full(len(values), DIGITS)
    while True:
        columns = [list(map(_short, column, digits.tolist())) for column in values.T.astype(float).tolist()]
        changed = np.array(columns, dtype=float).argmax(axis=0) != values.argmax(axis=1)
        if not changed.any():
            return columns
        digits[changed] += 1


def _short(value: float, digits: int) -> str:
    """Without the zeros at its end; from 17 digits on, as many as read the same bits back."""
    text = f"{value:.{digits}f}" if digits < 17 else repr(value)
    return text if "e" in text or "." not in text else text.rstrip("0").rstrip(".")


def files_of(run: Run) -> list[Path]:
    """The files of a recorded draw."""
    return [run.folder / name for name in run.facts[SEAL]]


def strange_files(evidence: Path, known: Iterable[Path]) -> list[Path]:
    """What lies in an evidence folder and belongs to none of its draws."""
    known = set(known)
    return sorted(path for path in evidence.rglob("*") if path.is_file() and path not in known)
