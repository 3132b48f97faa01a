"""The paper's own splits as lists, for the audit and for others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from data_builders import catalog
from reproductions.basu import data
from reproductions.basu.config import ROWS

Split = tuple[str, catalog.Table, dict[str, np.ndarray]]


def splits(data_dir: Path, cache_dir: Path) -> Iterator[Split]:
    """Data-A, and each fold of Data-B dataset by dataset, under both protocols."""
    if any(catalog.missing(name, data_dir) for name in ("chest_xray14", "covid_chestxray")):
        return
    nih, covid = (data.table(name, data_dir, cache_dir) for name in ("chest_xray14", "covid_chestxray"))
    for row in (row for row in ROWS if row.id in ("alexnet-detl", "alexnet-detl-clean")):
        protocol = row.protocol
        a, b = data.split_of_a(row, nih, 0), data.images_b(row, nih, covid, 0)
        yield f"data-a-{protocol}", nih, {"training": a.train, "validation": a.validation}
        for number, parts in enumerate(data.folds(row, b.labels, b.patients, 0)):
            yield from _fold(f"data-b-{protocol}-fold-{number}", b, *parts)


def _fold(label: str, b: data.ImagesB, train: np.ndarray, test: np.ndarray) -> Iterator[Split]:
    """Data-B lists the images of one dataset before those of the other."""
    count = len(b.nih)
    parts = {"training": np.sort(train), "test": np.sort(test)}
    yield f"{label}-nih", b.nih, {name: rows[rows < count] for name, rows in parts.items()}
    yield f"{label}-covid", b.covid, {name: rows[rows >= count] - count for name, rows in parts.items()}
