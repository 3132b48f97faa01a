"""COVID-CT-Dataset: slices cut out of preprints, in two folders or zip archives, with an official split."""

from __future__ import annotations

import csv
from pathlib import Path

from data_builders.builder import Builder
from data_builders.image_files import Problem
from data_builders.published import dataset
from data_builders.scanning import Scan, add_class, add_strays, read_lines
from shared.base.errors import UserError

_META = {
    "COVID": ("COVID-CT-MetaInfo.csv", 0, 1),  # file, column of the image's name, column of the patient
    "NonCOVID": ("NonCOVID-CT-MetaInfo.csv", 1, 2),
}


class CovidCt(Builder):
    """TFDS builder of COVID-CT-Dataset."""

    MANUAL_DOWNLOAD_INSTRUCTIONS = dataset("covid_ct").instructions

    @staticmethod
    def scan(root: Path) -> Scan:
        """Both classes, with patients where Meta-info names them and the split where Data-split does."""
        scan, images = Scan(), root / "Images-processed"
        for label, kind in enumerate(dataset("covid_ct").classes):
            _add(scan, root, images, label, kind)
        add_strays(scan, images)
        return scan


def _add(scan: Scan, root: Path, images: Path, label: int, kind: str) -> None:
    patients, splits = _patients(root, kind), _splits(root, kind)
    add_class(
        scan,
        images,
        f"CT_{kind}",
        label,
        patient=lambda name: patients.get(name, ""),
        extra=lambda name: (splits.get(name, ""),),
    )
    there = {image.name for image in scan.images}
    for name, split in splits.items():
        if f"CT_{kind}/{name}" not in there:
            reason = f"the {split} list in Data-split/{kind} names it, no such file is there"
            scan.problems.append(Problem(name, "absent", reason))


def _splits(root: Path, kind: str) -> dict[str, str]:
    """File name -> train, validation or test."""
    splits: dict[str, str] = {}
    for short, split in (("train", "train"), ("val", "validation"), ("test", "test")):
        path = root / "Data-split" / kind / f"{short}CT_{kind}.txt"
        if path.is_file():
            for name in filter(None, map(str.strip, read_lines(path))):
                if splits.get(name, split) != split:
                    lists = f"the lists for {splits[name]} and {split}"
                    raise UserError(f"{path}: {name} is in {lists}: download the lists again")
                splits[name] = split
    return splits


def _patients(root: Path, kind: str) -> dict[str, str]:
    """File name -> patient."""
    file, name, patient = _META[kind]
    path = root / "Meta-info" / file
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8", errors="replace") as lines:
        rows = [row for row in csv.reader(lines) if len(row) > patient][1:]
    return {row[name].strip(): row[patient].strip() for row in rows}
