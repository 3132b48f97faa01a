"""Figures 6 and 8 show the accuracy of every row that belongs to them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reproductions.zhao import PAPER, figures, sweeps
from reproductions.zhao.config import CLASSES
from shared.comparison import Predictions, Run


def made(row: str, right: int, curve=()) -> Run:
    """A run with so many of 1,000 test images right, and a validation accuracy after every 100 steps."""
    true = np.arange(1000) % 3
    decided = np.where(np.arange(1000) < right, true, (true + 1) % 3)
    names = [str(i) for i in range(1000)]
    found = Predictions(CLASSES, ["test"] * 1000, names, names, true, np.eye(3)[decided])
    found.history = [{"step": 100.0 * n, "loss": 1.0, "val_accuracy": v} for n, v in enumerate(curve, 1)]
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
    nets = {"COVID-Net CT-1": 94.5, "COVID-Net CT-2 L": 98.1, "COVID-Net CT-2 S": 97.9}
    assert shown(drawn["fig8"], "reported") == {"fig8-100": 94.8, **nets}
    assert not shown(drawn["fig6b"], "reported")


def test_figure_7_shows_all_initialisations_in_one_chart_each_the_mean_over_its_draws():
    """Training accuracy for validation's, a draw alone, or a chart per row."""
    runs = {
        "random": [made("random", 900, (0.5, 0.9)), made("random", 900, (0.7, 0.8))],
        "bit-m": [made("bit-m", 990, (0.9, 1.0))],
        "fig6-160x128-10000": [made("fig6-160x128-10000", 950, (0.1, 0.2))],
    }
    (axes,) = sweeps.over_rows(runs)["fig7"][0].axes
    lines = {line.get_label(): line for line in axes.lines}
    assert {label: line.get_ydata() for label, line in lines.items()} == {
        "random": pytest.approx([60, 85]),
        "bit-m": pytest.approx([90, 100]),
    }
    assert all(list(line.get_xdata()) == [100, 200] for line in lines.values())
    assert len({line.get_linestyle() for line in lines.values()}) == 2
    assert "fig7" not in sweeps.over_rows({"fig8-50": [made("fig8-50", 900)]})


def test_figure_5_counts_the_test_split():
    """The validation split's matrix, or both splits' together."""
    true, decided = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 2, 0])
    split, names = ["validation"] * 2 + ["test"] * 3, list("abcde")
    found = Predictions(CLASSES, split, names, names, true, np.eye(3)[decided])
    row = replace(PAPER.row("bit-m"), shown=("fig5",))
    ((figure, _),) = figures.draw(row, found, {}, Path("none"), 0, None).values()
    counts = [text.get_text().split()[0] for text in figure.axes[0].texts]
    assert counts == ["0", "0", "0", "0", "1", "0", "1", "0", "1"]


def test_every_row_of_the_two_figures_has_a_panel():
    for row in PAPER.rows:
        assert row.id.startswith(("fig6", "fig8")) == bool(set(sweeps.PANELS) & set(row.shown))
