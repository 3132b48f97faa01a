"""The two classes, the pool of augmented images, and its split under both protocols."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_builders import catalog, near_duplicates, phantom, provenance, same_source, splits
from data_builders.augment import Augment
from data_builders.listed import NO_KEY, Listed, look_up
from data_builders.pixels import Frame, load_pixels
from data_builders.split_lists import Piece, Split
from reproductions.elazhari.config import DATASETS, HOLDS, Row, split_of
from shared.base.errors import UserError
from shared.paper import Context, Folders, Provenance
from shared.training.stages import Stages

CLASSES = ("COVID", "non-COVID")
PARTS = {"train": "training", "validation": "validation", "test": "test"}
"""The parts of the split, and what every paper's lists call them."""
MODALITIES = {"xray": "X-ray", "ct": "CT"}
"""As a dataset that holds both calls them."""


@dataclass(frozen=True)
class Items:
    """One part of the split: the image behind each item, and the item's key in the pool."""

    rows: np.ndarray
    keys: np.ndarray
    augmented: bool

    def __len__(self) -> int:
        return len(self.rows)

    def names(self, names: np.ndarray) -> list[str]:
        """An item's sample id: its image, and where it is augmented its number in the pool."""
        chosen = [str(name) for name in names[self.rows]]
        if not self.augmented:
            return chosen
        return [f"{name}#{key}" for name, key in zip(chosen, self.keys, strict=True)]


def load(row: Row, context: Context) -> catalog.Table:
    """The row's images; of a dataset that holds both modalities, the row's own."""
    return of_modality(row, catalog.build(row.dataset, context.data_dir, context.cache_dir))


def facts(row: Row, at: Folders) -> Provenance:
    """Provenance of the row's images: the pool is made of all of them."""
    if "modality" not in catalog.DATASETS[row.dataset].extra:
        return {"data": {row.dataset: provenance.facts(row.dataset, (at.data, at.cache))}}
    from data_builders.mendeley_covid import PUBLISHED

    modality = MODALITIES[row.modality]

    def own(listed: catalog.Table) -> np.ndarray:
        return listed.extra["modality"] == modality

    published = sum(PUBLISHED[modality].values())
    found = provenance.facts(row.dataset, (at.data, at.cache), part=own, published=published)
    return {"data": {row.dataset: found}}


def of_modality(row: Row, table: catalog.Table) -> catalog.Table:
    """The table's images of the row's modality."""
    if "modality" not in table.extra:
        return table
    table = table.take(table.extra["modality"] == MODALITIES[row.modality])
    if not len(table):
        raise UserError(f"{row.dataset} holds no {MODALITIES[row.modality]} images; {row.id} needs them")
    return table


def missing(row: Row, data_dir: Path) -> str | None:
    """None when the row's images are there, else one line: what is missing, or that it is no such dataset."""
    if row.modality not in HOLDS.get(row.dataset, ()):
        fit = ", ".join(name for name, held in HOLDS.items() if row.modality in held)
        return f"dataset={row.dataset} holds no {MODALITIES[row.modality]} images; for these rows set {fit}"
    return catalog.missing(row.dataset, data_dir)


def sources(table: catalog.Table, cache_dir: Path, stages: Stages) -> np.ndarray:
    """Per image its source, named by its first image: copies of one picture, or images of one patient."""
    side = near_duplicates.SIDE

    def make(work: Path) -> None:
        squares = load_pixels(table, Frame(side, side), cache_dir)[..., 0]
        np.save(work / "source.npy", same_source.sources(squares, table.patient))

    key = {"images": table.fingerprint(), "patients": table.hash_of("patient")}
    folder = stages.folder("sources", key, make)
    return table.name[np.load(folder / "source.npy")]


def augmentation(row: Row, items: Items) -> Augment | None:
    """Section 3.1.3. Keras' zoom factor is how much more is seen, the inverse of an enlargement."""
    if not items.augmented:
        return None
    least, most = row.zoom
    return Augment(rotation=row.rotation, zoom=(1 / most, 1 / least), flip=row.flip, fill=row.fill)


def labels(table) -> np.ndarray:
    """0 for COVID, 1 for everything that a dataset calls otherwise."""
    positive = [name.lower().startswith("covid") for name in table.classes]
    return np.where(np.array(positive)[table.label], 0, 1)


def pool(row: Row, truth: np.ndarray) -> np.ndarray:
    """The image behind each of the pool's items, half of them COVID; item i is augmented by (seed, i)."""
    return splits.pool_rows(truth, row.pool)


def items_of(
    row: Row, table: catalog.Table, groups: np.ndarray, draw: int, context: Context
) -> dict[str, Items]:
    """The parts of a draw: those of the row's protocol, or of a list."""
    if context.split_list is None:
        return split(row, labels(table), groups, (context.seed, draw))
    found = look_up(context.split_list, [table], tuple(PARTS.values()), row.protocol == "as_published")
    if row.protocol == "clean":
        found.refuse_shared(groups, "the source")
    return {name: _listed(found, part, pool(row, labels(table))) for name, part in PARTS.items()}


def _listed(found: Listed, part: str, pool: np.ndarray) -> Items:
    """A part of a list: items of the pool where its lines have keys, else images as they are."""
    rows, keys = found.rows[part], found.keys[part]
    if np.all(keys == NO_KEY):
        return Items(rows, rows, augmented=False)
    behind = pool[np.clip(keys, 0, len(pool) - 1)]
    for line in found.lines[part][(behind != rows) | (keys < 0) | (keys >= len(pool))]:
        raise UserError(
            f"{found.path}, line {line}: the pool of {len(pool)} has no such item of the image; give every"
            f" line of '{part}' the key of an item of its image, or none of them a key"
        )
    return Items(rows, keys, augmented=True)


def split(row: Row, truth: np.ndarray, groups, seed: tuple[int, ...]) -> dict[str, Items]:
    """The row's protocol on the row's pool."""
    if row.protocol == "as_published":
        return as_published(row, pool(row, truth), seed)
    if row.protocol == "clean":
        return clean(row, pool(row, truth), truth, groups, seed)
    raise UserError(f"protocol={row.protocol}: choose as_published or clean")


def as_published(row: Row, pool: np.ndarray, seed: tuple[int, ...]) -> dict[str, Items]:
    """The pool split at random: copies of one image fall on both sides."""
    order = np.random.default_rng(seed).permutation(len(pool))
    test, validation, train = np.split(order, np.cumsum(_held_out(row, len(pool))))
    parts = {"train": train, "validation": validation, "test": test}
    return {name: Items(pool[keys], keys, augmented=True) for name, keys in parts.items()}


def clean(row: Row, pool: np.ndarray, truth: np.ndarray, groups, seed: tuple[int, ...]) -> dict[str, Items]:
    """The source images split first; only the training part is augmented.

    Training draws as many items as `as_published` does, from those of the same pool whose image is in the
    training part: an epoch has the same number of steps, and features of the pool serve both protocols.
    """
    rest, test = splits.grouped_holdout(truth, groups, row.test_fraction, (*seed, 0))
    share = row.validation_fraction / (1 - row.test_fraction)
    kept, held = splits.grouped_holdout(truth[rest], np.asarray(groups)[rest], share, (*seed, 1))
    usable = np.flatnonzero(np.isin(pool, rest[kept]))
    size = len(pool) - sum(_held_out(row, len(pool)))
    keys = np.resize(np.random.default_rng((*seed, 2)).permutation(usable), size)
    originals = {"validation": rest[held], "test": test}
    parts = {name: Items(rows, rows, augmented=False) for name, rows in originals.items()}
    return {"train": Items(pool[keys], keys, augmented=True), **parts}


def shared_sources(parts: dict[str, Items], groups) -> float:
    """The share of test items that have an item of the same source in training."""
    groups = np.asarray(groups)
    return float(np.isin(groups[parts["test"].rows], groups[parts["train"].rows]).mean())


def _held_out(row: Row, size: int) -> tuple[int, int]:
    return round(size * row.test_fraction), round(size * row.validation_fraction)


def published_splits(rows: Sequence[Row], data_dir: Path, cache_dir: Path) -> Iterator[Split]:
    """Each draw of these rows on the datasets that are there, with the keys of augmented items."""
    for name, row in {split_of(row): row for row in rows}.items():
        if missing(row, data_dir):
            continue
        table = of_modality(row, catalog.build(row.dataset, data_dir, cache_dir))
        groups = sources(table, cache_dir, Stages(cache_dir / "stages"))
        for draw in range(row.draws):
            items = split(row, labels(table), groups, (0, draw))
            images = {part: items[own].rows for own, part in PARTS.items()}
            keys = {part: items[own].keys for own, part in PARTS.items() if items[own].augmented}
            yield Split(f"{name}-draw-{draw}", (Piece(table, images, keys=keys),))


def write_phantoms(folder: Path, shuffled: bool = False) -> None:
    """Synthetic look-alikes of the two datasets."""
    phantom.write(DATASETS["ct"], folder, per_class=110, side=96, shuffled=shuffled)
    phantom.write(DATASETS["xray"], folder, per_class=40, side=96, shuffled=shuffled)
