"""How far a metric may vary over draws and test images, and by how much one row differs from another."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from shared.base.wilson import wilson
from shared.comparison import metrics
from shared.comparison.runs import Predictions, Run, class_index, measure


def interval_over_draws(
    runs: Sequence[Run], metric: str, class_name: str | None = None, split: str = "test"
) -> tuple[float, float]:
    """95% interval of the mean over draws: Student's; widened to that of one draw's images where needed.

    One or two draws, or draws that all give the same value, say too little about the spread.
    """
    values = [run.metric(metric, class_name, split) for run in runs]
    low, high = metrics.t_interval(values)
    if len(values) < 3 and not metrics.is_metric(metric):  # epochs, seconds: no images to widen it by
        return float("nan"), float("nan")
    if len(values) < 3 or np.ptp(values) == 0:
        image_low, image_high = interval_of_images(
            runs[0].of(split), metric, class_name, float(np.mean(values))
        )
        low, high = np.fmin(low, image_low), np.fmax(high, image_high)
    if metrics.is_metric(metric):
        low, high = max(low, 0.0), (high if metric == "brier" else min(high, 1.0))
    return float(low), float(high)


def interval_of_images(
    predictions: Predictions, metric: str, class_name: str | None = None, value: float | None = None
) -> tuple[float, float]:
    """95% interval of one set of predictions: Wilson's for a share, else bootstrap; over known patients."""
    if not metrics.is_metric(metric) or not len(predictions.true):
        return float("nan"), float("nan")
    value = measure(predictions, metric, class_name) if value is None else value
    positive = class_index(predictions.classes, class_name)
    groups = predictions.groups
    by_patient = groups.max() + 1 < len(groups)
    n = share_of(predictions, metric, class_name)
    if n is not None and not by_patient:
        return wilson(value, n)
    if metric not in metrics.CONFUSION_METRICS:
        return metrics.bootstrap(groups, lambda i: measure(_at(predictions, i), metric, class_name))
    low, high = metrics.percentiles(metrics.rate(predictions.resampled, metric, positive))
    if low == high:  # all right or all wrong: resampling cannot show it, the number of patients can
        return wilson(value, groups.max() + 1)
    return low, high


def share_of(predictions: Predictions, metric: str, class_name: str | None = None) -> float | None:
    """How many images the metric is a share of; None where it is no simple share."""
    if metric not in metrics.CONFUSION_METRICS:
        return None
    return metrics.denominator(predictions.counts, metric, class_index(predictions.classes, class_name))


# --- differences -----------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Difference:
    """A metric of one row minus that of another, draw by draw."""

    values: tuple[float, ...]
    mean: float
    low: float
    high: float
    p_t: float
    p_sign: float
    p_mcnemar: float
    """Of the pooled decisions; NaN where the two rows were not scored on the same images."""

    def __str__(self) -> str:
        tests = [("paired t", self.p_t), ("sign", self.p_sign), ("McNemar", self.p_mcnemar)]
        shown = ", ".join(f"{name} p={p:.3g}" for name, p in tests if not np.isnan(p))
        interval = f"{_signed(self.low)} to {_signed(self.high)}"
        return f"{_signed(self.mean)} ({interval}), {draws_text(len(self.values))}; {shown}"


def difference(
    better: Sequence[Run],
    worse: Sequence[Run],
    metric: str = "accuracy",
    class_name: str | None = None,
    split: str = "test",
) -> Difference:
    """The paired difference over the draws that both rows have; raises KeyError where they share none."""
    pairs = _pairs(better, worse)
    values = [a.metric(metric, class_name, split) - b.metric(metric, class_name, split) for a, b in pairs]
    low, high = metrics.t_interval(values)
    if len(values) < 3 or np.ptp(values) == 0:
        image_low, image_high = _image_interval(pairs[0], metric, class_name, split)
        low, high = np.fmin(low, image_low), np.fmax(high, image_high)
    return Difference(
        tuple(values),
        float(np.mean(values)),
        float(low),
        float(high),
        metrics.paired_t(values),
        metrics.sign_test(values) if len(values) > 2 else float("nan"),
        _mcnemar(pairs, split) if metric == "accuracy" else float("nan"),
    )


def _pairs(better: Sequence[Run], worse: Sequence[Run]) -> list[tuple[Run, Run]]:
    of_draw = {run.draw: run for run in worse}
    pairs = [(run, of_draw[run.draw]) for run in better if run.draw in of_draw]
    if not pairs:
        raise KeyError(f"{better[0].row} and {worse[0].row} with the same draw")
    return pairs


def _same_images(a: Predictions, b: Predictions) -> bool:
    return a.sample == b.sample and a.classes == b.classes and np.array_equal(a.true, b.true)


def _mcnemar(pairs: Sequence[tuple[Run, Run]], split: str) -> float:
    both = [(a.of(split), b.of(split)) for a, b in pairs]
    if not all(_same_images(a, b) for a, b in both):
        return float("nan")
    right = [np.concatenate([p.decided == p.true for p in side]) for side in zip(*both, strict=True)]
    return metrics.mcnemar(*right)


def _image_interval(
    pair: tuple[Run, Run], metric: str, class_name: str | None, split: str
) -> tuple[float, float]:
    """How far the test images alone let the difference of one draw vary."""
    if not metrics.is_metric(metric):
        return float("nan"), float("nan")
    a, b = (run.of(split) for run in pair)
    if not _same_images(a, b):
        ends = [interval_of_images(p, metric, class_name) for p in (a, b)]
        return ends[0][0] - ends[1][1], ends[0][1] - ends[1][0]
    if metric == "accuracy" and not all(a.patient):
        return metrics.paired_accuracy_interval(a.decided == a.true, b.decided == b.true)
    groups = a.groups
    if metric in metrics.CONFUSION_METRICS:
        return metrics.percentiles(_resampled_difference(a, b, groups, metric, class_name))
    return metrics.bootstrap(
        groups, lambda i: measure(_at(a, i), metric, class_name) - measure(_at(b, i), metric, class_name)
    )


def _resampled_difference(
    a: Predictions, b: Predictions, groups: np.ndarray, metric: str, class_name: str | None
) -> np.ndarray:
    """Bootstrapped differences on the same images: cells of (true, decided by a, decided by b)."""
    k, positive = len(a.classes), class_index(a.classes, class_name)
    cells = (a.true * k + a.decided) * k + b.decided
    counts = metrics.resampled_counts(cells, k**3, groups).reshape(-1, k, k, k)
    of_a, of_b = (metrics.rate(counts.sum(axis), metric, positive) for axis in (3, 2))
    return of_a - of_b


def _at(p: Predictions, indices: np.ndarray) -> Predictions:
    """What a resample needs of predictions: truth and numbers, no names."""
    scores = None if p.scores is None else p.scores[indices]
    return Predictions(p.classes, [], [], [], p.true[indices], p.probabilities[indices], scores)


def draws_text(n: int) -> str:
    """A number of draws in words."""
    return "1 draw" if n == 1 else f"{n} draws"


def _signed(value: float) -> str:
    return f"{value:+.4f}"
