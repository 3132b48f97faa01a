"""Figures 4 and 5, over all rows of a protocol: losses in one chart, and the scored models' matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from reproductions.zebin.config import CLASSES, ROWS
from shared.comparison import Run
from shared.report.figures import COLOURS

STYLES = ("-", "--", ":")


def over_rows(runs: Mapping[str, Sequence[Run]]) -> dict[str, tuple[Figure, str]]:
    """name -> (figure, caption), for each protocol that has runs."""
    found: dict[str, tuple[Figure, str]] = {}
    for protocol in ("as_published", "clean"):
        done = [row.id for row in ROWS if row.protocol == protocol and runs.get(row.id)]
        shown = {row: scored(runs[row]) for row in done}
        if shown:
            said = protocol.replace("_", " ")
            found[f"figure4-{protocol}"] = (
                losses(shown),
                f"Fig. 4: loss on the training images, {said}, of the fold that is scored.",
            )
            found[f"figure5-{protocol}"] = (
                matrices(shown),
                f"Fig. 5: decisions on the fixed test set, {said}, of the fold that is scored; rows are what "
                "was decided, columns what is true.",
            )
    return found


def scored(runs: Sequence[Run]) -> Run:
    """The fold with the best validation accuracy (deviation 11); the first of equals, as in the tables."""
    return max(runs, key=lambda run: float(np.nan_to_num(run.metric("accuracy", None, "validation"), nan=-1)))


def losses(shown: Mapping[str, Run]) -> Figure:
    """One line per row over its epochs."""
    figure = Figure((6.4, 3.8), layout="constrained")
    axes = figure.subplots()
    for number, (row, run) in enumerate(shown.items()):
        colour, style = COLOURS[number % len(COLOURS)], STYLES[number // len(COLOURS) % len(STYLES)]
        values = [logs["loss"] for logs in run.history]
        axes.plot(range(1, len(values) + 1), values, style, color=colour, label=f"{row}, fold {run.draw}")
    axes.set(xlabel="epoch", ylabel="training loss", ylim=(0, None))
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=8)
    return figure


def matrices(shown: Mapping[str, Run]) -> Figure:
    """A panel per row, counts of the test set: decisions in rows, as the paper has them."""
    columns = min(len(shown), 3)
    rows = -(-len(shown) // columns)
    figure = Figure((3.1 * columns, 3.0 * rows), layout="constrained")
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    for panel in panels[len(shown) :]:
        panel.set_axis_off()
    for panel, (row, run) in zip(panels, shown.items(), strict=False):
        counts = run.of("test").counts.T
        shares = counts / np.maximum(counts.sum(axis=0), 1)
        panel.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (decided, true), count in np.ndenumerate(counts):
            ink = "white" if shares[decided, true] > 0.55 else "black"
            panel.text(true, decided, str(count), ha="center", va="center", color=ink, fontsize=9)
        right = np.trace(counts) / max(counts.sum(), 1)
        panel.set_title(f"{row}, fold {run.draw}: {right:.1%} of {counts.sum()}", fontsize=8)
        panel.set_xticks(range(len(CLASSES)), CLASSES, fontsize=7)
        panel.set_yticks(range(len(CLASSES)), CLASSES, fontsize=7)
        panel.set(xlabel="true", ylabel="decided")
    return figure
