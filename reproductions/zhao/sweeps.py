"""Figures 6 and 8: the accuracy over resolutions, over schedules, and over sizes of the training set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from reproductions.zhao.config import ROWS, Row
from shared.comparison import Run, interval_over_draws
from shared.paper import reported_by
from shared.report import figures

PANELS = {
    "fig6a": "Fig. 6: test accuracy over resolutions, with and without mixup.",
    "fig6b": "Fig. 6: test accuracy over schedules, with and without mixup.",
    "fig8": "Fig. 8: test accuracy over the number of training images of each class.",
}


def over_rows(runs: Mapping[str, Sequence[Run]]) -> dict:
    """name -> (figure, caption), for each panel that has runs."""
    found = {}
    for panel, caption in PANELS.items():
        rows = [row for row in ROWS if panel in row.shown and row.id in runs]
        if rows:
            found[panel] = _accuracies(rows, runs, caption.partition(":")[0]), caption
    return found


def _accuracies(rows: Sequence[Row], runs: Mapping[str, Sequence[Run]], title: str):
    """One line per row: accuracy with its interval, and the number that the text prints for it."""
    values = [100 * float(np.mean([run.metric("accuracy") for run in runs[row.id]])) for row in rows]
    ends = [interval_over_draws(runs[row.id], "accuracy") for row in rows]
    intervals = [(100 * low, 100 * high) for low, high in ends]
    lines = reported_by(__package__)
    printed = {r.row: r.number for r in lines if r.metric == "accuracy" and r.source == "prose"}
    reported = [printed.get(row.id) for row in rows]
    return figures.reported_against_obtained([row.id for row in rows], reported, values, intervals, title)
