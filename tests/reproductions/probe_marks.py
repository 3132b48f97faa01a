"""Images that say which they are: a number in two grey levels that flips, turns, zooms and crops leave alone.

A disc and a ring around it carry the number; random blocks in the corners, black and white among them, show
any change of the image and of its range, and keep two images from being taken for copies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LEVELS, FIRST, STEP = 31, 18, 7  # grey 18, 25 ... 228
TOLERANCE = 2.5
DISC, RING, READ_AT = 0.42, 0.85, 0.62  # radii, as shares of half the side


def image(number: int, side: int) -> np.ndarray:
    """uint8 (side, side)."""
    ring, disc = divmod(number, LEVELS)
    if ring >= LEVELS:
        raise ValueError(f"{number}: only {LEVELS**2} images can be told apart")
    axis = np.abs(np.arange(side) - (side - 1) / 2) * 2 / side
    radius = np.hypot(axis[:, None], axis[None])
    blocks = np.random.default_rng(number).integers(0, 256, (8, 8))
    blocks[0, 0], blocks[-1, -1] = 0, 255
    cell = np.arange(side) * 8 // side
    grey = blocks[np.ix_(cell, cell)]
    grey[radius < RING] = FIRST + STEP * ring
    grey[radius < DISC] = FIRST + STEP * disc
    return grey.astype(np.uint8)


def numbers(grey: np.ndarray) -> np.ndarray:
    """The number of each image (n, h, w) in 0..255; -1 where there is none, as in a mixture of two images."""
    height, width = grey.shape[1:3]
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    turns = np.arange(8) * np.pi / 4
    around = middle + READ_AT * np.array([height, width]) / 2 * np.stack([np.sin(turns), np.cos(turns)], 1)
    disc = _level(_at(grey, middle))
    ring = _level(np.median([_at(grey, place) for place in around], axis=0))
    return np.where((disc < 0) | (ring < 0), -1, LEVELS * ring + disc)


def _at(grey: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The mean of the pixels around a place."""
    low, high = np.floor(place).astype(int), np.ceil(place).astype(int)
    return grey[:, low[0] : high[0] + 1, low[1] : high[1] + 1].mean(axis=(1, 2))


def _level(grey: np.ndarray) -> np.ndarray:
    level = np.rint((grey - FIRST) / STEP).astype(int)
    near = np.abs(grey - FIRST - STEP * level) <= TOLERANCE
    return np.where(near & (level >= 0) & (level < LEVELS), level, -1)


@dataclass(frozen=True)
class Scale:
    """How a model reads pixels, and the way back to grey 0..255."""

    name: str
    back: Callable[[np.ndarray], np.ndarray]

    def grey(self, inputs: np.ndarray) -> np.ndarray:
        """Grey images (n, h, w) of what a model read; fails where that is on another scale."""
        grey = np.asarray(self.back(inputs.astype("float64")))
        low, high = float(grey.min()), float(grey.max())
        assert -1 <= low < 16 and 239 < high <= 256, f"{low:.4g} to {high:.4g} is not {self.name}"
        if grey.shape[-1] == 3:
            assert np.allclose(grey, grey[..., :1], atol=0.5), f"three channels that differ: not {self.name}"
        return grey[..., 0]


_BLUE_FIRST = np.array([103.939, 116.779, 123.68])
_MEAN, _DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])

RAW = Scale("0 to 255", lambda x: x)
UNIT = Scale("0 to 1", lambda x: 255 * x)
SIGNED = Scale("-1 to 1", lambda x: 127.5 * (x + 1))
CAFFE = Scale("blue first, ImageNet's means taken off", lambda x: x + _BLUE_FIRST)
TORCH = Scale("ImageNet's mean and deviation", lambda x: 255 * (x * _DEVIATION + _MEAN))
