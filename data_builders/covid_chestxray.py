"""covid-chestxray-dataset: X-rays out of publications; metadata.csv tells finding, view, patient, day."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import tensorflow_datasets as tfds

from data_builders.builder import Builder
from data_builders.published import dataset
from data_builders.scanning import Image, Scan, number, pair, read_csv

_COLUMNS = ("patientid", "offset", "sex", "age", "finding", "view", "modality", "date", "filename")
_CLASSES = dataset("covid_chestxray").classes
_UNLABELLED = ("todo", "Unknown", "")


class CovidChestxray(Builder):
    """TFDS builder of covid-chestxray-dataset: all X-rays; `day` counts from symptoms or admission.

    `line` is the place in metadata.csv, from 1: the collection grew, and earlier papers had less of it.
    """

    VERSION = tfds.core.Version("1.1.0")  # 1.0.0 had no `line`
    MANUAL_DOWNLOAD_INSTRUCTIONS = dataset("covid_chestxray").instructions

    @staticmethod
    def scan(root: Path) -> Scan:
        """All X-rays of metadata.csv; computed tomography is left out, and said so."""
        lines = read_csv(root / "metadata.csv", _COLUMNS)
        xrays = [line for line in lines if line["modality"] == "X-ray"]
        same = _same_patients(xrays)
        first = {line["filename"]: line for line in reversed(xrays)}
        place = {line["filename"]: at for at, line in reversed(list(enumerate(lines, 1)))}
        scan = pair(
            [_row(line, same, place[name]) for name, line in first.items()],
            root / "images",
            {line["filename"] for line in lines},
        )
        views = Counter(line["view"] or "unknown" for line in first.values())
        taken = ", ".join(f"{view} {count:,}" for view, count in views.most_common())
        scan.notes.append(
            f"took {len(first):,} X-rays of all views: {taken}; left out {len(lines) - len(xrays):,} CT"
        )
        if same:
            pairs = ", ".join(f"{other} is {one}" for other, one in sorted(same.items()))
            scan.notes.append(f"patients that share an image are taken as one: {pairs}")
        return scan


def _same_patients(lines: list[dict[str, str]]) -> dict[str, str]:
    """Patient -> the patient whom shared images make them one with, be it by way of others."""
    owner: dict[str, str] = {}
    before: dict[str, str] = {}

    def first(patient: str) -> str:
        return first(before[patient]) if patient in before else patient

    for line in lines:
        one = first(owner.setdefault(line["filename"], line["patientid"]))
        other = first(line["patientid"])
        if one != other:
            before[other] = one
    return {patient: first(patient) for patient in before}


def _row(line: dict[str, str], same: dict[str, str], place: int) -> Image:
    patient = same.get(line["patientid"], line["patientid"])
    extra = (
        line["finding"],
        line["view"],
        number(line["offset"]),
        line["date"],
        number(line["age"]),
        line["sex"],
        str(place),
    )
    return Image(line["filename"], _class(line["finding"]), patient, extra)


def _class(finding: str) -> int:
    if "COVID-19" in finding:
        return _CLASSES.index("COVID-19")
    if finding in _UNLABELLED:
        return _CLASSES.index("Not labelled")
    return _CLASSES.index("No Finding" if finding == "No Finding" else "Other finding")
