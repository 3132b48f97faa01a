"""The three-class set of Table 1, its fixed test set, its folds, and who may see what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from data_builders import catalog, phantom, splits
from data_builders.augment import Augment
from data_builders.pipeline import Frame, load_pixels
from data_builders.pixels import resize
from reproductions.zebin.config import CLASSES, Row
from shared.base.errors import UserError

COVID, NORMAL, PNEUMONIA = range(len(CLASSES))
VIEWS = {"PA": ("PA",), "AP": ("AP", "AP Supine")}
SOURCES = {COVID: ("covid_chestxray", "COVID-19"), NORMAL: ("kermany_pneumonia", "NORMAL")} | {
    PNEUMONIA: ("kermany_pneumonia", "PNEUMONIA")
}
"""Class -> dataset and the dataset's own class."""

# What a seed is used for, so that no two draws from it are the same.
CHOICE, TEST, FOLDS = range(3)


@dataclass(frozen=True)
class Chosen:
    """The images of a run as entries of their datasets' tables, classes in Table 2's order."""

    tables: tuple[catalog.Table, ...]
    """One per class."""

    def pixels(self, side: int, cache_dir: Path) -> np.ndarray:
        """Grey images, uint8 (n, side, side, 1)."""
        return np.concatenate([load_pixels(table, Frame(side, side), cache_dir) for table in self.tables])

    @property
    def labels(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.tables)), [len(table) for table in self.tables])

    @property
    def names(self) -> np.ndarray:
        return np.concatenate([table.name for table in self.tables])

    @property
    def patients(self) -> np.ndarray:
        """Patients are known by number in one dataset and by file name in the other: no two are alike."""
        return np.concatenate([table.patient for table in self.tables])


@dataclass(frozen=True)
class Samples:
    """All images of a run; an image's place is its key in augmentation, whatever fold it is in."""

    pixels: np.ndarray
    labels: np.ndarray
    names: np.ndarray
    patients: np.ndarray
    train: np.ndarray
    test: np.ndarray
    synthetic: np.ndarray
    """Places of the CycleGAN's images, behind the real ones."""
    sources: np.ndarray
    """The place of the image that each of them was made of."""
    listed: tuple[np.ndarray, np.ndarray] | None = None
    """The training and validation places of a list, instead of folds."""

    def of(self, label: int) -> np.ndarray:
        """The training images of a class: all that a CycleGAN or a search for neighbours may see."""
        return self.train[self.labels[self.train] == label]

    def with_synthetic(self, row: Row, images: np.ndarray, sources: np.ndarray) -> Samples:
        """Together with COVID-19 images made of these training images, of the same range as real ones."""
        side = self.pixels.shape[1]
        added = prepared(row, np.stack([resize(image, side, side) for image in images]))
        return replace(
            self,
            pixels=np.concatenate([self.pixels, added]),
            labels=np.concatenate([self.labels, np.full(len(added), COVID)]),
            names=np.concatenate(
                [self.names, [f"synthetic-{i}-of-{self.names[s]}" for i, s in enumerate(sources)]]
            ),
            patients=np.concatenate([self.patients, self.patients[sources]]),
            synthetic=len(self.pixels) + np.arange(len(added)),
            sources=sources,
        )

    def without_synthetic(self) -> Samples:
        """Of the same places, with nobody to learn from but real images."""
        return replace(self, synthetic=self.synthetic[:0], sources=self.sources[:0])


@dataclass(frozen=True)
class Fold:
    """Places to train and to validate on; the seed is that of order, dropout, augmentation and the start."""

    train: np.ndarray
    validation: np.ndarray
    seed: int


def choose(row: Row, covid: catalog.Table, kermany: catalog.Table, seed: int) -> Chosen:
    """A seeded draw of Table 1's number of images per class."""
    tables = {"covid_chestxray": covid, "kermany_pneumonia": kermany}
    candidates = [_candidates(row, tables[name], kind) for name, kind in SOURCES.values()]
    chosen = []
    for label, (table, number) in enumerate(zip(candidates, row.images, strict=True)):
        if len(table) < number:
            raise UserError(
                f"{table.dataset} holds {len(table)} images for {CLASSES[label]}; {number} are needed"
            )
        chosen.append(
            table.take(splits.pick_per_class(np.zeros(len(table), int), number, (seed, CHOICE, label)))
        )
    return Chosen(tuple(chosen))


def views(row: Row) -> tuple[str, ...]:
    """The datasets' names of the row's view."""
    if row.view not in VIEWS:
        raise UserError(f"view={row.view}: choose one of {', '.join(VIEWS)}")
    return VIEWS[row.view]


def load_tables(data_dir: Path, cache_dir: Path) -> tuple[catalog.Table, catalog.Table]:
    """The two datasets' tables, of the files that are there."""
    covid, kermany = (
        catalog.build(name, data_dir, cache_dir, partial=True)
        for name in ("covid_chestxray", "kermany_pneumonia")
    )
    return covid, kermany


def split(row: Row, chosen: Chosen, pixels: np.ndarray, seed: int) -> Samples:
    """The fixed test set and the training set, at random or by patient."""
    wanted = dict(enumerate(row.test))
    if row.protocol == "clean":
        train, test = splits.grouped_holdout(chosen.labels, chosen.patients, wanted, (seed, TEST))
    elif row.protocol == "as_published":
        train, test = splits.random_holdout(chosen.labels, wanted, (seed, TEST))
    else:
        raise UserError(f"protocol={row.protocol}: choose as_published or clean")
    return samples(row, chosen, pixels, train, test)


def samples(row: Row, chosen: Chosen, pixels: np.ndarray, train: np.ndarray, test: np.ndarray) -> Samples:
    """The images and their places, none of them synthetic yet."""
    nothing = np.zeros(0, int)
    stretched = prepared(row, pixels)
    return Samples(
        stretched, chosen.labels, chosen.names, chosen.patients, train, test, nothing, sources=nothing
    )


def fold(row: Row, samples: Samples, draw: int, seed: int) -> Fold:
    """The draw's fold; more draws than folds divide the set anew, and augment and start anew too."""
    again, number = divmod(draw, row.folds)
    seed += 1000 * again
    if samples.listed:
        return Fold(*_of_list(row, samples, *samples.listed, seed, number), seed)
    train, validation = folds(row, samples, seed)[number]
    return Fold(train, validation, seed)


def _of_list(row: Row, samples: Samples, train, held, seed: int, number: int) -> splits.Split:
    """A list's places; as published, the row's own folds say where synthetic images go."""
    if row.protocol == "clean":
        return np.concatenate([train, _made_without(samples, held)]), held
    if not len(samples.synthetic):
        return train, held
    made = [np.intersect1d(own, samples.synthetic) for own in folds(row, samples, seed)[number]]
    return np.concatenate([train, made[0]]), np.concatenate([held, made[1]])


def folds(row: Row, samples: Samples, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """(training, validation) places of every fold.

    As published, the CycleGAN's images are part of the set that is divided. Clean, they are only trained on,
    and not in the fold that holds out what they were made of.
    """
    if row.protocol != "clean":
        return _divided(row, samples, np.concatenate([samples.train, samples.synthetic]), seed)
    return [
        (np.concatenate([kept, _made_without(samples, held)]), held)
        for kept, held in _divided(row, samples, samples.train, seed)
    ]


def _made_without(samples: Samples, held: np.ndarray) -> np.ndarray:
    """The synthetic images that were made of none of the held-out ones."""
    return samples.synthetic[~np.isin(samples.sources, held)]


def _divided(
    row: Row, samples: Samples, places: np.ndarray, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """These places, (kept, held out) in each fold; one fold holds out nothing."""
    labels = samples.labels[places]
    if row.folds == 1:
        return [(places, places[:0])]
    if row.protocol == "clean":
        pairs = splits.grouped_k_fold(labels, samples.patients[places], row.folds, (seed, FOLDS))
    else:
        pairs = splits.k_fold(labels, row.folds, (seed, FOLDS))
    return [(places[kept], places[held]) for kept, held in pairs]


def augmentation(row: Row) -> Augment:
    """Version 1 of Table 1."""
    return Augment(rotation=row.rotation, shift=row.shift, flip=row.flip, fill=row.fill)


def prepared(row: Row, pixels: np.ndarray) -> np.ndarray:
    """Intensity normalization: each image's darkest pixel to 0, its brightest to 255."""
    if row.intensity == "raw":
        return np.asarray(pixels)
    if row.intensity != "stretched":
        raise UserError(f"intensity={row.intensity}: choose stretched or raw")
    low = pixels.min(axis=(1, 2, 3), keepdims=True).astype("float32")
    reach = np.maximum(pixels.max(axis=(1, 2, 3), keepdims=True) - low, 1)
    return np.rint((pixels - low) / reach * 255).astype("uint8")


def progression(row: Row, covid: catalog.Table) -> catalog.Table:
    """One patient's images on the days of Fig. 7, in order of time."""
    days = covid.extra["day"]
    mine = (covid.patient == row.progression_patient) & (covid.label == covid.classes.index("COVID-19"))
    rows = np.flatnonzero(mine & np.isin(days, row.progression_days))
    return covid.take(rows[np.argsort(days[rows], kind="stable")])


def write_phantoms(folder: Path, shuffled: bool = False) -> None:
    """Synthetic look-alikes of both datasets."""
    phantom.write("covid_chestxray", folder, per_class=128, side=96, shuffled=shuffled)
    phantom.write("kermany_pneumonia", folder, per_class=60, side=96, shuffled=shuffled)


def _candidates(row: Row, table: catalog.Table, kind: str) -> catalog.Table:
    return table.take(may_be_drawn(row, table, kind))


def may_be_drawn(row: Row, table: catalog.Table, kind: str) -> np.ndarray:
    """Which images of a class may be; of the growing collection, the row's view and first lines."""
    wanted = table.label == table.classes.index(kind)
    if "line" in table.extra:
        wanted &= np.isin(table.extra["view"], views(row)) & (table.extra["line"] <= row.collection)
    return wanted
