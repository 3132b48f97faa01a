"""From predictions to metrics, resamples and tests: plain numbers in and out, rates as fractions.

Everything that follows from a confusion matrix works on a whole stack of them at once (leading axes), which
makes a bootstrap as cheap as one metric. Undefined is NaN (precision of a class that was
never decided for); in a macro average it counts as 0, as in scikit-learn.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np

RESAMPLES = 400
"""Enough for a variance, which is all that is asked of them."""

SHARES = ("sensitivity", "recall", "specificity", "ppv", "precision", "npv")
"""Metrics of one class that are a share of images, as accuracy is."""
_PER_CLASS = (*SHARES, "f1")
CONFUSION_METRICS = frozenset(
    ("accuracy", *_PER_CLASS, *(f"{kind}_{name}" for kind in ("macro", "micro") for name in _PER_CLASS))
)


def confusion(true: np.ndarray, decided: np.ndarray, classes: int) -> np.ndarray:
    """Counts (true class, decided class)."""
    return np.bincount(true * classes + decided, minlength=classes * classes).reshape(classes, classes)


def shares_of_the_true(counts: np.ndarray) -> np.ndarray:
    """A confusion matrix as shares of each true class; zeros for a class of no image."""
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def rate(counts: np.ndarray, name: str, positive: int | None = None) -> np.ndarray:
    """A metric of confusion matrices (..., k, k): of one class against the rest, or the macro average."""
    counts = np.asarray(counts, dtype=float)
    if name == "accuracy":
        return _share(np.trace(counts, axis1=-2, axis2=-1), counts.sum((-2, -1)))
    kind, _, base = name.rpartition("_")
    parts = _one_against_rest(counts)
    if kind == "micro":
        return _of_parts([part.sum(-1) for part in parts], base)
    per_class = _of_parts(parts, base)
    if kind == "macro" or positive is None:
        return np.nan_to_num(per_class).mean(-1)
    return per_class[..., positive]


def _one_against_rest(counts: np.ndarray) -> list[np.ndarray]:
    tp = np.diagonal(counts, axis1=-2, axis2=-1)
    fn = counts.sum(-1) - tp
    fp = counts.sum(-2) - tp
    return [tp, fn, fp, counts.sum((-2, -1))[..., None] - tp - fn - fp]


def _of_parts(parts: Sequence[np.ndarray], name: str) -> np.ndarray:
    tp, fn, fp, tn = parts
    if name in ("sensitivity", "recall"):
        return _share(tp, tp + fn)
    if name == "specificity":
        return _share(tn, tn + fp)
    if name in ("ppv", "precision"):
        return _share(tp, tp + fp)
    if name == "npv":
        return _share(tn, tn + fn)
    return _share(2 * tp, 2 * tp + fp + fn)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def auc(true: np.ndarray, scores: np.ndarray, positive: int | None = None) -> float:
    """Area under the ROC curve of one class against the rest; without a class the macro average."""
    from sklearn.metrics import roc_auc_score

    k = scores.shape[1]
    if positive is None:
        return float(np.mean([auc(true, scores, c) for c in range(k)]))
    is_positive = true == positive
    if is_positive.all() or not is_positive.any():
        return float("nan")
    # With two classes a score is a lead over the other class; with more, the class's own.
    score = scores[:, positive] - scores[:, 1 - positive] if k == 2 else scores[:, positive]
    return float(roc_auc_score(is_positive, score))


def calibration_bins(true: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> np.ndarray:
    """Per equal-width bin of the decided class's probability: (count, mean probability, share correct)."""
    top = probabilities.max(1)
    correct = probabilities.argmax(1) == true
    where = np.minimum((top * bins).astype(int), bins - 1)
    count = np.bincount(where, minlength=bins)
    confidence = _share(np.bincount(where, top, bins), count)
    return np.stack([count, confidence, _share(np.bincount(where, correct, bins), count)], axis=1)


def ece(true: np.ndarray, probabilities: np.ndarray) -> float:
    """Expected calibration error: mean distance between probability and share correct, 15 bins."""
    count, confidence, correct = calibration_bins(true, probabilities).T
    return float(np.nansum(count * np.abs(confidence - correct)) / count.sum())


def brier(true: np.ndarray, probabilities: np.ndarray) -> float:
    """Brier score, summed over the classes and halved for two: 0 to 1 there, as in scikit-learn."""
    k = probabilities.shape[1]
    squares = ((probabilities - np.eye(k)[true]) ** 2).sum(1)
    return float(squares.mean() / (2 if k == 2 else 1))


CALIBRATION_METRICS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {"ece": ece, "brier": brier}


def is_metric(name: str) -> bool:
    """Whether predictions alone give this metric (else it is a fact of the run)."""
    return name in CONFUSION_METRICS or name in CALIBRATION_METRICS or name == "auc"


# --- resampling ------------------------------------------------------------------------------------------


def group_indices(patients: Sequence[str]) -> np.ndarray:
    """Which images are drawn together: those of one patient; an image of unknown patient is drawn alone."""
    names = [f"patient {patient}" if patient else f"image {i}" for i, patient in enumerate(patients)]
    return np.unique(np.asarray(names, dtype=str), return_inverse=True)[1]


def resampled_counts(cells: np.ndarray, size: int, groups: np.ndarray, seed: int = 0) -> np.ndarray:
    """(resamples, size): how often each cell number occurs when whole groups (patients) are drawn again."""
    members = int(groups.max()) + 1
    if members == len(groups):  # single images: resampling them is a multinomial draw of the cells
        shares = np.bincount(cells, minlength=size) / len(cells)
        return np.random.default_rng(seed).multinomial(len(cells), shares, RESAMPLES)
    table = np.bincount(groups * size + cells, minlength=members * size).reshape(members, size)
    return _times_drawn(members, seed) @ table


@functools.lru_cache(maxsize=2)  # the draws of a row, and the trials of a set, have as many patients
def _times_drawn(members: int, seed: int) -> np.ndarray:
    """(resamples, members): how often each of so many groups is drawn."""
    equal = np.full(members, 1 / members)
    return np.random.default_rng(seed).multinomial(members, equal, RESAMPLES)


def bootstrap(groups: np.ndarray, statistic: Callable[[np.ndarray], float], resamples: int) -> np.ndarray:
    """Resampled values of any statistic of image indices, whole groups (patients) drawn again."""
    rng = np.random.default_rng(0)
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    picks = (rng.integers(len(members), size=len(members)) for _ in range(resamples))
    return np.array([statistic(np.concatenate([members[i] for i in picked])) for picked in picks])


# --- paired tests ----------------------------------------------------------------------------------------


def sign_test(differences: Sequence[float]) -> float:
    """Exact two-sided p of the signs; zeros say nothing and are left out."""
    from scipy.special import bdtr

    signs = np.sign(np.asarray(differences, dtype=float))
    n, fewer = int(np.sum(signs != 0)), int(min(np.sum(signs > 0), np.sum(signs < 0)))
    return min(1.0, 2 * float(bdtr(fewer, n, 0.5))) if n else 1.0


def paired_t(differences: Sequence[float]) -> float:
    """Two-sided p of Student's paired test; NaN where there is no spread to test against."""
    from scipy.special import stdtr

    n = len(differences)
    if n < 2 or np.ptp(differences) == 0:
        return float("nan")
    t = np.mean(differences) / (np.std(differences, ddof=1) / np.sqrt(n))
    return float(2 * stdtr(n - 1, -abs(t)))
