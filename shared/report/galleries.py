"""Images on a grid, with or without the maps that explain them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from shared.report.canvas import INK, panels


def gallery(
    images: Any, titles: Sequence[str], maps: Any = None, columns: int = 5, title: str = ""
) -> Figure:
    """Images with a title each; with Grad-CAM maps, each image above itself under its map."""
    pictures = [_shown(image) for image in images]
    if maps is None:
        rows = [pictures[start : start + columns] for start in range(0, len(pictures), columns)]
        names = [titles[start : start + columns] for start in range(0, len(titles), columns)]
    else:
        heated = list(overlay(images, maps))
        rows, names = [], []
        for start in range(0, len(pictures), columns):
            rows += [pictures[start : start + columns], heated[start : start + columns]]
            names += [titles[start : start + columns], [""] * columns]
    return _tiles(rows, names, min(columns, len(pictures)), title)


def overlay(images: Any, maps: Any, strength: float = 0.6) -> np.ndarray:
    """The maps in colour over the images, uint8 (n, h, w, 3); each map is scaled to its own maximum."""
    pictures = np.stack([_shown(image) for image in images])
    heat = _stretched(np.asarray(maps, "float32"), pictures.shape[1:3])
    heat = heat / np.maximum(heat.max(axis=(1, 2), keepdims=True), np.finfo("float32").tiny)
    weight = strength * heat[..., None]
    colours = colormaps["inferno"](heat)[..., :3] * 255
    return np.rint(pictures * (1 - weight) + colours * weight).astype("uint8")


def _tiles(rows: list, names: list, columns: int, title: str) -> Figure:
    """Images on a grid, row by row."""
    figure, axes = panels(len(rows) * columns, columns, 1.7, 1.95, title)
    for each in axes:
        each.set_axis_off()
    for index, (row, row_names) in enumerate(zip(rows, names, strict=True)):
        for place, (picture, name) in enumerate(zip(row, row_names, strict=False)):
            tile = axes[index * columns + place]
            tile.imshow(picture)
            tile.set_title(str(name), fontsize=8, color=INK, parse_math=False)
    return figure


def _shown(image: Any) -> np.ndarray:
    """Any grey or colour image as uint8 RGB; what is not uint8 is stretched from its own range."""
    pixels = np.asarray(image)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    if pixels.dtype != np.uint8:
        low, high = float(pixels.min()), float(pixels.max())
        pixels = ((pixels.astype("float32") - low) / max(high - low, 1e-12) * 255).astype("uint8")
    return np.repeat(pixels, 3, axis=-1) if pixels.shape[-1] == 1 else pixels[..., :3]


def _stretched(maps: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Maps (n, h, w) brought to a size, linearly between the centres of their cells."""
    for axis, length in zip((1, 2), size, strict=True):
        cells = np.arange(maps.shape[axis])
        places = (np.arange(length) + 0.5) * len(cells) / length - 0.5
        if len(cells) != length:
            maps = np.apply_along_axis(functools.partial(_resampled, places, cells), axis, maps)
    return maps


def _resampled(places: np.ndarray, cells: np.ndarray, line: np.ndarray) -> np.ndarray:
    return np.interp(places, cells, line)
