"""The noise that test images give a metric, from predictions: by patients, where they are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shared.comparison import metrics
from shared.comparison.prediction import NO_IMAGES, NORMAL_SURE, Images, images_of_share
from shared.comparison.runs import Predictions, Run, class_index, measure


def images_behind(
    predictions: Predictions, metric: str, class_name: str | None = None, value: float | None = None
) -> Images:
    """What other test images of the kind would do to the metric of one draw; nothing to a fact."""
    if not metrics.is_metric(metric) or not len(predictions.true):
        return NO_IMAGES
    value = measure(predictions, metric, class_name) if value is None else value
    members = decided_on(predictions, metric, class_name)
    n = groups_among(predictions, members)
    if is_share(metric, class_name) or not np.isfinite(value):
        return images_of_share(value, n)
    return resampled(_resampled_values(predictions, metric, class_name), value, n)


def resampled(values: np.ndarray, value: float, n: float) -> Images:
    """From resampled values; where all decisions are alike only the number of images shows the noise."""
    variance = float(np.nanvar(values)) if np.isfinite(values).any() else 0.0
    if variance == 0:
        return images_of_share(np.clip(value, 0, 1), n)
    return Images(variance, variance * (1 + NORMAL_SURE * np.sqrt(2 / n)), n)


def is_share(metric: str, class_name: str | None) -> bool:
    """Whether the metric is a share of images: neither F1, nor an average, nor made from probabilities."""
    return metric == "accuracy" or (bool(class_name) and metric in metrics.SHARES)


def decided_on(predictions: Predictions, metric: str, class_name: str | None) -> np.ndarray:
    """Which images the metric is a share of, or otherwise depends on."""
    true, decided = predictions.true, predictions.decided
    positive = class_index(predictions.classes, class_name)
    if positive is None or metric not in metrics.CONFUSION_METRICS or metric == "accuracy":
        return np.ones(len(true), bool)
    if metric in ("sensitivity", "recall"):
        return true == positive
    if metric == "specificity":
        return true != positive
    if metric in ("ppv", "precision"):
        return decided == positive
    if metric == "npv":
        return decided != positive
    return (true == positive) | (decided == positive)


def groups_among(predictions: Predictions, members: np.ndarray) -> float:
    """As how many patients with equally many images these count; an image of unknown patient is one.

    Kish's effective number: a patient who has most of the images makes the others nearly worthless.
    """
    images = np.bincount(predictions.groups[members])
    return float(images.sum() ** 2 / max((images**2).sum(), 1))


def _resampled_values(predictions: Predictions, metric: str, class_name: str | None) -> np.ndarray:
    if metric in metrics.CONFUSION_METRICS:
        return metrics.rate(predictions.resampled, metric, class_index(predictions.classes, class_name))
    return metrics.bootstrap(
        predictions.groups, lambda i: measure(at(predictions, i), metric, class_name), metrics.RESAMPLES
    )


# --- of a difference -------------------------------------------------------------------------------------


def images_behind_difference(
    pairs: Sequence[tuple[Predictions, Predictions]], metric: str, class_name: str | None
) -> Images:
    """What other test images would do to the difference of two rows, over draws of the same images."""
    if not metrics.is_metric(metric):
        return NO_IMAGES
    first, second = pairs[0]
    if not all(same_images(a, b) for a, b in pairs):
        apart = [images_behind(p, metric, class_name) for p in (first, second)]
        return Images(sum(p.variance for p in apart), sum(p.largest for p in apart), min(p.n for p in apart))
    n = groups_among(first, decided_on(first, metric, class_name))
    if metric == "accuracy":
        gains = np.mean([_right(a) - _right(b) for a, b in pairs], axis=0)
        return _of_gains(np.bincount(first.groups, gains), np.bincount(first.groups), n)
    values = _resampled_differences(first, second, metric, class_name)
    return resampled(values, 1.0, n)


def _of_gains(gains: np.ndarray, images: np.ndarray, n: float) -> Images:
    """Per patient the images gained; with one who gains and one who loses more (Bonett and Price 2012)."""
    total = images.sum()
    mean = gains.sum() / total
    variance = float((((gains - images * mean) ** 2).sum() + 2 * (total / n) ** 2) / total**2)
    return Images(variance, variance * (1 + NORMAL_SURE * np.sqrt(2 / n)), n)


def _right(p: Predictions) -> np.ndarray:
    return (p.decided == p.true).astype(float)


def _resampled_differences(a: Predictions, b: Predictions, metric: str, class_name: str | None) -> np.ndarray:
    """On the same images: cells of (true, decided by a, decided by b)."""
    k, positive = len(a.classes), class_index(a.classes, class_name)
    if metric not in metrics.CONFUSION_METRICS:
        return metrics.bootstrap(
            a.groups,
            lambda i: measure(at(a, i), metric, class_name) - measure(at(b, i), metric, class_name),
            metrics.RESAMPLES,
        )
    cells = (a.true * k + a.decided) * k + b.decided
    counts = metrics.resampled_counts(cells, k**3, a.groups).reshape(-1, k, k, k)
    of_a, of_b = (metrics.rate(counts.sum(axis), metric, positive) for axis in (3, 2))
    return of_a - of_b


def same_images(a: Predictions, b: Predictions) -> bool:
    """Whether two sets of predictions are of the same images in the same order."""
    return a.sample == b.sample and a.classes == b.classes and np.array_equal(a.true, b.true)


def share_test_set(runs: Sequence[Run], split: str = "test") -> bool:
    """Whether all draws are scored on the same images."""
    first = sorted(runs[0].of(split).sample)
    return all(sorted(run.of(split).sample) == first for run in runs[1:])


def at(p: Predictions, indices: np.ndarray) -> Predictions:
    """Predictions as a resample needs them: truth and numbers, no names."""
    scores = None if p.scores is None else p.scores[indices]
    return Predictions(p.classes, [], [], [], p.true[indices], p.probabilities[indices], scores)


# --- McNemar ---------------------------------------------------------------------------------------------


def mcnemar(pairs: Sequence[tuple[Predictions, Predictions]]) -> float:
    """Exact p of McNemar's test; an image of several draws, or a patient of several images, counts once.

    NaN where the two rows were not scored on the same images.
    """
    if not all(same_images(a, b) for a, b in pairs):
        return float("nan")
    gained: dict[str, float] = {}
    for a, b in pairs:
        owners = (patient or f"image {sample}" for patient, sample in zip(a.patient, a.sample, strict=True))
        for owner, gain in zip(owners, _right(a) - _right(b), strict=True):
            gained[owner] = gained.get(owner, 0.0) + gain
    return metrics.sign_test(list(gained.values()))
