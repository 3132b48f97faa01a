"""Data-A and Data-B (section III-A, Table I) as pure functions of the two datasets' metadata."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_builders import catalog, phantom, splits
from data_builders.catalog import Table
from shared.base.errors import UserError

CLASSES_A = ("normal", "diseased")
CLASSES_B = ("normal", "other disease", "pneumonia", "COVID-19")
NORMAL, OTHER, PNEUMONIA, COVID = range(4)
UNUSED = -1

NO_FINDING = "No Finding"
OTHER_FINDINGS = ("Atelectasis", "Cardiomegaly", "Infiltration", "Effusion", "Nodule", "Mass")

# What a seed is used for, so that no two draws from it are the same.
VALIDATION, TRAINING, NORMALS, OTHERS, COVIDS, FOLDS = range(6)


@dataclass(frozen=True)
class SplitA:
    """Data-A: the class of every image of ChestX-ray14, and which of them train and validate."""

    labels: np.ndarray
    train: np.ndarray
    validation: np.ndarray


@dataclass(frozen=True)
class ImagesB:
    """Data-B: one entry per image, those of ChestX-ray14 before those of covid_chestxray."""

    nih: Table
    covid: Table
    labels: np.ndarray
    picked_as: np.ndarray
    patients: np.ndarray

    @property
    def samples(self) -> np.ndarray:
        """The images' names."""
        return np.concatenate([self.nih.name, self.covid.name])


@dataclass(frozen=True)
class ChoiceB:
    """Images chosen from one dataset for Data-B: rows there, classes, and what each was chosen for."""

    rows: np.ndarray
    labels: np.ndarray
    picked_as: np.ndarray


@functools.cache
def table(name: str, data_dir: Path, cache_dir: Path) -> Table:
    """A dataset's table, built or checked once for all folds and rows of a run.

    Partial: `nih_missing` and `covid_missing` see to it that there is enough; counts are facts of a run.
    """
    return catalog.build(name, data_dir, cache_dir, partial=True)


def carries(findings, finding: str) -> np.ndarray:
    """Which images have a finding, alone or among others ('Edema|Mass')."""
    return np.array([finding in found.split("|") for found in findings], bool)


def labels_a(findings, left_out: str) -> np.ndarray:
    """Normal, diseased, or neither: pneumonia `alone`, or `any` image that shows it among others."""
    findings = np.asarray(findings)
    pneumonia = carries(findings, "Pneumonia") if left_out == "any" else findings == "Pneumonia"
    return np.where(findings == NO_FINDING, 0, np.where(pneumonia, UNUSED, 1))


def split_a(row, findings, patients, patients_of_b, seed: int) -> SplitA:
    """Data-A by a row's protocol.

    As published, images are drawn at random, those of Data-B among them; clean, no patient stands on both
    sides of the split, and none of Data-B's in it at all.
    """
    labels = labels_a(findings, row.pneumonia_a)
    usable = np.flatnonzero(labels != UNUSED)
    wanted = {0: row.validation_a, 1: row.validation_a}
    if row.protocol == "clean":
        usable = usable[~np.isin(patients[usable], patients_of_b)]
        groups = patients[usable]
        rest, held = splits.grouped_holdout(labels[usable], groups, wanted, [seed, VALIDATION])
    else:
        rest, held = splits.random_holdout(labels[usable], wanted, [seed, VALIDATION])
    rest = usable[rest]
    most = {0: row.normal_a, 1: row.diseased_a}
    return SplitA(labels, rest[_at_most(labels[rest], most, [seed, TRAINING])], usable[held])


def choose_from_nih(row, findings, seed: int) -> ChoiceB:
    """All images with pneumonia alone, some with no finding, and some for each of six other findings."""
    findings = np.asarray(findings)
    chosen = {
        "normal": _pick(findings == NO_FINDING, row.normal_b, [seed, NORMALS]),
        "pneumonia": np.flatnonzero(findings == "Pneumonia"),
    }
    free = np.ones(len(findings), bool)
    for number, finding in enumerate(OTHER_FINDINGS):
        candidates = shows(row, findings, finding) & free
        chosen[finding] = _pick(candidates, row.per_finding, [seed, OTHERS, number])
        free[chosen[finding]] = False  # an image with two of the six is chosen once
    return _choice(chosen)


def shows(row, findings: np.ndarray, finding: str) -> np.ndarray:
    """Which images may be chosen for one of the six other findings."""
    return findings == finding if row.other_disease == "single" else carries(findings, finding)


def choose_covid(row, covid, views, seed: int) -> ChoiceB:
    """COVID-19 X-rays in the row's views; `covid` says which images show the disease."""
    return _choice({"COVID-19": _pick(covid & np.isin(views, row.covid_views), row.covid, [seed, COVIDS])})


def images_b(row, nih: Table, covid: Table, seed: int) -> ImagesB:
    """Data-B from the tables of the two datasets."""
    return joined(nih, covid, *choices(row, nih, covid, seed))


def choices(row, nih: Table, covid: Table, seed: int) -> tuple[ChoiceB, ChoiceB]:
    """The images of each of the two datasets."""
    chosen = choose_from_nih(row, nih.extra["findings"], seed)
    return chosen, choose_covid(row, shows_covid(covid), covid.extra["view"], seed)


def joined(nih: Table, covid: Table, chosen: ChoiceB, ill: ChoiceB) -> ImagesB:
    """Data-B, those of ChestX-ray14 first."""
    nih, covid = nih.take(chosen.rows), covid.take(ill.rows)
    return ImagesB(
        nih,
        covid,
        np.concatenate([chosen.labels, ill.labels]),
        np.concatenate([chosen.picked_as, ill.picked_as]),
        owners(nih, covid),
    )


def owners(nih: Table, covid: Table) -> np.ndarray:
    """The patients of both datasets, none of whom can be taken for another's; unknown ones stay empty."""
    return np.concatenate([_owned("nih", nih.patient), _owned("cohen", covid.patient)])


def split_of_a(row, nih: Table, seed: int, more: Sequence[str] | np.ndarray = ()) -> SplitA:
    """Data-A from the table of ChestX-ray14; a clean one is without the patients of Data-B and `more`."""
    findings = nih.extra["findings"]
    patients_of_b = [*nih.patient[choose_from_nih(row, findings, seed).rows], *more]
    split = split_a(row, findings, nih.patient, patients_of_b, seed)
    if row.protocol == "clean":
        refuse_shared_patients(nih.patient, split, patients_of_b)
    return split


def refuse_shared_patients(patients, split: SplitA, patients_of_b) -> None:
    """The promise of the clean protocol, checked on what is about to be trained."""
    train, validation = set(patients[split.train]), set(patients[split.validation])
    shared = (train & validation) | ((train | validation) & set(patients_of_b))
    if shared:
        raise UserError(f"chest_xray14: patients {sorted(shared)[:5]} are on both sides of a clean split")


def folds(row, labels, patients, seed: int):
    """(train, test) of every fold: stratified by class, and by patient too where the protocol is clean."""
    if row.protocol == "clean":
        return splits.grouped_k_fold(labels, patients, row.folds, [seed, FOLDS])
    return splits.k_fold(labels, row.folds, [seed, FOLDS])


def overlap(split: SplitA, nih: Table, b: ImagesB) -> dict[str, int]:
    """How many images of Data-B stage 1 has trained on, how many more it was selected by, whose they are."""
    used = nih.patient[np.concatenate([split.train, split.validation])]
    return {
        "data_b_images_in_training": int(np.isin(b.nih.name, nih.name[split.train]).sum()),
        "data_b_images_in_validation": int(np.isin(b.nih.name, nih.name[split.validation]).sum()),
        "data_b_patients_in_data_a": len(np.intersect1d(b.nih.patient, used)),
    }


def counts_a(split: SplitA) -> dict[str, int]:
    """Table I's counts of Data-A, under the names of reported.csv."""
    sides = {"training": split.train, "validation": split.validation}
    return {
        f"{side}_{name}": int((split.labels[rows] == label).sum())
        for side, rows in sides.items()
        for label, name in enumerate(CLASSES_A)
    }


def counts_b(labels) -> dict[str, int]:
    """Table I's counts of Data-B, under the names of reported.csv."""
    return {
        "images_" + name.lower().replace(" ", "_").replace("-", "_"): int((np.asarray(labels) == label).sum())
        for label, name in enumerate(CLASSES_B)
    }


def write_phantoms(folder: Path, shuffled: bool = False) -> None:
    """Synthetic look-alikes of the two datasets."""
    phantom.write("chest_xray14", folder, per_class=60, patients=60, side=72, shuffled=shuffled)
    phantom.write("covid_chestxray", folder, per_class=48, patients=48, side=72, shuffled=shuffled)


def shows_covid(table: Table) -> np.ndarray:
    """Which images show COVID-19."""
    return table.label == table.classes.index("COVID-19")


def _choice(chosen: dict[str, np.ndarray]) -> ChoiceB:
    picked_as = [np.full(len(rows), name, "U20") for name, rows in chosen.items()]
    return choice(np.concatenate(list(chosen.values())), np.concatenate(picked_as))


def choice(rows: np.ndarray, picked_as: np.ndarray) -> ChoiceB:
    """These rows, with the class of what each was chosen for."""
    labels = {"normal": NORMAL, "pneumonia": PNEUMONIA, "COVID-19": COVID}
    return ChoiceB(rows, np.array([labels.get(name, OTHER) for name in picked_as], int), picked_as)


def _owned(dataset: str, patients) -> np.ndarray:
    """Patient ids that cannot be taken for another dataset's; unknown ones stay empty."""
    return np.array([f"{dataset}-{patient}" if patient else "" for patient in patients])


def _pick(candidates, number: int, seed) -> np.ndarray:
    return splits.pick_per_class(np.asarray(candidates, int), {1: number}, seed)


def _at_most(labels, most: dict[int, int], seed) -> np.ndarray:
    """As many of each class as wanted, or all where there are fewer."""
    wanted = {label: min(number, int((labels == label).sum())) for label, number in most.items()}
    return splits.pick_per_class(labels, wanted, seed)
