"""Figures 4 and 5: every row of a protocol, of the fold that is scored, decisions in rows."""

from pathlib import Path

import numpy as np
import pytest

from reproductions.zebin import overview
from reproductions.zebin.config import CLASSES
from shared.comparison import Predictions, Run


def run(row, draw, validated, losses):
    """Three validation images, of which so many are right; six test images, one COVID-19 called normal."""
    true = np.array([0, 1, 2, 0, 0, 1, 1, 2, 2])
    decided = np.array([*(true[:3] + (np.arange(3) >= validated)) % 3, 0, 1, 1, 1, 2, 2])
    names = [f"image-{i}" for i in range(9)]
    split = ["validation"] * 3 + ["test"] * 6
    found = Predictions(CLASSES, split, names, names, true, np.eye(3)[decided])
    found.history = [{"loss": loss} for loss in losses]
    return Run(Path(), {"row": row, "draw": draw}, found)


@pytest.fixture
def drawn():
    runs = {
        "vgg16-v1": [
            run("vgg16-v1", 0, 1, [9, 8]),
            run("vgg16-v1", 1, 3, [5, 4]),
            run("vgg16-v1", 2, 3, [7, 6]),
        ],
        "resnet50-v1": [run("resnet50-v1", 0, 2, [3, 2, 1])],
        "vgg16-v1-clean": [run("vgg16-v1-clean", 0, 2, [2, 1])],
    }
    return overview.over_rows(runs)


def test_losses_of_all_rows_are_in_one_chart(drawn):
    """A row left out, a row of the other protocol, another fold than the best on validation."""
    assert set(drawn) == {f"figure{n}-{p}" for n in (4, 5) for p in ("as_published", "clean")}
    lines = drawn["figure4-as_published"][0].axes[0].lines
    assert {line.get_label(): list(line.get_ydata()) for line in lines} == {
        "vgg16-v1, fold 1": [5, 4],
        "resnet50-v1, fold 0": [3, 2, 1],
    }
    assert list(lines[0].get_xdata()) == [1, 2]


def test_a_matrix_has_the_test_set_and_decisions_in_rows(drawn):
    """Validation images or other folds counted, or rows and columns exchanged."""
    first, second = drawn["figure5-as_published"][0].axes
    assert first.get_title() == "vgg16-v1, fold 1: 83.3% of 6"
    cells = {(text.get_position(), text.get_text()) for text in first.texts}
    # Column COVID-19: one decided COVID-19, one decided normal, in the row below.
    assert {((0, 0), "1"), ((0, 1), "1"), ((1, 0), "0"), ((2, 2), "2")} <= cells
    assert (first.get_xlabel(), first.get_ylabel()) == ("true", "decided")
    assert second.get_title().startswith("resnet50-v1")
