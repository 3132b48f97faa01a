"""A dataset as the rest of the suite sees it: one entry per image."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Table:
    """One entry per image, in file order: natural file-name order within each class."""

    dataset: str
    classes: tuple[str, ...]
    name: np.ndarray
    label: np.ndarray
    patient: np.ndarray
    """'' where unknown."""
    extra: dict[str, np.ndarray]
    """The dataset's own columns (see `DATASETS[...].extra`; a box is (n, 4)) and, once built, those of every
    file as found: sha256, format, channels ('L', 'RGB', 'RGBA', ...), width, height, size in bytes."""
    index: np.ndarray
    """Which of the built images each entry is (-1 in `metadata`, where nothing is built)."""
    location: Path | None
    """The folder that TFDS built."""
    blind: str = ""
    """A way of `blinding.WAYS` in which the images are seen; '' as they are."""

    def __len__(self) -> int:
        return len(self.name)

    def take(self, rows) -> Table:
        """The entries of these indices (or where a mask is true), in the order given."""
        extra = {key: column[rows] for key, column in self.extra.items()}
        cut = {key: getattr(self, key)[rows] for key in ("name", "label", "patient", "index")}
        return replace(self, extra=extra, **cut)

    def blinded(self, way: str) -> Table:
        """The same images, seen in a way that shows little or nothing of the disease; '' as they are."""
        return replace(self, blind=way)

    def fingerprint(self) -> str:
        """A hash of the entries' names and bytes, in their order, and of the way in which they are seen."""
        pairs = (f"{name}\0{sha}\n" for name, sha in zip(self.name, self.extra["sha256"], strict=True))
        return hashlib.sha256(("".join(pairs) + self.blind).encode()).hexdigest()

    def hash_of(self, *columns: str) -> str:
        """A hash of what is said of the entries: a newer label file may change it while the bytes stay."""
        found = {"name": self.name, "label": self.label, "patient": self.patient, **self.extra}
        lines = zip(*(found[column].tolist() for column in columns), strict=True)
        return hashlib.sha256("\n".join(map(str, lines)).encode()).hexdigest()
