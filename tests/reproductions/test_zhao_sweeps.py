"""Figures 6 and 8 show the accuracy of every row that belongs to them."""

from pathlib import Path

import numpy as np
import pytest

from reproductions.zhao import PAPER, sweeps
from reproductions.zhao.config import CLASSES
from shared.comparison import Predictions, Run


def made(row: str, right: int) -> Run:
    """A run with so many of 1,000 test images right."""
    true = np.arange(1000) % 3
    decided = np.where(np.arange(1000) < right, true, (true + 1) % 3)
    names = [str(i) for i in range(1000)]
    found = Predictions(CLASSES, ["test"] * 1000, names, names, true, np.eye(3)[decided])
    return Run(Path("nowhere"), {"paper": "zhao", "row": row, "draw": 0, "scale": "paper"}, found)


def shown(figure, label: str) -> dict[str, float]:
    """What the figure draws under that label: line by line."""
    axes = figure.axes[0]
    ticks = [tick.get_text() for tick in axes.get_yticklabels()]
    dots = [line for line in axes.lines if line.get_label() == label]
    return {ticks[round(dot.get_ydata()[0])]: dot.get_xdata()[0] for dot in dots}


def test_each_row_stands_in_its_panels_beside_the_number_in_the_text():
    """Fails when a setting of both panels is left out of one, or a figure's mean is no percentage."""
    runs = {
        row: [made(row, right)]
        for row, right in (
            ("fig6-512x480-10000-mixup", 990),
            ("fig6-160x128-10000", 950),
            ("fig6-512x480-500", 940),
            ("fig8-100", 930),
            ("bit-m", 992),
        )
    }
    drawn = {name: figure for name, (figure, _) in sweeps.over_rows(runs).items()}
    ours = {name: shown(figure, "obtained, 95% interval") for name, figure in drawn.items()}
    assert ours == {
        "fig6a": pytest.approx({"fig6-512x480-10000-mixup": 99, "fig6-160x128-10000": 95}),
        "fig6b": pytest.approx({"fig6-512x480-10000-mixup": 99, "fig6-512x480-500": 94}),
        "fig8": pytest.approx({"fig8-100": 93}),
    }
    assert shown(drawn["fig8"], "reported") == {"fig8-100": 94.8}


def test_every_row_of_the_two_figures_has_a_panel():
    for row in PAPER.rows:
        assert row.id.startswith(("fig6", "fig8")) == bool(set(sweeps.PANELS) & set(row.shown))
