"""Who is in which part of a split: one piece for each table, written as a CSV for any code."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from data_builders.table import Table


@dataclass(frozen=True)
class Piece:
    """The images of one table in each part of a split."""

    table: Table
    parts: Mapping[str, np.ndarray]
    """Part -> rows of the table, in order; an image with several augmented items is there several times."""
    name: str = ""
    """It tells the pieces of a split from each other."""
    keys: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Part -> the key of each item, for parts of augmented items."""


@dataclass(frozen=True)
class Split:
    """Who is in which part; in several pieces where no table has all of the images."""

    name: str
    pieces: tuple[Piece, ...]

    def labelled(self) -> Iterator[tuple[str, Piece]]:
        """The pieces with a name each, for whoever looks at one table at a time."""
        for piece in self.pieces:
            yield "-".join(filter(None, (self.name, piece.name))), piece


def as_csv(split: Split) -> str:
    """A line for each image or augmented item, part after part; `listed` reads it back."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    keyed = any(piece.keys for piece in split.pieces)
    writer.writerow(["part", "dataset", "name", "class", "patient", "sha256", *["key"] * keyed])
    for part in split.pieces[0].parts:
        for piece in split.pieces:
            keys = piece.keys.get(part, [""] * len(piece.parts[part]))
            lines = zip(_cells(piece.table, piece.parts[part]), keys, strict=True)
            writer.writerows([part, *cells, *[key] * keyed] for cells, key in lines)
    return out.getvalue()


def _cells(table: Table, rows: Iterable[int]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        own = table.dataset, table.name[row], table.classes[table.label[row]], table.patient[row]
        yield *map(str, own), str(table.extra["sha256"][row])
