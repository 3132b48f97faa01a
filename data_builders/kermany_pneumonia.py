"""Kermany chest X-rays: children, normal or with pneumonia; the patient is in the file name."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from data_builders.builder import Builder
from data_builders.published import dataset
from data_builders.scanning import Scan, add_class, add_strays

_PATIENT = re.compile(
    r"(person\d+)_(?:bacteria|virus)_\d+"  # a number both kinds have is taken as one patient: no leak
    r"|((?:NORMAL2-)?IM-\d+)-\d+"
    r"|(?:NORMAL|BACTERIA|VIRUS)-(\d+)-\d+"  # the names of the Mendeley release
)


class KermanyPneumonia(Builder):
    """TFDS builder of the Kermany chest X-rays; `split` is the upstream folder."""

    MANUAL_DOWNLOAD_INSTRUCTIONS = dataset("kermany_pneumonia").instructions

    @staticmethod
    def scan(root: Path) -> Scan:
        """The upstream folders train, val and test, as far as they are there."""
        scan = Scan()
        splits = [split for split in ("train", "val", "test") if (root / split).is_dir()]
        for label, kind in enumerate(dataset("kermany_pneumonia").classes):
            for split in splits:
                part = functools.partial(_part, "validation" if split == "val" else split)
                add_class(scan, root, f"{split}/{kind}", label, patient_of, part)
        add_strays(scan, root, *(root / split for split in splits))
        return scan


def patient_of(name: str) -> str:
    """The patient a file name tells, '' where it tells none."""
    match = _PATIENT.match(name)
    return next(filter(None, match.groups())) if match else ""


def _part(part: str, name: str) -> tuple[str, ...]:
    return (part,)
