"""Figs. 5 to 7: precision, recall and F1 with the stated numbers, of one row or over all models; epochs."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from reproductions.elazhari.config import DATASETS, ROWS, Row
from shared.comparison import Predictions, Reported, Run, measure
from shared.paper import reported_by
from shared.report import figures

METRICS = ("precision", "recall", "f1")
CLASSES = ("COVID", "non-COVID")


def metric_bars(row: Row, predictions: Predictions):
    """(figure, caption) of one row's test part."""
    test = predictions.of("test")
    values = {name: {c: _value(test, name, c) for c in CLASSES} for name in METRICS}
    for name in METRICS:
        values[name]["micro"] = _value(test, f"micro_{name}", None)
    caption = (
        "Precision, recall and F1 on the test part, as in Figs. 5 and 6; diamonds where the text states a "
        "number, be it of this row or of one of several. With two classes and one decision per image the "
        "three micro averages equal the accuracy."
    )
    numbers = {name: {c: stated(row.id, name, c) for c in CLASSES} for name in METRICS}
    return figures.bars(values, numbers, f"{row.id}: {len(test.true):,} test items"), caption


def stated(row_id: str, metric: str, class_name: str = "") -> float:
    """The number the text states for a row, or for several of which it is one; NaN where it states none.

    It states none of a `-clean` row (deviation 3).
    """
    for number in _reported():
        asked = (number.metric, number.class_name) == (metric, class_name)
        if asked and row_id in number.rows:
            return number.number * number.scale
    return float("nan")


@functools.cache
def _reported() -> list[Reported]:
    """Read once: every bar asks."""
    return reported_by(__package__)


def over_models(runs: Mapping[str, Sequence[Run]], rows: Sequence[Row], class_name: str, title: str):
    """A panel of Figs. 5 and 6: one class, the models side by side; rows without runs are left out."""
    done = [row for row in rows if row.id in runs]
    values = {
        name: {
            _model(row): float(np.mean([r.metric(name, class_name) for r in runs[row.id]])) for row in done
        }
        for name in METRICS
    }
    numbers = {name: {_model(row): stated(row.id, name, class_name) for row in done} for name in METRICS}
    return figures.bars(values, numbers, f"{title}, {class_name}")


def epochs(runs: Mapping[str, Sequence[Run]], rows: Sequence[Row], title: str):
    """Fig. 7: epochs until the stopping rule."""
    done = [row for row in rows if row.id in runs]
    found = [float(np.mean([run.metric("epochs") for run in runs[row.id]])) for row in done]
    numbers = [stated(row.id, "epochs") for row in done]
    said = [None if np.isnan(number) else number for number in numbers]
    labels = [_model(row).replace("\n", " ") for row in done]
    return figures.reported_against_obtained(labels, said, found, [None] * len(done), title, "epochs")


def over_rows(runs: Mapping[str, Sequence[Run]]) -> dict:
    """name -> (figure, caption): Figs. 5 to 7, for each modality and protocol that has runs."""
    found = {}
    for modality, number in zip(DATASETS, ("5", "6"), strict=True):
        for protocol in ("as_published", "clean"):
            rows = [row for row in ROWS if (row.modality, row.protocol) == (modality, protocol)]
            if not any(row.id in runs for row in rows):
                continue
            end, title = f"{modality}-{protocol}", f"{modality}, {protocol.replace('_', ' ')}"
            for class_name in CLASSES:
                found[f"figure{number}-{end}-{class_name}"] = (
                    over_models(runs, rows, class_name, title),
                    f"Fig. {number}, {class_name}: {title}; diamonds where the text states a number.",
                )
            caption = f"Fig. 7: epochs until the stopping rule, {title}."
            found[f"figure7-{end}"] = epochs(runs, rows, title), caption
    return found


def _model(row: Row) -> str:
    return row.model + ("" if row.model == "cnn" else "\npretrained" if row.frozen else "\nrandom")


def _value(predictions: Predictions, metric: str, class_name: str | None) -> float:
    """A class never decided for has no precision: its bar is left at zero."""
    return float(np.nan_to_num(measure(predictions, metric, class_name)))
