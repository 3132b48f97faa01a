"""What a dataset was when it was built, one line per image, and whether the raw files are still that."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from data_builders.image_files import File, Picture, Problem
from data_builders.published import DataError, Dataset

FILE = "manifest.csv"
PROBLEMS = "problems.csv"
_FOUND = ("file", "size", "mtime_ns", "problem", "sha256", "format", "channels", "width", "height")
csv.field_size_limit(1 << 27)


@dataclass(frozen=True, slots=True)
class Row:
    """An image as the dataset's own labels have it; without a file where the label file alone names it."""

    name: str
    label: int
    patient: str
    extra: tuple[str, ...]
    file: File | None


@dataclass
class Scan:
    """What stands in a dataset's folder by names and label files alone: no pixel is touched."""

    rows: list[Row]
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What a user should know of the choice made, such as the views that were taken."""

    def all_problems(self) -> list[Problem]:
        """Problems of the listing, and each labelled image that is absent."""
        absent = [
            Problem(row.name, "absent", "a label names it, no file is there")
            for row in self.rows
            if not row.file
        ]
        return [*self.problems, *absent]


class Writer:
    """Writes the manifest line by line while the dataset is built."""

    def __init__(self, path: Path, dataset: Dataset, root: Path) -> None:
        self._out = path.open("w", newline="", encoding="utf-8")
        self._csv = csv.writer(self._out, lineterminator="\n")
        self._csv.writerow([*_columns(dataset), *_FOUND])
        self._root = root

    def add(self, row: Row, picture: Picture | None, problem: str = "") -> None:
        """One image: taken (with its picture) or not (with the reason)."""
        facts: Sequence = [""] * 5
        if picture:
            facts = (picture.sha256, picture.format, picture.channels, picture.width, picture.height)
        self._csv.writerow([*_identity(row, self._root), *_state(row), problem, *facts])

    def close(self) -> None:
        """Finish the file."""
        self._out.close()


def write_problems(path: Path, problems: Iterable[Problem]) -> None:
    """The list of what was not taken, and why."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["file", "kind", "reason"])
        writer.writerows((problem.file, problem.kind, problem.reason) for problem in problems)


def read(folder: Path) -> dict[str, list[str]]:
    """The manifest of a built dataset, column by column."""
    with (folder / FILE).open(newline="", encoding="utf-8") as lines:
        header, *rows = csv.reader(lines)
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return dict(zip(header, map(list, columns), strict=True))


def check(folder: Path, columns: dict[str, list[str]], dataset: Dataset, root: Path, scan: Scan) -> None:
    """Compare the raw files and labels with the manifest; a change is an error that names the file.

    A file whose size and time of change are as they were is taken as unchanged, any other is hashed again.
    """
    then = zip(*(columns[name] for name in [*_columns(dataset), "file"]), strict=True)
    now = [_identity(row, root) for row in scan.rows]
    for before, after in zip(then, now, strict=False):
        if before != after:
            raise _changed(dataset, _first_to_name(before, after, columns["name"], now), folder)
    if len(now) != len(columns["name"]):
        longer = columns["name"] if len(now) < len(columns["name"]) else [row[0] for row in now]
        raise _changed(dataset, longer[min(len(now), len(columns["name"]))], folder)
    states = zip(scan.rows, columns["size"], columns["mtime_ns"], columns["sha256"], strict=True)
    for row, size, mtime, sha256 in states:
        if _state(row) != (size, mtime) and not _same_bytes(row, size, sha256):
            raise _changed(dataset, row.name, folder)


def _columns(dataset: Dataset) -> tuple[str, ...]:
    return ("name", "label", "patient", *dataset.extra)


def _identity(row: Row, root: Path) -> tuple[str, ...]:
    file = str(row.file).removeprefix(f"{root}/") if row.file else ""
    return (row.name, str(row.label), row.patient, *row.extra, file)


def _state(row: Row) -> tuple[str, str]:
    return (str(row.file.size), str(row.file.mtime_ns)) if row.file else ("", "")


def _same_bytes(row: Row, size: str, sha256: str) -> bool:
    if row.file is None or str(row.file.size) != size:
        return False
    return hashlib.sha256(row.file.read()).hexdigest() == sha256


def _first_to_name(before: tuple, after: tuple, then: list[str], now: list[tuple]) -> str:
    """Which image to name where the two lists part: one that was added or removed, else one that changed."""
    if after[0] not in then:
        return after[0]
    return before[0]


def _changed(dataset: Dataset, name: str, folder: Path) -> DataError:
    return DataError(
        f"{dataset.name}: {name} is not what it was when the dataset was built: "
        f"restore it, or delete {folder} to build anew"
    )
