"""The paper's own splits, for the audit and for others, and rows that run from a list instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from data_builders import catalog
from data_builders.catalog import Table
from data_builders.listed import look_up, places
from data_builders.split_lists import Piece, Split
from reproductions.basu import data
from reproductions.basu.config import DataA, DataB, Row, split_of


def splits(rows: Sequence[Row], data_dir: Path, cache_dir: Path) -> Iterator[Split]:
    """Data-A, and each fold of Data-B, of these rows."""
    if any(catalog.missing(name, data_dir) for name in ("chest_xray14", "covid_chestxray")):
        return
    nih, covid = (data.table(name, data_dir, cache_dir) for name in ("chest_xray14", "covid_chestxray"))
    for name, row in {split_of(row): row for row in rows if split_of(row)}.items():
        if isinstance(row, DataA):
            a = data.split_of_a(row, nih, 0)
            yield Split(name, (Piece(nih, {"training": a.train, "validation": a.validation}),))
        if isinstance(row, DataB):
            b = data.images_b(row, nih, covid, 0)
            for number, (train, test) in enumerate(data.folds(row, b.labels, b.patients, 0)):
                yield Split(f"{name}-draw-{number}", _pieces(b, {"training": train, "test": test}))


def _pieces(b: data.ImagesB, parts: dict[str, np.ndarray]) -> tuple[Piece, Piece]:
    """Data-B lists the images of one dataset before those of the other."""
    count = len(b.nih)
    return (
        Piece(b.nih, {part: rows[rows < count] for part, rows in parts.items()}, "nih"),
        Piece(b.covid, {part: rows[rows >= count] - count for part, rows in parts.items()}, "covid"),
    )


def listed_a(row: DataA, nih: Table, seed: int, path: Path) -> data.SplitA:
    """Data-A from a list; a clean one keeps patients apart, those of Data-B among them."""
    found = look_up(path, [nih], ("training", "validation"))
    labels = data.labels_a(nih.extra["findings"], row.pneumonia_a)
    found.refuse(labels == data.UNUSED, "Data-A leaves images with pneumonia out: leave the line out")
    if row.protocol == "clean":
        found.refuse_shared(nih.patient, "patient")
        patients_of_b = nih.patient[data.choose_from_nih(row, nih.extra["findings"], seed).rows]
        found.refuse(np.isin(nih.patient, patients_of_b), "its patient is in Data-B: leave the line out")
    return data.SplitA(labels, found.rows["training"], found.rows["validation"])


def listed_b(
    row: DataB, nih: Table, covid: Table, seed: int, path: Path
) -> tuple[data.ImagesB, np.ndarray, np.ndarray]:
    """Data-B and (train, test) from a list: first what the paper's own choice has of it, in its order."""
    found = look_up(path, [nih, covid], ("training", "test"))
    kinds = _kinds(row, nih.extra["findings"]), np.where(data.shows_covid(covid), "COVID-19", "")
    found.refuse(np.concatenate(kinds) == "", "it shows none of Data-B's four classes: leave the line out")
    if row.protocol == "clean":
        found.refuse_shared(data.owners(nih, covid), "patient")
    everything, count = found.everything, len(nih)
    listed = everything[everything < count], everything[everything >= count] - count
    chosen, ill = map(_only, data.choices(row, nih, covid, seed), listed, kinds)
    universe = np.concatenate([chosen.rows, ill.rows + count])
    train, test = (places(universe, found.rows[part]) for part in ("training", "test"))
    return data.joined(nih, covid, chosen, ill), train, test


def _only(own: data.ChoiceB, listed: np.ndarray, kinds: np.ndarray) -> data.ChoiceB:
    """The listed images: those of the paper's own choice, then the others in the order of their dataset."""
    kept, others = np.isin(own.rows, listed), np.setdiff1d(listed, own.rows)
    picked_as = np.concatenate([own.picked_as[kept], kinds[others]])
    return data.choice(np.concatenate([own.rows[kept], others]), picked_as)


def _kinds(row: DataB, findings: np.ndarray) -> np.ndarray:
    """What each image of ChestX-ray14 may be chosen for, the first of several; '' where there is nothing."""
    found = np.where(findings == data.NO_FINDING, "normal", "").astype("U20")
    found[findings == "Pneumonia"] = "pneumonia"
    for finding in data.OTHER_FINDINGS:
        found[data.shows(row, findings, finding) & (found == "")] = finding
    return found
