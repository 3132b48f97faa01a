"""NIH ChestX-ray14: 112,120 X-rays of 30,805 patients, labels in one table, images in any folders."""

from __future__ import annotations

from pathlib import Path

from data_builders.builder import Builder
from data_builders.published import dataset
from data_builders.scanning import Image, Scan, number, pair, read_csv
from shared.base.errors import UserError

_COLUMNS = (
    "Image Index",
    "Finding Labels",
    "Follow-up #",
    "Patient ID",
    "Patient Age",
    "Patient Gender",
    "View Position",
)
_CLASSES = dataset("chest_xray14").classes
_SEVERAL = _CLASSES.index("Several findings")


class ChestXray14(Builder):
    """TFDS builder of ChestX-ray14; the class is the only finding, all of them are in `findings` ('A|B')."""

    MANUAL_DOWNLOAD_INSTRUCTIONS = dataset("chest_xray14").instructions

    @staticmethod
    def scan(root: Path) -> Scan:
        """All rows of the label file, each with its image where that is there."""
        tables = sorted(root.glob("Data_Entry_2017*.csv"))
        if len(tables) > 1:
            raise UserError(f"{root} holds {tables[0].name} and {tables[1].name}: keep the one to use")
        rows = [_row(line, tables[0]) for line in read_csv(tables[0], _COLUMNS)]
        scan = pair(rows, root, read=tables)
        patients = len({row.patient for row in rows})
        scan.notes.append(f"{tables[0].name}: {len(rows):,} X-rays of {patients:,} patients")
        return scan


def _row(line: dict[str, str], table: Path) -> Image:
    name, findings, followup, patient, age, sex, view = (line[column] for column in _COLUMNS)
    unknown = [finding for finding in findings.split("|") if finding not in _CLASSES]
    if unknown:
        raise UserError(f"{table}: {name} has the finding '{unknown[0]}', which ChestX-ray14 does not know")
    label = _SEVERAL if "|" in findings else _CLASSES.index(findings)
    age = age.removesuffix("Y").lstrip("0")  # the first release writes 058Y
    return Image(name, label, patient, (findings, view, number(age), sex, number(followup)))
