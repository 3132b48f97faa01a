"""Figures of a run or of several rows: each function returns a matplotlib Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from shared.comparison import metrics
from shared.report.canvas import BLUE, COLOURS, INK, MARKERS, RED, one_panel, panels


def confusion_matrix(
    true: Sequence[int] | np.ndarray,
    predicted: Sequence[int] | np.ndarray,
    classes: Sequence[str],
    title: str = "",
) -> Figure:
    """Counts, rows true and columns predicted; the shade is the share of the true class."""
    counts = metrics.confusion(np.asarray(true, int), np.asarray(predicted, int), len(classes))
    shares = metrics.shares_of_the_true(counts)
    side = 1.9 + 0.75 * len(classes)
    figure, axes = one_panel(side + 0.4, side, title)
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
    quantities = list(dict.fromkeys(name.removeprefix("val_") for name in names))
    quantities.sort(key=lambda name: (name != "loss", name != "accuracy"))
    figure, panel_axes = panels(len(quantities), min(len(quantities), 3), 3.6, 2.7, title)
    for axes, panel in zip(panel_axes, quantities, strict=True):
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
    figure, axes = one_panel(7, 1.1 + 0.32 * len(labels), title)
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

    points = np.asarray(features, "float32").reshape(len(features), -1)
    classes_of = np.asarray(labels)
    perplexity = min(30.0, max(1.0, (len(points) - 1) / 3))
    with threadpool_limits(limits=1):
        places = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(points)
    figure, axes = one_panel(5, 4.4, title)
    for index, name in enumerate(classes):
        chosen = places[classes_of == index]
        marker, colour = MARKERS[index % len(MARKERS)], COLOURS[index % len(COLOURS)]
        axes.scatter(
            chosen[:, 0],
            chosen[:, 1],
            s=16,
            marker=marker,
            color=colour,
            alpha=0.75,
            linewidths=0,
            label=name,
        )
    axes.set(xticks=[], yticks=[])
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def bars(
    values: Mapping[str, Mapping[str, float]],
    stated: Mapping[str, Mapping[str, float]] | None = None,
    title: str = "",
) -> Figure:
    """values[metric][class] as bars, and a diamond where the paper states a number for the same."""
    stated = stated or {}
    classes = list(dict.fromkeys(name for by_class in values.values() for name in by_class))
    figure, axes = one_panel(2.2 + 0.9 * len(classes) * max(1, len(values) / 2), 3.4, title)
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
