"""A split from a file: each line's image is found by name and SHA-256; a row runs from anybody's list."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_builders.table import Table
from shared.base.errors import UserError

COLUMNS = ("part", "dataset", "name", "class", "sha256")
"""A list has these at least; `key` is for augmented items, and other columns are for people."""
NO_KEY = -1
"""The key of an image as it is."""


@dataclass(frozen=True)
class Listed:
    """The images of a list as rows of tables; those of a second table are counted on from the first."""

    path: Path
    rows: dict[str, np.ndarray]
    """Part -> rows, in the order of the file."""
    keys: dict[str, np.ndarray]
    lines: dict[str, np.ndarray]
    """The line of each in the file."""

    @property
    def everything(self) -> np.ndarray:
        """All rows, part after part."""
        return np.concatenate(list(self.rows.values()))

    def refuse(self, wrong: np.ndarray, reason: str) -> None:
        """Stops at the first image that is wrong; `wrong` says so for each row of the tables."""
        lines = [self.lines[part][wrong[rows]] for part, rows in self.rows.items()]
        for line in sorted(np.concatenate(lines).tolist()):
            raise UserError(f"{self.path}, line {line}: {reason}")

    def refuse_shared(self, groups: np.ndarray, what: str) -> None:
        """Stops where a group that a row keeps together is in two parts; '' is no group."""
        first: dict[str, tuple[str, int]] = {}
        for part, rows in self.rows.items():
            for group, line in zip(groups[rows].tolist(), self.lines[part].tolist(), strict=True):
                other, there = first.setdefault(group, (part, line)) if group else (part, line)
                if other != part:
                    raise UserError(
                        f"{self.path}, line {line}: {what} {group} is in {part}, and in {other} too (line"
                        f" {there}), which this row rules out: move all of its images to one part"
                    )


def look_up(path: Path, tables: Sequence[Table], parts: Sequence[str], overlapping: bool = False) -> Listed:
    """The list's images in these tables; what does not fit is an error that names the line.

    Where the paper's own split is `overlapping`, different items of one image may be in two parts.
    """
    lines = _Lines(tables, parts, overlapping)
    found: dict[str, list[tuple[int, int, int]]] = {part: [] for part in parts}
    for number, cells in _read(path):
        try:
            part, row, key = lines.image(number, cells)
        except UserError as error:
            raise UserError(f"{path}, line {number}: {error}") from None
        found[part].append((row, key, number))
    for part, entries in found.items():
        if not entries:
            raise UserError(f"{path}: no line is of the part '{part}': this row needs {_and(parts)}")
    columns = {part: np.array(entries, np.int64).T for part, entries in found.items()}
    rows, keys, numbers = ({part: each[i] for part, each in columns.items()} for i in range(3))
    return Listed(path, rows, keys, numbers)


def places(universe: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each of the wanted numbers is in an array that holds each of them once."""
    order = np.argsort(universe, kind="stable")
    return order[np.searchsorted(universe, wanted, sorter=order)]


def _read(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line in the file, its cells by column)."""
    remedy = "python -m reproductions splits writes such lists"
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="")
            lacking = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if lacking:
                raise UserError(f"{path}, line 1: the column '{lacking[0]}' is missing; {remedy}")
            for cells in reader:
                yield reader.line_num, {name: text.strip() for name, text in cells.items() if name}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: cannot be read as CSV ({error}); {remedy}") from error


class _Lines:
    """Turns lines into images, and remembers those that it has seen."""

    def __init__(self, tables: Sequence[Table], parts: Sequence[str], overlapping: bool):
        self.parts, self.overlapping = parts, overlapping
        self.tables = {table.dataset: table for table in tables}
        self.first = dict(zip(self.tables, np.cumsum([0, *map(len, tables)]).tolist(), strict=False))
        self.rows = {
            (table.dataset, name): row for table in tables for row, name in enumerate(table.name.tolist())
        }
        self.seen: dict[tuple[int, int] | int, tuple[str, int]] = {}

    def image(self, number: int, cells: Mapping[str, str]) -> tuple[str, int, int]:
        """(part, row, key) of a line."""
        part, key = cells["part"], _key(cells.get("key", ""))
        if part not in self.parts:
            raise UserError(f"there is no part '{part}': this row has {_and(self.parts)}")
        row = self._row(cells)
        self._refuse_again(cells["name"], part, row, key)
        for what in ((row, key), row):
            self.seen.setdefault(what, (part, number))
        return part, row, key

    def _row(self, cells: Mapping[str, str]) -> int:
        """The row of a line's image, which must be the one that the list means."""
        dataset, name = cells["dataset"], cells["name"]
        if dataset not in self.tables:
            raise UserError(f"the dataset is '{dataset}', and this row takes {_and(list(self.tables))}")
        if (dataset, name) not in self.rows:
            raise UserError(f"{dataset} holds no image {name}: correct the name, or leave the line out")
        table, row = self.tables[dataset], self.rows[dataset, name]
        here, shown = str(table.extra["sha256"][row]), table.classes[table.label[row]]
        if cells["sha256"].lower() != here:
            remedy = "get the file that the list means, or correct the line"
            raise UserError(f"{name} has another SHA-256 here ({here[:12]}…): {remedy}")
        if cells["class"] != shown:
            raise UserError(f"{name} is '{shown}' in {dataset}, not '{cells['class']}': correct the line")
        return self.first[dataset] + row

    def _refuse_again(self, name: str, part: str, row: int, key: int) -> None:
        """Stops where an image or item was read before and may not be there again."""
        kept = [self.seen.get((row, key)), None if self.overlapping else self.seen.get(row)]
        for before, line in filter(None, kept):
            if before != part or key == NO_KEY:
                raise UserError(
                    f"{name} is in {before} already (line {line}): leave one of the two lines out"
                )


def _key(text: str) -> int:
    """The number in a cell, or `NO_KEY`."""
    if text and not (text.isascii() and text.isdecimal()):
        raise UserError(f"the key '{text}' is no number: give the item's number, or nothing")
    return int(text) if text else NO_KEY


def _and(words: Sequence[str]) -> str:
    return " and ".join(words)
