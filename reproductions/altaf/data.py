"""The two CT datasets, the ten findings of ChestX-ray14, and the draws."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_builders import catalog, phantom, provenance, splits
from data_builders.augment import Augment
from data_builders.listed import look_up
from data_builders.pipeline import Frame, load_pixels
from data_builders.split_lists import Piece, Split
from reproductions.altaf.config import DATASETS, Row, split_of
from shared.base.errors import UserError
from shared.paper import Context, Folders, Provenance

CLASSES = ("non-COVID", "COVID")
FINDINGS = (
    "Infiltration",
    "Atelectasis",
    "Effusion",
    "Nodule",
    "Pneumothorax",
    "Mass",
    "Consolidation",
    "Pleural_Thickening",
    "Cardiomegaly",
    "Emphysema",
)
"""Deviation 4: those with at least 775 images that show nothing else."""


@dataclass(frozen=True)
class Images:
    """Pixels with one class index each, and the table that they are of."""

    pixels: np.ndarray
    labels: np.ndarray
    table: catalog.Table

    @property
    def names(self) -> np.ndarray:
        return self.table.name

    @property
    def fingerprint(self) -> str:
        return self.table.fingerprint()


def load_target(row: Row, data_dir: Path, cache_dir: Path) -> Images:
    """The CT images of a row, grey, at the side its network takes."""
    table = catalog.build(DATASETS[row.dataset], data_dir, cache_dir).blinded(row.blind)
    side = seen_side(row)
    return _images(table, target_labels(table), Frame(side, side), cache_dir)


def seen_side(row: Row) -> int:
    """The side of the images that a row's network reads."""
    return row.side if row.boosted else row.source_side


@functools.cache
def findings(per_class: int, data_dir: Path, cache_dir: Path) -> catalog.Table:
    """The balanced intermediate set, built or checked once for all rows of a run."""
    return catalog.build("chest_xray14", data_dir, cache_dir, part=functools.partial(present, per_class))


def present(per_class: int, labels: catalog.Table) -> np.ndarray:
    """The rows of the balanced set among the images that are there: no other image is built."""
    here = np.flatnonzero(labels.extra["present"])
    return here[choose_findings(labels.extra["findings"][here], per_class)]


def load_findings(row: Row, data_dir: Path, cache_dir: Path, central_crop: float) -> Images:
    """The balanced intermediate set; the whole images, or their centre."""
    table = findings(row.findings_per_class, data_dir, cache_dir)
    labels = np.array([FINDINGS.index(finding) for finding in table.extra["findings"]])
    return _images(table, labels, Frame(row.side, row.side, central_crop=central_crop), cache_dir)


def choose_findings(findings: np.ndarray, per_class: int) -> np.ndarray:
    """The first `per_class` images, in file order, of each finding that is the only one of its image."""
    chosen = []
    for finding in FINDINGS:
        alone = np.flatnonzero(findings == finding)[:per_class]
        if len(alone) < per_class:
            raise UserError(
                f"chest_xray14 holds {len(alone)} images of {finding} alone; {per_class} are needed"
            )
        chosen.append(alone)
    return np.sort(np.concatenate(chosen))


@functools.cache
def findings_missing(per_class: int, data_dir: Path) -> str | None:
    """None where every finding has its images, else one line; the folder is read once for all rows."""
    line = catalog.missing("chest_xray14", data_dir)
    if line:
        return line
    try:
        present(per_class, catalog.metadata("chest_xray14", data_dir))
    except UserError as error:
        return f"{error}: {Path(data_dir) / 'chest_xray14'} is incomplete (see python -m reproductions data)"
    return None


def target_facts(row: Row, at: Folders) -> Provenance:
    """Provenance of the CT images: every row uses all of them."""
    name = DATASETS[row.dataset]
    side = seen_side(row)
    return {"data": {name: provenance.facts(name, (at.data, at.cache), side=side)}}


def findings_facts(row: Row, at: Folders) -> Provenance:
    """Provenance of the radiographs: the first of each finding in the whole list, and how many are here."""

    def first(listed: catalog.Table) -> np.ndarray:
        return choose_findings(listed.extra["findings"], row.findings_per_class)

    only = functools.partial(present, row.findings_per_class)
    found = provenance.facts(
        "chest_xray14", (at.data, at.cache), part=first, only=only, use=provenance.EXACTLY
    )
    return {"data": {"chest_xray14": found}}


def parts(row: Row, images: Images, draw: int, context: Context) -> tuple[np.ndarray, np.ndarray]:
    """(train, test) of a draw: the row's own split, or the parts of a list."""
    if context.split_list is None:
        return split(row, images.labels, context.seed, draw)
    found = look_up(context.split_list, [images.table], ("training", "test"))
    return found.rows["training"], found.rows["test"]


def split(row: Row, labels: np.ndarray, seed: int, draw: int) -> tuple[np.ndarray, np.ndarray]:
    """(train, test) of a draw: the same for every backbone and method."""
    if row.split == "chunk":
        return splits.contiguous_chunk(labels, row.test_fraction, seed, draw)
    if row.split == "random":
        return splits.random_holdout(labels, row.test_fraction, (seed, draw))
    raise UserError(f"split={row.split}: choose chunk or random")


def published_splits(rows: Sequence[Row], data_dir: Path, cache_dir: Path) -> Iterator[Split]:
    """Every draw of these rows on the datasets that are there."""
    for name, row in {split_of(row): row for row in rows}.items():
        if catalog.missing(DATASETS[row.dataset], data_dir):
            continue
        table = catalog.build(DATASETS[row.dataset], data_dir, cache_dir)
        for draw in range(row.draws):
            train, test = split(row, target_labels(table), seed=0, draw=draw)
            yield Split(f"{name}-draw-{draw}", (Piece(table, {"training": train, "test": test}),))


def target_labels(table: catalog.Table) -> np.ndarray:
    """The paper's class index of each image: COVID is the second class whatever the dataset's order."""
    return np.array(
        [CLASSES.index("COVID" if table.classes[i] == "COVID" else "non-COVID") for i in table.label]
    )


def intermediate_augmentation(row: Row) -> Augment:
    """Section 3: the regularisation of steps 2 and 3; the crop is in the frame."""
    return Augment(rotation=row.rotation, flip=True)


def target_augmentation(row: Row) -> Augment | None:
    """Section 4: scaling, translation and reflection."""
    if not row.augmented:
        return None
    return Augment(zoom=row.scaling, shift_pixels=row.translation, flip=True)


def write_phantoms(folder: Path, shuffled: bool = False) -> None:
    """Synthetic look-alikes of the three datasets."""
    for name in DATASETS.values():
        phantom.write(name, folder, per_class=80, side=96, shuffled=shuffled)
    phantom.write("chest_xray14", folder, per_class=8, side=96, shuffled=shuffled)


def _images(table: catalog.Table, labels: np.ndarray, frame: Frame, cache_dir: Path) -> Images:
    pixels = load_pixels(table, frame, cache_dir)
    return Images(pixels, labels, table)
