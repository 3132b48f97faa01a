"""Figures of one run, drawn with matplotlib's Agg: each function returns a Figure, `png_bytes` encodes it.

Colours are Okabe and Ito's, which stay apart under every common colour blindness; line style or marker always
says the same as the colour.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imsave

from shared.comparison import metrics

BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW = COLOURS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
)
INK, FAINT = "#24292f", "#8c959f"
MARKERS = "os^DvPX"
DEMO = "DEMO – synthetic images, not a result"
DPI = 110


def png_bytes(figure: Figure, demo: bool = False) -> bytes:
    """The figure as a PNG; a demo's carries a banner above the picture, where it hides nothing."""
    pixels = _pixels(figure)
    if demo:
        pixels = np.concatenate([_banner(pixels.shape[1]), pixels])
    buffer = io.BytesIO()
    imsave(buffer, pixels, format="png", metadata={"Description": DEMO} if demo else None)
    return buffer.getvalue()


def confusion_matrix(
    true: Sequence[int], predicted: Sequence[int], classes: Sequence[str], title: str = ""
) -> Figure:
    """Counts, rows true and columns predicted; the shade is the share of the true class."""
    counts = metrics.confusion(np.asarray(true, int), np.asarray(predicted, int), len(classes))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 1.9 + 0.75 * len(classes)
    figure, axes = _figure(side + 0.4, side, title)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if shares[row, column] > 0.55 else INK
        text = f"{count}\n{shares[row, column]:.0%}"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=9)
    axes.set_xticks(range(len(classes)), classes, rotation=30, ha="right")
    axes.set_yticks(range(len(classes)), classes)
    axes.set(xlabel="predicted", ylabel="true")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def curves(history: Sequence[Mapping[str, float]], title: str = "", x: str = "epoch") -> Figure:
    """The columns of a history over its epochs: one panel per quantity, training solid and validation dashed.

    `x` names the column to draw against; where the history has none, its entries are counted from 1.
    """
    names = [name for name in dict.fromkeys(key for entry in history for key in entry) if name != x]
    panels = list(dict.fromkeys(name.removeprefix("val_") for name in names))
    panels.sort(key=lambda name: (name != "loss", name != "accuracy"))
    figure, panel_axes = _grid(len(panels), min(len(panels), 3), 3.6, 2.7, title)
    for axes, panel in zip(panel_axes, panels, strict=True):
        for name, colour, style, label in (
            (panel, BLUE, "-", "training"),
            (f"val_{panel}", RED, "--", "validation"),
        ):
            points = [(entry.get(x, k + 1), entry[name]) for k, entry in enumerate(history) if name in entry]
            if points:
                marker = "o" if len(points) < 12 else None
                axes.plot(
                    *zip(*points, strict=True), style, color=colour, label=label, marker=marker, markersize=3
                )
        axes.set(xlabel=x, title=panel.replace("_", " "))
        axes.grid(alpha=0.25)
        if f"val_{panel}" in names:
            axes.legend(frameon=False, fontsize=8)
    return figure


def reported_against_obtained(
    labels: Sequence[str],
    reported: Sequence[float | None],
    obtained: Sequence[float | None],
    intervals: Sequence[tuple[float, float] | None],
    title: str = "",
    unit: str = "%",
) -> Figure:
    """One line per number: a diamond for what is reported, a dot with its interval for what came out."""
    figure, axes = _figure(7, 1.1 + 0.32 * len(labels), title)
    for line, (stated, value, interval) in enumerate(zip(reported, obtained, intervals, strict=True)):
        if interval is not None:
            axes.plot(interval, (line, line), color=BLUE, linewidth=2, alpha=0.7, solid_capstyle="butt")
        if value is not None:
            axes.plot(value, line, "o", color=BLUE, label="obtained, 95% interval")
        if stated is not None:
            axes.plot(stated, line, "D", color=RED, markerfacecolor="white", label="reported")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlabel(unit)
    axes.grid(axis="x", alpha=0.25)
    once = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    if once:
        axes.legend(
            once.values(),
            once.keys(),
            frameon=False,
            fontsize=8,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=2,
        )
    return figure


def tsne(
    features: Any, labels: Sequence[int], classes: Sequence[str], title: str = "", seed: int = 0
) -> Figure:
    """Features laid out in the plane by t-SNE; distances between far groups mean nothing.

    One thread: the order of a sum over threads would change the layout, and on busy cores it is slower.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    features, labels = np.asarray(features, "float32"), np.asarray(labels)
    features = features.reshape(len(features), -1)
    perplexity = min(30.0, max(1.0, (len(features) - 1) / 3))
    with threadpool_limits(limits=1):
        places = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(features)
    figure, axes = _figure(5, 4.4, title)
    for index, name in enumerate(classes):
        chosen = places[labels == index]
        marker, colour = MARKERS[index % len(MARKERS)], COLOURS[index % len(COLOURS)]
        axes.scatter(*chosen.T, s=16, marker=marker, color=colour, alpha=0.75, linewidths=0, label=name)
    axes.set(xticks=[], yticks=[])
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


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


def pairs(left: Any, right: Any, titles: Sequence[str], columns: int = 4, title: str = "") -> Figure:
    """Two images side by side under one title: near-duplicates, or a generated image and a real one."""
    together = [_side_by_side(_shown(one), _shown(other)) for one, other in zip(left, right, strict=True)]
    rows = [together[start : start + columns] for start in range(0, len(together), columns)]
    names = [titles[start : start + columns] for start in range(0, len(titles), columns)]
    return _tiles(rows, names, min(columns, len(together)), title, width=3.0)


def bars(
    values: Mapping[str, Mapping[str, float]],
    stated: Mapping[str, Mapping[str, float]] | None = None,
    title: str = "",
) -> Figure:
    """values[metric][class] as bars, and a diamond where the paper states a number for the same."""
    stated = stated or {}
    classes = list(dict.fromkeys(name for by_class in values.values() for name in by_class))
    figure, axes = _figure(2.2 + 0.9 * len(classes) * max(1, len(values) / 2), 3.4, title)
    width = 0.8 / max(len(values), 1)
    for index, (metric, by_class) in enumerate(values.items()):
        places = np.arange(len(classes)) + (index - (len(values) - 1) / 2) * width
        heights = [by_class.get(name, np.nan) for name in classes]
        colour, hatch = COLOURS[index % len(COLOURS)], ("", "//", "..", "xx", "--")[index % 5]
        drawn = axes.bar(
            places, heights, width * 0.92, color=colour, hatch=hatch, edgecolor="white", label=metric
        )
        axes.bar_label(drawn, fmt="%.2f", fontsize=7, padding=2)
        numbers = [stated.get(metric, {}).get(name, np.nan) for name in classes]
        if not np.isnan(numbers).all():
            label = "stated" if "stated" not in axes.get_legend_handles_labels()[1] else None
            axes.plot(places, numbers, "D", color=INK, markerfacecolor="white", markersize=6, label=label)
    axes.set_xticks(range(len(classes)), classes)
    axes.set_ylim(0, 1.12)
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def calibration(true: Sequence[int], probabilities: Any, title: str = "", bins: int = 10) -> Figure:
    """Accuracy against confidence in equal bins of the top probability; the area is the number."""
    filled = metrics.calibration_bins(np.asarray(true), np.asarray(probabilities, "float64"), bins)
    counts, confidence, accuracy = filled[filled[:, 0] > 0].T
    figure, axes = _figure(4.2, 3.9, title)
    axes.plot((0, 1), (0, 1), "--", color=FAINT, linewidth=1, label="perfect")
    axes.plot(confidence, accuracy, "-", color=BLUE, linewidth=1)
    axes.scatter(confidence, accuracy, s=20 + 180 * counts / counts.max(), color=BLUE, alpha=0.8, zorder=3)
    axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1.03), ylim=(0, 1.03), aspect="equal")
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    return figure


def _figure(width: float, height: float, title: str) -> tuple[Figure, Axes]:
    figure, axes = _grid(1, 1, width, height, title)
    return figure, axes[0]


def _grid(count: int, columns: int, width: float, height: float, title: str) -> tuple[Figure, list[Axes]]:
    """A figure with that many axes of that size in inches; places left over in the last row stay empty."""
    columns = max(columns, 1)
    rows = max(math.ceil(count / columns), 1)
    figure = Figure((columns * width, rows * height), dpi=DPI, layout="constrained", facecolor="white")
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for spare in axes[count:]:
        spare.set_axis_off()
    for each in axes[:count]:
        each.spines[["top", "right"]].set_visible(False)
        each.tick_params(labelsize=9, colors=INK)
    if title:
        figure.suptitle(title, fontsize=11, color=INK)
    return figure, axes[:count]


def _tiles(rows: list, names: list, columns: int, title: str, width: float = 1.7) -> Figure:
    """Images on a grid, row by row."""
    figure, axes = _grid(len(rows) * columns, columns, width, 1.95, title)
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
            maps = np.apply_along_axis(lambda line, at=places, x=cells: np.interp(at, x, line), axis, maps)
    return maps


def _side_by_side(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Two RGB images on one white canvas, a gap between them; a smaller one keeps its size."""
    gap = max(2, left.shape[1] // 40)
    height = max(left.shape[0], right.shape[0])
    canvas = np.full((height, left.shape[1] + gap + right.shape[1], 3), 255, "uint8")
    canvas[: left.shape[0], : left.shape[1]] = left
    canvas[: right.shape[0], left.shape[1] + gap :] = right
    return canvas


def _pixels(figure: Figure) -> np.ndarray:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


def _banner(width: int) -> np.ndarray:
    """A strip of that width in pixels that says DEMO."""
    strip = Figure((width / DPI, 0.26), dpi=DPI, facecolor=YELLOW)
    size = min(10.0, width / DPI * 72 / len(DEMO) * 1.6)
    strip.text(0.5, 0.5, DEMO, ha="center", va="center", fontsize=size, fontweight="bold", color="black")
    pixels = _pixels(strip)
    spare = np.repeat(pixels[:, -1:], max(width - pixels.shape[1], 0), axis=1)
    return np.concatenate([pixels, spare], axis=1)[:, :width]
