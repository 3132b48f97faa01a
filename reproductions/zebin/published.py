"""The paper's own splits, for the audit and for others, and rows that run from a list instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from data_builders import catalog
from data_builders.listed import look_up, places
from data_builders.split_lists import Piece, Split
from reproductions.zebin import data
from reproductions.zebin.config import CLASSES, Row, split_of
from shared.paper import Context


def splits(rows: Sequence[Row], data_dir: Path, cache_dir: Path) -> Iterator[Split]:
    """Each fold of these rows, class by class: no dataset has images of all three."""
    if any(catalog.missing(name, data_dir) for name in ("covid_chestxray", "kermany_pneumonia")):
        return
    tables = data.load_tables(data_dir, cache_dir)
    for name, row in {split_of(row): row for row in rows}.items():
        chosen = data.choose(row, *tables, 0)
        for draw in range(row.draws):
            yield Split(f"{name}-draw-{draw}", _of_draw(row, chosen, draw))


def _of_draw(row: Row, chosen: data.Chosen, draw: int) -> tuple[Piece, ...]:
    """A draw's real images, class by class."""
    real, made = len(chosen.labels), row.synthetic if row.augmentation == "v2" else 0
    nothing = np.zeros((real, 1, 1, 1), "uint8")  # how images look decides no split
    samples = data.split(row, chosen, nothing, 0)
    if made:
        sources = np.resize(samples.of(data.NORMAL), made)
        samples = samples.with_synthetic(row, np.zeros((made, 1, 1, 1), "uint8"), sources)
    fold = data.fold(row, samples, draw, 0)
    parts = {"training": fold.train, "validation": fold.validation, "test": samples.test}
    parts = {name: found[found < real] for name, found in parts.items() if len(found)}
    return tuple(_of_class(label, chosen, parts) for label in range(len(CLASSES)))


def _of_class(label: int, chosen: data.Chosen, parts: dict[str, np.ndarray]) -> Piece:
    """The parts' places of one class, counted from its first: its table begins there."""
    first = np.flatnonzero(chosen.labels == label)[0]
    own = {name: found[chosen.labels[found] == label] - first for name, found in parts.items()}
    return Piece(chosen.tables[label], own, CLASSES[label])


def from_list(
    row: Row, covid: catalog.Table, kermany: catalog.Table, context: Context
) -> tuple[data.Chosen, data.Samples]:
    """A list's images, class by class in the order of their datasets, and who is in which part."""
    assert context.split_list
    tables, parts = (covid, kermany), ("training", "validation", "test")
    found = look_up(context.split_list, tables, parts if row.folds > 1 else ("training", "test"))
    shown = np.concatenate([_classes(table) for table in tables])
    found.refuse(shown < 0, f"it shows none of {', '.join(CLASSES)}: leave the line out")
    if row.protocol == "clean":
        found.refuse_shared(np.concatenate([table.patient for table in tables]), "patient")
    listed = np.sort(found.everything)
    by_class = [listed[shown[listed] == label] for label in range(len(CLASSES))]
    chosen = data.Chosen(
        (covid.take(by_class[0]), *(kermany.take(rows - len(covid)) for rows in by_class[1:]))
    )
    place = {part: places(np.concatenate(by_class), rows) for part, rows in found.rows.items()}
    pixels = chosen.pixels(row.side, context.cache_dir)
    validation = place.get("validation", np.zeros(0, int))
    train = np.sort(np.concatenate([place["training"], validation]))
    samples = data.samples(row, chosen, pixels, train, place["test"])
    return chosen, replace(samples, listed=(place["training"], validation))


def _classes(table: catalog.Table) -> np.ndarray:
    """The class of each image, -1 for none."""
    found = np.full(len(table), -1)
    for label, (name, kind) in data.SOURCES.items():
        if name == table.dataset:
            found[table.label == table.classes.index(kind)] = label
    return found
