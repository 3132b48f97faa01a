"""COVID-CT-Dataset: slices cut out of preprints, in two folders or zip archives, with an official split by list."""

from __future__ import annotations

import csv
from pathlib import Path

from data_builders.builder import Builder
from data_builders.image_files import Problem, list_either
from data_builders.manifest import Row, Scan
from data_builders.published import dataset

_META = {
    "COVID": ("COVID-CT-MetaInfo.csv", 0, 1),
    "NonCOVID": ("NonCOVID-CT-MetaInfo.csv", 1, 2),
}  # name, patient


class CovidCt(Builder):
    """TFDS builder of COVID-CT-Dataset."""

    MANUAL_DOWNLOAD_INSTRUCTIONS = dataset("covid_ct").instructions

    @staticmethod
    def scan(root: Path) -> Scan:
        """Both classes, with patients where Meta-info names them and the official split where Data-split does."""
        scan = Scan([])
        for label, kind in enumerate(dataset("covid_ct").classes):
            files, problems = list_either(root / "Images-processed" / f"CT_{kind}")
            patients, splits = _patients(root, kind), _splits(root, kind)
            names = {file.name for file in files}
            scan.problems += problems
            for name, split in splits.items():
                if name not in names:
                    scan.problems.append(
                        Problem(name, "absent", f"the {split} list of Data-split/{kind} names it")
                    )
            for file in files:
                extra = (splits.get(file.name, ""),)
                scan.rows.append(
                    Row(f"CT_{kind}/{file.name}", label, patients.get(file.name, ""), extra, file)
                )
        return scan


def _splits(root: Path, kind: str) -> dict[str, str]:
    """File name -> train, validation or test."""
    splits = {}
    for split in ("train", "val", "test"):
        path = root / "Data-split" / kind / f"{split}CT_{kind}.txt"
        if path.is_file():
            names = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
            splits |= {name: "validation" if split == "val" else split for name in names if name}
    return splits


def _patients(root: Path, kind: str) -> dict[str, str]:
    """File name -> patient."""
    file, name, patient = _META[kind]
    path = root / "Meta-info" / file
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8", errors="replace") as lines:
        return {
            row[name].strip(): row[patient].strip()
            for row in list(csv.reader(lines))[1:]
            if len(row) > patient
        }
