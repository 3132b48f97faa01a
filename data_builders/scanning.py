"""From a folder's listing and a dataset's own labels to one entry per image; no pixel is touched."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from data_builders.image_files import (
    SUFFIXES,
    File,
    Problem,
    by_name,
    list_either,
    list_folder,
    natural,
    readable,
)
from shared.base.errors import UserError


@dataclass(frozen=True, slots=True)
class Image:
    """An image as the dataset's own labels have it; without a file where the label file alone names it."""

    name: str
    label: int
    patient: str = ""
    extra: tuple[str, ...] = ()
    file: File | None = None


@dataclass
class Scan:
    """The contents of a dataset's folder."""

    images: list[Image] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Notes for the user about choices made, such as the views that were taken."""
    wanted: frozenset[str] | None = None
    """The names of the images that are asked for; None asks for all."""

    def only(self, names: frozenset[str]) -> Scan:
        """The same labels, with the files of these images alone; whatever else lies there is no problem."""
        images = [image if image.name in names else replace(image, file=None) for image in self.images]
        return Scan(images, [], self.notes, names)

    def asks_for(self, image: Image) -> bool:
        """Whether that image is asked for."""
        return self.wanted is None or image.name in self.wanted

    def all_problems(self) -> list[Problem]:
        """Problems of the listing, and each labelled image that is absent although it is asked for."""
        missing = (image for image in self.images if not image.file and self.asks_for(image))
        return [*self.problems, *map(absent, missing)]


def absent(image: Image) -> Problem:
    """The message for a label without a file."""
    return Problem(image.name, "absent", "a label names it, no such file is there")


def add_class(
    scan: Scan,
    root: Path,
    folder: str,
    label: int,
    patient: Callable[[str], str] = lambda name: "",
    extra: Callable[[str], tuple[str, ...]] = lambda name: (),
) -> None:
    """Add the images of a folder (or zip archive) of one class; patient and extra go by the file name."""
    files, problems = list_either(root / folder)
    found, twice = by_name(files)
    scan.problems += [*problems, *twice]
    scan.images += [
        Image(f"{folder}/{name}", label, patient(name), extra(name), f) for name, f in found.items()
    ]
    _refuse_two_classes(scan)


def _refuse_two_classes(scan: Scan) -> None:
    """Take from nowhere a file that links bring under two classes: one of its labels is wrong."""
    labels: dict[str, set[int]] = {}
    for image in scan.images:
        if image.file:
            labels.setdefault(image.file.real, set()).add(image.label)
    both = {real for real, found in labels.items() if len(found) > 1}
    if not both:
        return
    refused = [image for image in scan.images if image.file and image.file.real in both]
    scan.images = [image for image in scan.images if not image.file or image.file.real not in both]
    reason = "a link brings the same file under two classes: remove the link"
    scan.problems += [Problem(str(image.file), "refused", reason) for image in refused]


def add_strays(scan: Scan, *folders: Path) -> None:
    """Refuses images that lie next to the class folders: nothing says what they show."""
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if path.name.lower().endswith(SUFFIXES) and path.is_file():
                scan.problems.append(Problem(readable(path), "refused", "it lies in no class folder"))


def pair(
    images: Iterable[Image], folder: Path, left_out: Iterable[str] = (), read: Iterable[Path] = ()
) -> Scan:
    """Give each image of a label file its own file below the folder; an image that nothing names is refused.

    `left_out`: names that the label file has but the dataset does not take; `read`: the label files.
    A folder that is not there holds no image: the labels alone are a dataset in part.
    """
    images = sorted(images, key=lambda image: natural(image.name))
    for one, next_one in itertools.pairwise(images):
        if one.name == next_one.name:
            raise UserError(f"{folder}: the labels name {one.name} twice: keep one of the two lines")
    files, problems = list_folder(folder) if folder.exists() else ([], [])
    found, twice = by_name(files)
    known = {image.name for image in images}.union(left_out)
    strays = [
        Problem(str(f), "refused", "no label names it") for name, f in found.items() if name not in known
    ]
    with_files = [replace(image, file=found.get(image.name)) for image in images]
    labels = {str(path) for path in read}
    return Scan(with_files, [*(p for p in problems if p.file not in labels), *twice, *strays])


def read_csv(path: Path, needed: Iterable[str]) -> list[dict[str, str]]:
    """The lines of a label file by column name; one that lacks a column is an error, as is a file without."""
    needed, found = tuple(needed), []
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as lines:
            reader = csv.DictReader(lines)
            lost = [column for column in needed if column not in (reader.fieldnames or ())]
            if lost:
                raise UserError(f"{path} has no column '{lost[0]}': it is not the dataset's label file")
            for line in reader:
                if any(line[column] is None for column in needed):
                    raise UserError(f"{path}, line {reader.line_num} is cut off: download the file again")
                found.append(line)
            return found
    except csv.Error as error:
        raise UserError(f"{path} is not readable as CSV ({error}): download it again") from error


def read_lines(path: Path) -> list[str]:
    """The lines of a list of file names."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        at = f"byte {error.start:,} is not UTF-8"
        raise UserError(f"{path} is not a list of file names ({at}): download it again") from error


def number(text: str | None) -> str:
    """The text where it is a number, else '' (unknown)."""
    try:
        return str(float(text or ""))
    except ValueError:
        return ""
