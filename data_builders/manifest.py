"""The state of a dataset when it was built, one line per image, and a check that the files still match."""

from __future__ import annotations

import contextlib
import csv
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from data_builders.decoding import Picture
from data_builders.image_files import Problem, Refused
from data_builders.published import Dataset
from data_builders.scanning import Image, Scan
from shared.base import sums
from shared.base.claim import claimed
from shared.base.errors import UserError
from shared.base.files import whole

FILE = "manifest.csv"
PROBLEMS = "problems.csv"
_FOUND = ("file", "size", "mtime_ns", "problem", "sha256", "format", "channels", "width", "height")
csv.field_size_limit(1 << 27)


class Writer:
    """Writes the manifest line by line while the dataset is built."""

    def __init__(self, path: Path, dataset: Dataset, root: Path) -> None:
        self._out = path.open("w", newline="", encoding="utf-8")
        self._csv = csv.writer(self._out, lineterminator="\n")
        self._csv.writerow([*_columns(dataset), *_FOUND])
        self._root = root

    def add(self, image: Image, picture: Picture | None, problem: str = "") -> None:
        """One image: taken (with its picture) or not (with the reason)."""
        facts: Sequence = [""] * 5
        if picture:
            facts = (picture.sha256, picture.format, picture.channels, picture.width, picture.height)
        self._csv.writerow([*_identity(image, self._root), *_state(image), problem, *facts])

    def close(self) -> None:
        """Finish the file."""
        self._out.close()


def write_problems(path: Path, problems: Iterable[Problem]) -> None:
    """The list of what was not taken, and why."""
    with whole(path) as new, new.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["file", "kind", "reason"])
        writer.writerows((problem.file, problem.kind, problem.reason) for problem in problems)


def read(folder: Path) -> dict[str, list[str]]:
    """The manifest of a built dataset, column by column."""
    with (folder / FILE).open(newline="", encoding="utf-8") as lines:
        header, *rows = csv.reader(lines)
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return dict(zip(header, map(list, columns), strict=True))


def check(folder: Path, dataset: Dataset, root: Path, scan: Scan) -> dict[str, list[str]]:
    """The manifest's columns, after comparing them with the raw files; a change is an error that names it.

    A file whose size and time of change are as they were is taken as unchanged, any other is hashed again.
    """
    columns = read(folder)
    then = list(zip(*(columns[name] for name in [*_columns(dataset), "file"]), strict=True))
    now = [_identity(image, root) for image in scan.images]
    if then != now:
        raise _changed(dataset, _first_difference(then, now), folder)
    states = zip(scan.images, columns["size"], columns["mtime_ns"], columns["sha256"], strict=True)
    touched = [(image, size, sha) for image, size, mtime, sha in states if _state(image) != (size, mtime)]
    for image, size, sha in touched:
        if not _same_bytes(image, size, sha):
            raise _changed(dataset, image.name, folder)
    if touched:
        columns["mtime_ns"] = [_state(image)[1] for image in scan.images]
        with contextlib.suppress(UserError):  # a folder that cannot be written: they are hashed every time
            _rewrite(folder / FILE, columns)
    return columns


def _rewrite(path: Path, columns: dict[str, list[str]]) -> None:
    """Keep the new times, so that files that were only copied are not hashed at every use."""
    with claimed(claim_of(path.parent)):  # a file that has another sum would be taken for damage
        with whole(path) as new, new.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        sums.renew(path.parent, path.name)


def claim_of(folder: Path) -> Path:
    """What a process holds while it builds a dataset here, or changes one of its files with the sum of it."""
    return folder.parent / ".claim"


def _columns(dataset: Dataset) -> tuple[str, ...]:
    return ("name", "label", "patient", *dataset.extra)


def _identity(image: Image, root: Path) -> tuple[str, ...]:
    file = str(image.file).removeprefix(f"{root}/") if image.file else ""
    return (image.name, str(image.label), image.patient, *image.extra, file)


def _state(image: Image) -> tuple[str, str]:
    return (str(image.file.size), str(image.file.mtime_ns)) if image.file else ("", "")


def _same_bytes(image: Image, size: str, sha256: str) -> bool:
    if image.file is None or str(image.file.size) != size:
        return False
    try:
        return hashlib.sha256(image.file.read()).hexdigest() == sha256
    except Refused:
        return False


def _first_difference(then: list[tuple], now: list[tuple]) -> str:
    """The name of the first image that was added, taken away, or has another label or place."""
    at = next((i for i, (old, new) in enumerate(zip(then, now, strict=False)) if old != new), None)
    if at is None:
        at = min(len(then), len(now))
        return (then if len(then) > len(now) else now)[at][0]
    return now[at][0] if len(now) > len(then) else then[at][0]


def _changed(dataset: Dataset, name: str, folder: Path) -> UserError:
    return UserError(
        f"{dataset.name}: {name} is not what it was when the dataset was built: "
        f"restore it, or delete {folder} to build anew"
    )
