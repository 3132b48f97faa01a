"""The pictures of look-alikes: lungs, grain, and a sign of the class.

Look-alikes carry a signal that a right pipeline must learn: a disease
has stripes of its own, the same in every dataset, that flips and small turns, zooms and shifts leave as they
are, and a class has a bright patch at its own height. Their strength varies, and one image in forty shows
another class. A patient's images share the shape of the lungs and the grain, so that a patient on both
sides of a split is an advantage to be found. Shuffled look-alikes carry no signal: their labels say nothing
about the pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_WRONG = 1 / 40
"""Share of images that show another class."""

_STRIPES = ((0, 0), (0, 2), (4, 2), (4, 0))
"""Bands side by side, and bands one above another: of healthy images, pneumonia, COVID-19 and all else."""
_OF_CLASS = {"no finding": 0, "normal": 0, "non-covid": 0, "noncovid": 0, "pneumonia": 1}
_OF_CLASS |= {"covid": 2, "covid-19": 2}


class Painter:
    """Draws grey images; an image depends on the seed and on its class, patient and number alone."""

    def __init__(
        self, classes: Sequence[str], side: int, seed: Sequence[int], shuffled: bool = False
    ) -> None:
        self._looks = [
            (_STRIPES[_OF_CLASS.get(name.lower(), 3)], (2 * k + 1) / len(classes) - 1)
            for k, name in enumerate(classes)
        ]
        self._seed, self.side, self._shuffled = seed, side, shuffled
        axis = np.linspace(-1, 1, side, dtype=np.float32)
        self._y, self._x = np.meshgrid(axis, axis, indexing="ij")

    def grey(self, label: int, patient: int, image: int) -> np.ndarray:
        """uint8 (side, side)."""
        draw = np.random.default_rng([*self._seed, label, patient, image])
        body = draw if self._shuffled else np.random.default_rng([*self._seed, label, patient])
        picture = 140 - 55 * self._lungs(body) + self._grain(body, 12) + self._grain(draw, 12)
        stripes, height = self._look(label, draw)
        picture += draw.uniform(40, 65) * self._striped(*stripes)
        picture += draw.uniform(25, 60) * self._patch(height, draw)
        return np.clip(picture, 0, 255).astype(np.uint8)

    def _look(self, label: int, rng: np.random.Generator) -> tuple[tuple[int, int], float]:
        """The stripes and the height of the patch; shuffled, any of them, whatever the dataset's classes."""
        if self._shuffled:
            return _STRIPES[rng.integers(len(_STRIPES))], rng.uniform(-1, 1)
        return self._looks[rng.integers(len(self._looks)) if rng.random() < _WRONG else label]

    def _striped(self, across: int, down: int) -> np.ndarray:
        """Bands across, down, or both, the same when seen in a mirror."""
        bands = [np.cos(np.pi * n * axis) for n, axis in ((across, self._x), (down, self._y)) if n]
        return sum(bands, np.zeros_like(self._x))

    def _lungs(self, rng: np.random.Generator) -> np.ndarray:
        wide, high, apart = rng.uniform(0.24, 0.34), rng.uniform(0.5, 0.7), rng.uniform(0.4, 0.5)
        return self._blob(-apart, 0.0, wide, high) + self._blob(apart, 0.0, wide, high)

    def _patch(self, height: float, rng: np.random.Generator) -> np.ndarray:
        return self._blob(rng.normal(0, 0.05), 0.6 * height + rng.normal(0, 0.05), 0.2, 0.2)

    def _blob(self, x: float, y: float, wide: float, high: float) -> np.ndarray:
        return np.exp(-(((self._x - x) / wide) ** 2) - ((self._y - y) / high) ** 2)

    def _grain(self, rng: np.random.Generator, strength: float) -> np.ndarray:
        return strength * rng.standard_normal(self._x.shape, dtype=np.float32)
