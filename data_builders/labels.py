"""Labels of somebody's images: a CSV with the columns image and label, and perhaps patient and a box."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.base.errors import UserError

NEEDED, BOX = ("image", "label"), ("left", "top", "right", "bottom")
ALLOWED = (*NEEDED, "patient", *BOX)


@dataclass(frozen=True)
class Label:
    """The class of an image by its index, its patient, and the box that it is cut to."""

    true: int
    patient: str
    box: tuple[int, ...] | None


@dataclass(frozen=True)
class Labels:
    """The labels by image, under its path or its file name."""

    path: Path
    by_image: Mapping[str, Label]

    def of(self, image: str) -> Label:
        """An image's label; one without is an error."""
        return self.by_image[self._line(image)]

    def check(self, images: Iterable[str]) -> None:
        """Each image has a line; a bare file name is that of one image alone."""
        meant: dict[str, str] = {}
        for image in images:
            line = self._line(image)
            other = meant.setdefault(line, image)
            if other != image:
                raise UserError(f"{self.path}: '{line}' may mean {other} or {image}: give their paths")

    def _line(self, image: str) -> str:
        for name in (image, Path(image).name):
            if name in self.by_image:
                return name
        raise UserError(f"{self.path} has no line for {image}: add one, or leave the image out")


def read_labels(path: Path, classes: Sequence[str]) -> Labels:
    """The labels in a CSV; a line that cannot be used is an error that names it."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            columns, lines = list(reader.fieldnames or ()), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} cannot be read as a CSV ({error})") from error
    strange = [name for name in columns if name not in ALLOWED]
    if strange or not set(NEEDED) <= set(columns):
        wrong = f"the column '{strange[0]}' is not known" if strange else f"its columns are {columns}"
        raise UserError(f"{path}: {wrong}; columns are image, label and perhaps {', '.join(ALLOWED[2:])}")
    found: dict[str, Label] = {}
    for number, line in enumerate(lines, 2):
        where = f"{path}, line {number}"
        if line["image"] in found:
            raise UserError(f"{where}: {line['image']} has a line above already: remove one of the two")
        found[line["image"]] = _label(where, line, classes)
    return Labels(path, found)


def _label(where: str, line: Mapping[str, str | None], classes: Sequence[str]) -> Label:
    if line["label"] not in classes:
        raise UserError(f"{where}: '{line['label']}' is no class of this model; it has {', '.join(classes)}")
    return Label(classes.index(line["label"]), line.get("patient") or "", _box(where, line))


def _box(where: str, line: Mapping[str, str | None]) -> tuple[int, ...] | None:
    given = [line.get(side) or "" for side in BOX]
    if not any(given):
        return None
    try:
        return tuple(int(number) for number in given)
    except ValueError:
        raise UserError(f"{where}: a box is four whole numbers, {', '.join(BOX)}") from None
