"""Sets of images for small experiments: which classes of which datasets are told apart."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from data_builders import catalog, near_duplicates, splits
from data_builders.catalog import Table
from data_builders.pixels import Frame, load_pixels
from data_builders.same_source import sources
from shared.base.errors import UserError
from shared.base.text import nearest

OTHER, COVID, NORMAL, PNEUMONIA = "not COVID-19", "COVID-19", "normal", "pneumonia"
CT, XRAY = "CT", "X-ray"
FRONTAL = ("PA", "AP", "AP Supine")
"""Views of the X-rays that are taken; a table without views has no others."""


@dataclasses.dataclass(frozen=True)
class TrialSet:
    """Classes that are told apart, and where their images come from."""

    name: str
    about: str
    modality: str
    classes: tuple[str, ...]
    takes: tuple[tuple[str, str, str], ...]
    """(dataset, the dataset's class, the set's class)."""

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets that it takes images of."""
        return tuple(dict.fromkeys(dataset for dataset, _, _ in self.takes))

    def missing(self, data_dir: Path) -> str | None:
        """None where all its datasets are there, else one line on the first that is not."""
        return next(filter(None, (_missing(name, data_dir) for name in self.datasets)), None)

    def label(self, table: Table) -> np.ndarray:
        """Per image of one of its datasets the index of its class; -1 for those that it does not take."""
        known = {own: self.classes.index(ours) for name, own, ours in self.takes if name == table.dataset}
        label = np.array([known.get(name, -1) for name in table.classes])[table.label]
        if "view" in table.extra:
            label[~np.isin(table.extra["view"], FRONTAL)] = -1
        return label


def _missing(name: str, data_dir: Path) -> str | None:
    """The same of one dataset; lists without an image do not serve."""
    problem = catalog.missing(name, data_dir)
    if problem or catalog.metadata(name, data_dir).extra["present"].any():
        return problem
    return f"{data_dir / name} holds lists and no image: see python -m reproductions data"


SETS = (
    TrialSet(
        "covid_ct",
        "CT figures of preprints",
        CT,
        (OTHER, COVID),
        (("covid_ct", "NonCOVID", OTHER), ("covid_ct", "COVID", COVID)),
    ),
    TrialSet(
        "sars_cov2_ct",
        "CT slices of São Paulo's hospitals",
        CT,
        (OTHER, COVID),
        (("sars_cov2_ct", "non-COVID", OTHER), ("sars_cov2_ct", "COVID", COVID)),
    ),
    TrialSet(
        "covidx_ct",
        "CT slices of several countries",
        CT,
        (OTHER, COVID),
        (
            *(("covidx_ct", name, OTHER) for name in ("Normal", "Pneumonia")),
            ("covidx_ct", "COVID-19", COVID),
        ),
    ),
    TrialSet(
        "kermany_pneumonia",
        "children's chest X-rays of one hospital",
        XRAY,
        (NORMAL, PNEUMONIA),
        (("kermany_pneumonia", "NORMAL", NORMAL), ("kermany_pneumonia", "PNEUMONIA", PNEUMONIA)),
    ),
    TrialSet(
        "covid_chestxray",
        "chest X-rays of publications",
        XRAY,
        (NORMAL, PNEUMONIA),
        (("covid_chestxray", "No Finding", NORMAL), ("covid_chestxray", "COVID-19", PNEUMONIA)),
    ),
    TrialSet(
        "x-rays",
        "the common mixture: children without COVID-19 of one source, adults with it of another",
        XRAY,
        (NORMAL, PNEUMONIA, COVID),
        (
            ("kermany_pneumonia", "NORMAL", NORMAL),
            ("kermany_pneumonia", "PNEUMONIA", PNEUMONIA),
            ("covid_chestxray", "COVID-19", COVID),
        ),
    ),
)


def trial_set(name: str) -> TrialSet:
    """The set of that name; an unknown one is an error that names its nearest neighbours."""
    by_name = {one.name: one for one in SETS}
    if name not in by_name:
        raise UserError(f"no set '{name}'; did you mean {nearest(name, by_name)}?")
    return by_name[name]


@dataclasses.dataclass(frozen=True)
class Sample:
    """The images of a set that are used: table after table, each with its label and source."""

    about: TrialSet
    tables: tuple[Table, ...]
    labels: np.ndarray
    sources: np.ndarray
    """The name of the first image of each one's source: copies of one picture, or images of one patient."""

    @property
    def names(self) -> np.ndarray:
        return np.concatenate([table.name for table in self.tables])

    def pixels(self, side: int, cache_dir: Path, way: str = "") -> np.ndarray:
        """Grey images, uint8 (n, side, side, 1), seen in that way."""
        seen = [load_pixels(t.blinded(way), Frame(side, side), cache_dir) for t in self.tables]
        return np.concatenate(seen)


def sample(about: TrialSet, data_dir: Path, cache_dir: Path, per_class: int, seed: int) -> Sample:
    """As many images of each class and dataset as are wanted, or as there are, drawn at random."""
    tables, labels = [], []
    for name in about.datasets:
        table = catalog.build(name, data_dir, cache_dir, partial=True)
        label = about.label(table)
        taken = np.flatnonzero(label >= 0)
        classes, counts = np.unique(label[taken], return_counts=True)
        wanted = dict(zip(classes.tolist(), np.minimum(counts, per_class).tolist(), strict=True))
        rows = taken[splits.pick_per_class(label[taken], wanted, seed)]
        tables.append(table.take(rows))
        labels.append(label[rows])
    owners = [table.name[_sources(table, cache_dir)] for table in tables]
    return Sample(about, tuple(tables), np.concatenate(labels), np.concatenate(owners))


def _sources(table: Table, cache_dir: Path) -> np.ndarray:
    side = near_duplicates.SIDE
    return sources(load_pixels(table, Frame(side, side), cache_dir)[..., 0], table.patient)
