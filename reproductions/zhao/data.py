"""COVIDx CT-2A by its official split: who is in it, cut to the box, resized, cropped and flipped."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_builders import catalog, phantom, splits
from data_builders.augment import Augment
from data_builders.catalog import Table
from data_builders.listed import look_up
from data_builders.pipeline import eval_batches, repeat_grey, train_batches
from data_builders.pixels import Frame, load_pixels
from data_builders.split_lists import Piece, Split
from reproductions.zhao.config import CLASSES, DATASET, Lists, Row, split_of
from reproductions.zhao.schedule import blocks
from shared.base.errors import UserError

SPLITS = ("train", "validation", "test")
PARTS = {"train": "training", "validation": "validation", "test": "test"}
"""The official lists, and what every paper's lists call them."""
IN_DATASET = ("Normal", "Pneumonia", "COVID-19")
"""The dataset's words for the paper's classes, in the same order."""


@dataclass(frozen=True)
class Images:
    """The images of one split at one size."""

    table: Table
    pixels: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """The class of each, as the paper counts them: 0 Normal, 1 CP, 2 NCP."""
        return self.table.label


def load(
    data_dir: Path, cache_dir: Path, blind: str = "", split_list: Path | None = None
) -> dict[str, Table]:
    """The three official splits or those of a list, no patient in two of them; seen as the row says."""
    table = catalog.build(DATASET, data_dir, cache_dir).blinded(blind)
    return of_list(table, split_list) if split_list else official(table)


def of_list(table: Table, path: Path) -> dict[str, Table]:
    """The table by the parts of a list."""
    found = look_up(path, [table], tuple(PARTS.values()))
    found.refuse_shared(table.patient, "patient")
    return {name: table.take(found.rows[part]) for name, part in PARTS.items()}


def listed(data_dir: Path) -> dict[str, Table]:
    """The same from the lists alone, whether or not the images are there."""
    return official(catalog.metadata(DATASET, data_dir))


def official(table: Table) -> dict[str, Table]:
    """The table by split; a patient in two of them is an error."""
    if table.classes != IN_DATASET:
        raise ValueError(f"{DATASET}: classes {table.classes} instead of {IN_DATASET}")
    tables = {name: table.take(table.extra["split"] == name) for name in SPLITS}
    refuse_shared_patients(tables)
    return tables


def published_splits(rows: Sequence[Row | Lists], data_dir: Path, cache_dir: Path) -> Iterator[Split]:
    """The official split, which all of these rows take but the counting one."""
    for name in {split_of(row) for row in rows} - {""}:
        if not catalog.missing(DATASET, data_dir):
            table = catalog.build(DATASET, data_dir, cache_dir)
            of_part = {part: np.flatnonzero(table.extra["split"] == own) for own, part in PARTS.items()}
            yield Split(name, (Piece(table, of_part),))


def refuse_shared_patients(tables: dict[str, Table]) -> None:
    """Stops when a patient's images are in two splits: the paper's numbers would mean something else."""
    for first, second in itertools.combinations(tables, 2):
        shared = sorted(set(tables[first].patient) & set(tables[second].patient))
        if shared:
            raise UserError(
                f"{DATASET}: patient {shared[0]} is in both {first} and {second} ({len(shared)} such"
                " patients); use the official split files"
            )


def images(table: Table, side: int, cache_dir: Path) -> Images:
    """A split cut to its annotated boxes and resized."""
    return Images(table, load_pixels(table, Frame(side, side, box=True), cache_dir))


def subset(row: Row, labels, seed: int) -> np.ndarray:
    """The training images of a row: all, or as many of each class as Figure 8 says."""
    if not row.per_class:
        return np.arange(len(labels))
    return splits.pick_per_class(labels, row.per_class, seed)


def training_blocks(row: Row, training: Images, seed: int):
    """block number -> its batches, images drawn uniformly at random."""
    sizes = blocks(row.schedule[-1], row.block)
    rows = subset(row, training.labels, seed)

    def batches(block: int):
        return train_batches(
            training.pixels,
            training.labels,
            classes=len(CLASSES),
            batch=row.batch,
            seed=seed,
            epoch=block,
            augment=Augment(flip=True, crop=(row.crop, row.crop)),
            finish=finish(row),
            rows=rows,
            steps=sizes[block],
            mixup=row.mixup,
        )

    return batches


def ordered(row: Row, shown: Images, rows=None):
    """Images as the network sees them in a test, in their order."""
    return eval_batches(shown.pixels, batch=row.batch, finish=finish(row), rows=rows)


def curve_rows(row: Row, count: int) -> np.ndarray:
    """The images that are scored after every block, spread evenly over their split."""
    return np.linspace(0, count - 1, round(row.curve_share * count)).round().astype(int)


@functools.cache
def finish(row: Row):
    """Pixels 0..255 in one channel to what the network takes; one function for all blocks, traced once."""
    low, high = row.pixel_range
    return lambda pixels: repeat_grey(pixels / 255.0 * (high - low) + low)


def counts(tables: dict[str, Table]) -> dict[str, dict[str, dict[str, int]]]:
    """Figure 2: images and patients of each class in each split."""
    found: dict[str, dict[str, dict[str, int]]] = {"images": {}, "patients": {}}
    for name, table in tables.items():
        of_class = {cls: table.label == index for index, cls in enumerate(CLASSES)}
        found["images"][name] = {cls: int(rows.sum()) for cls, rows in of_class.items()}
        found["patients"][name] = {cls: len(set(table.patient[rows])) for cls, rows in of_class.items()}
    return found


def write_phantoms(folder: Path, shuffled: bool = False) -> None:
    """A look-alike of COVIDx CT-2A for the demo."""
    phantom.write(DATASET, folder, per_class=100, side=64, shuffled=shuffled)
