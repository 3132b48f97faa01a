"""COVIDx CT-2A: slices of many sources, official split files with a class and a box per line.

Patients are found in the file names, each source having its own scheme (see dataset_construction in the
repository of COVIDNet-CT); with these rules the validation and test files hold 482 and 426 patients, as their
authors state.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data_builders.builder import Builder
from data_builders.published import dataset
from data_builders.scanning import Image, Scan, pair, read_lines
from shared.base.errors import UserError

_SCHEMES: tuple[tuple[str, str], ...] = (
    ("CNCB", r"((?:Normal|CP|NCP)_\d+)_\d+_\d+"),  # class_patient_scan_slice
    ("COVID-CTSet", r"\w+_(patient\d+)_SR_\d+_IM\d+"),  # one patient stands under several prefixes
    ("COVID-19-20", r"(volume-covid19-A-\d+).*-\d+"),
    ("LIDC-IDRI", r"(LIDC-IDRI-\d+)-[\d.]+-\d+"),
    ("coronacases", r"(coronacases_\d+)-\d+"),
    ("radiopaedia", r"(radiopaedia[-_]\d+[-_]\d+)[-_]\d+-\d+"),
    ("iCTCF", r"(HUST-Patient\d+)-\d+"),
)
_PATIENT = re.compile("|".join(f"(?:{pattern})" for _, pattern in _SCHEMES))
_SPLITS = {"train": "train", "val": "validation", "test": "test"}


@dataclass(frozen=True)
class SplitFile:
    """The lines of an official split file; no image is needed."""

    names: list[str]
    labels: list[int]
    boxes: list[str]
    """'xmin ymin xmax ymax'."""
    patients: list[str]
    sources: list[str]


class CovidxCt(Builder):
    """TFDS builder of COVIDx CT-2A; `box` is the body's xmin, ymin, xmax, ymax."""

    MANUAL_DOWNLOAD_INSTRUCTIONS = dataset("covidx_ct").instructions

    @staticmethod
    def scan(root: Path) -> Scan:
        """The slices that the split files name, as far as these are there."""
        images, notes, read = [], [], []
        for short, split in _SPLITS.items():
            path = root / f"{short}_COVIDx_CT-2A.txt"
            if not path.is_file():
                notes.append(f"{path.name} is not there: no {split} slices")
                continue
            lines = parse_split_file(path)
            read.append(path)
            notes.append(f"{split}: {len(lines.names):,} slices of {len(set(lines.patients)):,} patients")
            columns = zip(lines.names, lines.labels, lines.patients, lines.sources, lines.boxes, strict=True)
            images += [
                Image(name, label, who, (split, source, box)) for name, label, who, source, box in columns
            ]
        scan = pair(images, root, read=read)
        scan.notes = notes
        return scan


def parse_split_file(path: Path | str) -> SplitFile:
    """Read a split file; a line that is not 'file class xmin ymin xmax ymax' is an error that shows it."""
    path, lines = Path(path), SplitFile([], [], [], [], [])
    for number, line in enumerate(read_lines(path), start=1):
        if line.strip():
            _add_line(lines, line.split(), functools.partial(_wrong, path, number))
    return lines


def _add_line(lines: SplitFile, parts: list[str], error: Callable[[str], UserError]) -> None:
    if len(parts) != 6 or parts[1] not in "012" or not all(part.lstrip("-").isdigit() for part in parts[2:]):
        raise error(f"'{' '.join(parts)}' is not 'file class xmin ymin xmax ymax'; download the file again")
    name, label, *box = parts
    try:
        patient, source = patient_of(name)
    except UserError as unknown:
        raise error(str(unknown)) from unknown
    lines.names.append(name)
    lines.labels.append(int(label))
    lines.boxes.append(" ".join(box))
    lines.patients.append(patient)
    lines.sources.append(source)


def patient_of(name: str) -> tuple[str, str]:
    """(patient, source) of a file name; a scheme that is not known is an error that shows the name."""
    match = _PATIENT.match(name)
    if not match or match.lastindex is None:
        raise UserError(f"'{name}' follows no known source's naming scheme, so its patient is unknown")
    return match[match.lastindex], _SCHEMES[match.lastindex - 1][0]


def _wrong(path: Path, number: int, what: str) -> UserError:
    return UserError(f"{path}, line {number}: {what}")
