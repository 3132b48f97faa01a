"""Data-A and Data-B (section III-A, Table I) as pure functions of the two datasets' metadata."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_builders import splits

CLASSES_A = ("normal", "diseased")
CLASSES_B = ("normal", "other disease", "pneumonia", "COVID-19")
NORMAL, OTHER, PNEUMONIA, COVID = range(4)
UNUSED = -1

NO_FINDING = "No Finding"
OTHER_FINDINGS = ("Atelectasis", "Cardiomegaly", "Infiltration", "Effusion", "Nodule", "Mass")
PANELS = ("normal", "pneumonia", "COVID-19", "other disease", *OTHER_FINDINGS)  # Fig. 4

# What a seed is used for, so that no two draws from it are the same.
VALIDATION, TRAINING, NORMALS, OTHERS, COVIDS, FOLDS = range(6)


@dataclass(frozen=True)
class SplitA:
    """Data-A: the class of every image of ChestX-ray14, and which of them train and validate."""

    labels: np.ndarray
    train: np.ndarray
    validation: np.ndarray


@dataclass(frozen=True)
class ChoiceB:
    """Images chosen from one dataset for Data-B: their rows there, their classes, what each was chosen for."""

    rows: np.ndarray
    labels: np.ndarray
    picked_as: np.ndarray


def carries(findings, finding: str) -> np.ndarray:
    """Which images have a finding, alone or among others ('Edema|Mass')."""
    return np.array([finding in found.split("|") for found in findings], bool)


def labels_a(findings) -> np.ndarray:
    """Normal, diseased (any of the 13 findings other than pneumonia), or neither: pneumonia, alone or not."""
    normal = np.asarray(findings) == NO_FINDING
    return np.where(normal, 0, np.where(carries(findings, "Pneumonia"), UNUSED, 1))


def split_a(row, findings, patients, patients_of_b, seed: int) -> SplitA:
    """Data-A by a row's protocol.

    As published, images are drawn at random, those of Data-B among them; clean, no patient stands on both sides
    of the split and none of Data-B's in it at all.
    """
    labels = labels_a(findings)
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
        has_it = findings == finding if row.other_disease == "single" else carries(findings, finding)
        chosen[finding] = _pick(has_it & free, row.per_finding, [seed, OTHERS, number])
        free[chosen[finding]] = False  # an image with two of the six is chosen once
    return _choice(chosen)


def choose_covid(row, covid, views, seed: int) -> ChoiceB:
    """COVID-19 X-rays in the row's views; `covid` says which images show the disease."""
    return _choice({"COVID-19": _pick(covid & np.isin(views, row.covid_views), row.covid, [seed, COVIDS])})


def folds(row, labels, patients, seed: int):
    """(train, test) of every fold: stratified by class, and by patient too where the protocol is clean."""
    if row.protocol == "clean":
        return splits.grouped_k_fold(labels, patients, row.folds, [seed, FOLDS])
    return splits.k_fold(labels, row.folds, [seed, FOLDS])


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
        f"images_{name.replace(' ', '_')}": int((np.asarray(labels) == label).sum())
        for label, name in enumerate(CLASSES_B)
    }


def _choice(chosen: dict[str, np.ndarray]) -> ChoiceB:
    labels = {"normal": NORMAL, "pneumonia": PNEUMONIA, "COVID-19": COVID}
    return ChoiceB(
        np.concatenate(list(chosen.values())),
        np.concatenate([np.full(len(rows), labels.get(name, OTHER)) for name, rows in chosen.items()]),
        np.concatenate([np.full(len(rows), name, "U20") for name, rows in chosen.items()]),
    )


def _pick(candidates, number: int, seed) -> np.ndarray:
    return splits.pick_per_class(np.asarray(candidates, int), {1: number}, seed)


def _at_most(labels, most: dict[int, int], seed) -> np.ndarray:
    """As many of each class as wanted, or all where there are fewer."""
    wanted = {label: min(number, int((labels == label).sum())) for label, number in most.items()}
    return splits.pick_per_class(labels, wanted, seed)
