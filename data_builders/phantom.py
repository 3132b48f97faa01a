"""Small synthetic look-alikes of the datasets, each in its dataset's own on-disk layout.

They stand in where the real files are absent. A class is a bright patch at the class's own place in one of two dark
lungs; its strength varies and one image in twelve shows another class's patch, so a small network learns the classes
but not perfectly. A patient's images share the lungs' shape and the grain, so that patients on both sides of a split
can be noticed.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from data_builders.published import DataError, dataset

_WRONG = 1 / 12  # share of images that show another class's patch


@dataclass(frozen=True)
class Size:
    """How much of a look-alike to write."""

    per_class: int
    side: int
    patients: int
    """Per class; each has per_class / patients images."""

    def patient(self, image: int) -> int:
        """Whose the class's image of that number is."""
        return image * self.patients // self.per_class


def write(
    name: str,
    data_dir: Path | str,
    *,
    per_class: int = 24,
    side: int = 64,
    seed: int = 0,
    patients: int | None = None,
) -> Path:
    """Write the look-alike of a dataset to data_dir/<name> and return that folder; it must not exist yet."""
    about = dataset(name)
    folder = Path(data_dir) / name
    if folder.exists():
        raise DataError(f"{folder} is there already: a look-alike is written only where nothing is")
    size = Size(per_class, side, min(patients or max(1, per_class // 2), per_class))
    _WRITERS[name](folder, Painter(len(about.classes), side, seed), size)
    return folder


class Painter:
    """Draws grey images; an image depends on the seed and on its class, patient and number alone."""

    def __init__(self, classes: int, side: int, seed: int) -> None:
        self._classes, self._seed = classes, seed
        axis = np.linspace(-1, 1, side, dtype=np.float32)
        self._y, self._x = np.meshgrid(axis, axis, indexing="ij")

    def grey(self, label: int, patient: int, image: int) -> np.ndarray:
        """uint8 (side, side)."""
        body = np.random.default_rng([self._seed, label, patient])
        draw = np.random.default_rng([self._seed, label, patient, image])
        picture = 150 - 90 * self._lungs(body) + self._grain(body, 12) + self._grain(draw, 8)
        shown = int(draw.integers(self._classes)) if draw.random() < _WRONG else label
        picture += draw.uniform(25, 80) * self._patch(shown, draw)
        return np.clip(picture, 0, 255).astype(np.uint8)

    def _lungs(self, rng: np.random.Generator) -> np.ndarray:
        wide, high, apart = rng.uniform(0.24, 0.34), rng.uniform(0.5, 0.7), rng.uniform(0.4, 0.5)
        return sum(self._blob(side * apart, 0.0, wide, high) for side in (-1, 1))

    def _patch(self, label: int, rng: np.random.Generator) -> np.ndarray:
        angle = 2 * np.pi * label / self._classes
        x, y = 0.5 * np.cos(angle) + rng.normal(0, 0.05), 0.5 * np.sin(angle) + rng.normal(0, 0.05)
        return self._blob(x, y, 0.2, 0.2)

    def _blob(self, x: float, y: float, wide: float, high: float) -> np.ndarray:
        return np.exp(-(((self._x - x) / wide) ** 2) - ((self._y - y) / high) ** 2)

    def _grain(self, rng: np.random.Generator, strength: float) -> np.ndarray:
        return strength * rng.standard_normal(self._x.shape, dtype=np.float32)


def _png(path: Path, pixels: np.ndarray) -> None:
    _save(path, pixels, format="PNG", compress_level=1)


def _jpeg(path: Path, pixels: np.ndarray) -> None:
    _save(path, pixels, format="JPEG", quality=92)


def _save(path: Path, pixels: np.ndarray, **how) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, **how)
    path.write_bytes(encoded.getvalue())


def _lines(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _each(paint: Painter, size: Size, label: int):
    """(number from 0, patient from 0, pixels) of each image of a class."""
    for image in range(size.per_class):
        yield image, size.patient(image), paint.grey(label, size.patient(image), image)


def _in_three(names: list[str]) -> dict[str, list[str]]:
    """An official split as the datasets have it: 60, 15 and 25 percent."""
    cuts = [0, round(0.6 * len(names)), round(0.75 * len(names)), len(names)]
    return {split: names[cuts[i] : cuts[i + 1]] for i, split in enumerate(("train", "val", "test"))}


def _covid_ct(root: Path, paint: Painter, size: Size) -> None:
    for label, kind in enumerate(("COVID", "NonCOVID")):
        owners = {}
        for image, patient, grey in _each(paint, size, label):
            name = (
                f"2020.03.{label + 1:02d}.{patient:04d}-p{image}.png" if kind == "COVID" else f"{image}.png"
            )
            _png(root / "Images-processed" / f"CT_{kind}" / name, grey)
            owners[name] = f"{kind} patient {patient}"
        for split, names in _in_three(list(owners)).items():
            _lines(root / "Data-split" / kind / f"{split}CT_{kind}.txt", names)
        _covid_ct_patients(root / "Meta-info", kind, owners)


def _covid_ct_patients(folder: Path, kind: str, owners: dict[str, str]) -> None:
    if kind == "COVID":
        lines = ["File name,Patient ID,Age", *(f"{name},{owner},41" for name, owner in owners.items())]
        _lines(folder / "COVID-CT-MetaInfo.csv", lines)
    else:
        lines = [",image name,patient id", *(f"{i},{n},{o}" for i, (n, o) in enumerate(owners.items()))]
        _lines(folder / "NonCOVID-CT-MetaInfo.csv", lines)


_WRITERS: dict[str, Callable[[Path, Painter, Size], None]] = {"covid_ct": _covid_ct}
