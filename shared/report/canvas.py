"""The parts that all figures share, on matplotlib's Agg: colours, panels, and a PNG that may carry DEMO.

Colours are Okabe and Ito's, which stay apart under every common colour blindness; line style or marker always
says the same as the colour.
"""

from __future__ import annotations

import io
import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imsave

BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW = COLOURS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
)
INK = "#24292f"
MARKERS = "os^DvPX"
DEMO = "DEMO – synthetic images, not a result"
DPI = 110


def one_panel(width: float, height: float, title: str) -> tuple[Figure, Axes]:
    figure, axes = panels(1, 1, width, height, title)
    return figure, axes[0]


def panels(count: int, columns: int, width: float, height: float, title: str) -> tuple[Figure, list[Axes]]:
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


def png_bytes(figure: Figure, demo: bool = False) -> bytes:
    """The figure as a PNG; a demo's carries a banner above the picture, where it hides nothing."""
    pixels = _pixels(figure)
    if demo:
        pixels = np.concatenate([_banner(pixels.shape[1]), pixels])
    buffer = io.BytesIO()
    imsave(buffer, pixels, format="png", metadata={"Description": DEMO} if demo else None)
    return buffer.getvalue()


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
