"""Mendeley 8h65ywd2jr: X-ray and CT images of both classes, already augmented upstream, no patient ids."""

from __future__ import annotations

import functools
from pathlib import Path

from data_builders.builder import Builder
from data_builders.published import dataset
from data_builders.scanning import Scan, add_class, add_strays

PUBLISHED = {
    "X-ray": {"COVID": 4044, "Non-COVID": 5500},
    "CT": {"COVID": 5427, "Non-COVID": 2628},
}


class MendeleyCovid(Builder):
    """TFDS builder of Mendeley 8h65ywd2jr; `modality` is X-ray or CT."""

    MANUAL_DOWNLOAD_INSTRUCTIONS = dataset("mendeley_covid").instructions

    @staticmethod
    def scan(root: Path) -> Scan:
        """The modalities that are there, class by class."""
        scan = Scan()
        modalities = [modality for modality in PUBLISHED if (root / modality).is_dir()]
        for label, kind in enumerate(dataset("mendeley_covid").classes):
            for modality in modalities:
                before = len(scan.images)
                add_class(scan, root, f"{modality}/{kind}", label, extra=functools.partial(_column, modality))
                found, published = len(scan.images) - before, PUBLISHED[modality][kind]
                scan.notes.append(f"{modality}, {kind}: {found:,} of {published:,}")
        add_strays(scan, root, *(root / modality for modality in modalities))
        return scan


def _column(modality: str, name: str) -> tuple[str, ...]:
    return (modality,)
