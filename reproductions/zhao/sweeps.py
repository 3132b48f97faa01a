"""Figures 6 to 8: accuracy over resolutions, schedules and sizes of the training set, and over the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from reproductions.zhao.config import ROWS, Row
from shared.comparison import Reported, Run, interval_over_draws
from shared.paper import reported_by
from shared.report import figures
from shared.report.canvas import COLOURS

PANELS = {
    "fig6a": "Fig. 6: test accuracy over resolutions, with and without mixup.",
    "fig6b": "Fig. 6: test accuracy over schedules, with and without mixup.",
    "fig8": "Fig. 8: test accuracy over the number of training images of each class, beside COVID-Net's.",
}
STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))

RunsByRow = Mapping[str, Sequence[Run]]


def over_rows(runs: RunsByRow) -> dict:
    """name -> (figure, caption), for each panel that has runs."""
    found = {}
    for panel, caption in PANELS.items():
        rows = [row for row in ROWS if isinstance(row, Row) and panel in row.shown and row.id in runs]
        if rows:
            found[panel] = _accuracies(panel, rows, runs, caption.partition(":")[0]), caption
    curves = {row.id: _curve(runs[row.id]) for row in ROWS if "fig7" in row.shown and row.id in runs}
    if any(curves.values()):
        caption = "Fig. 7: validation accuracy during the training of each initialisation, mean over draws."
        found["fig7"] = _figure7(curves), caption
    return found


def _accuracies(panel: str, rows: Sequence[Row], runs: RunsByRow, title: str) -> Figure:
    """One line per row: accuracy with its interval, and the number that the text prints for it."""
    values: list[float | None] = [
        100 * float(np.mean([run.metric("accuracy") for run in runs[row.id]])) for row in rows
    ]
    ends = [interval_over_draws(runs[row.id], "accuracy") for row in rows]
    intervals: list[tuple[float, float] | None] = [(100 * low, 100 * high) for low, high in ends]
    lines = _reported_accuracies()
    printed = {r.row: r.number for r in lines if r.source == "prose"}
    others = [r for r in lines if r.by == "others"] if panel == "fig8" else []
    beside: list[None] = len(others) * [None]
    return figures.reported_against_obtained(
        [row.id for row in rows] + [r.label for r in others],
        [printed.get(row.id) for row in rows] + [r.number for r in others],
        [*values, *beside],
        [*intervals, *beside],
        title,
    )


def _reported_accuracies() -> list[Reported]:
    return [r for r in reported_by(__package__) if r.metric == "accuracy" and r.value]


def _curve(draws: Sequence[Run]) -> dict[float, float]:
    """Step -> validation accuracy in percent, the mean over the draws."""
    at: dict[float, list[float]] = {}
    for run in draws:
        for logs in run.history:
            if "val_accuracy" in logs:
                at.setdefault(logs["step"], []).append(100 * logs["val_accuracy"])
    return {step: float(np.mean(values)) for step, values in at.items()}


def _figure7(curves: Mapping[str, Mapping[float, float]]) -> Figure:
    """All initialisations in one chart, distinguished by colour and line style."""
    figure = Figure((7, 4), layout="constrained")
    axes = figure.subplots()
    for (row_id, curve), colour, style in zip(curves.items(), COLOURS, STYLES, strict=False):
        axes.plot(list(curve), list(curve.values()), linestyle=style, color=colour, label=row_id)
    axes.set(xlabel="step", ylabel="validation accuracy (%)")
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    return figure
