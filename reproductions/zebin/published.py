"""The paper's own splits as lists, for the audit and for others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from data_builders import catalog
from reproductions.zebin import data
from reproductions.zebin.config import CLASSES, ROWS, Row


def splits(data_dir: Path, cache_dir: Path) -> Iterator[tuple[str, catalog.Table, dict[str, np.ndarray]]]:
    """Each fold under both protocols, class by class: no dataset has images of all three."""
    if any(catalog.missing(name, data_dir) for name in ("covid_chestxray", "kermany_pneumonia")):
        return
    tables = data.load_tables(data_dir, cache_dir)
    for row in (row for row in ROWS if row.id in ("vgg16-v1", "vgg16-v1-clean")):
        chosen = data.choose(row, *tables, 0)
        for draw in range(row.draws):
            for label, places in _of_draw(row, chosen, draw).items():
                yield f"{row.protocol}-draw-{draw}-{CLASSES[label]}", chosen.tables[label], places


def _of_draw(row: Row, chosen: data.Chosen, draw: int) -> dict[int, dict[str, np.ndarray]]:
    """Class -> part -> rows of the class's table."""
    nothing = np.zeros((len(chosen.labels), 1, 1, 1), "uint8")  # how images look decides no split
    samples = data.split(row, chosen, nothing, 0)
    fold = data.fold(row, samples, draw, 0)
    parts = {"training": fold.train, "validation": fold.validation, "test": samples.test}
    return {label: _of_class(label, chosen.labels, parts) for label in range(len(CLASSES))}


def _of_class(label: int, labels: np.ndarray, parts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The parts' places of one class, counted from its first: its table begins there."""
    first = np.flatnonzero(labels == label)[0]
    return {name: np.sort(places[labels[places] == label]) - first for name, places in parts.items()}
