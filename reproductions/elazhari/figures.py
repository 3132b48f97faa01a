"""Figs. 5 and 6 of one row: precision, recall and F1 per class and micro-averaged, beside what is stated."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reproductions.elazhari.config import Row
from shared import figures
from shared.results import Predictions, load_reported
from shared.runs import measure

METRICS = ("precision", "recall", "f1")
REPORTED = Path(__file__).with_name("reported.csv")


def metric_bars(row: Row, predictions: Predictions):
    """(figure, caption) of the test part's metrics."""
    test = predictions.of("test")
    values = {name: _of_classes(test, name) for name in METRICS}
    caption = (
        "Precision, recall and F1 on the test part, as in Figs. 5 and 6; diamonds where the text states a "
        "number. With two classes and one decision per image the three micro averages equal the accuracy."
    )
    return figures.bars(values, stated(row), f"{row.id}: {len(test.true):,} test items"), caption


def stated(row: Row) -> dict[str, dict[str, float]]:
    """metric -> class -> the number the text states for the row, or for several rows of which this is one."""
    found: dict[str, dict[str, float]] = {}
    for number in load_reported(REPORTED):
        if row.id.removesuffix("-clean") in number.rows and number.metric in METRICS:
            found.setdefault(number.metric, {})[number.class_name] = number.number * number.scale
    return found


def _of_classes(predictions: Predictions, metric: str) -> dict[str, float]:
    by_class = {name: measure(predictions, metric, name) for name in predictions.classes}
    return {name: float(np.nan_to_num(value)) for name, value in by_class.items()} | {
        "micro": measure(predictions, f"micro_{metric}")
    }
