"""From predictions to metrics, intervals and tests: plain numbers in and out, rates as fractions.

Everything that follows from a confusion matrix works on a whole stack of them at once (leading axes), which
makes a bootstrap of 2,000 resamples as cheap as one metric. Undefined is NaN (precision of a class that was
never decided for); in a macro average it counts as 0, as in scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

LEVEL = 0.95
RESAMPLES = 2000

_PER_CLASS = ("sensitivity", "recall", "specificity", "ppv", "precision", "npv", "f1")
CONFUSION_METRICS = frozenset(
    ("accuracy", *_PER_CLASS, *(f"{kind}_{name}" for kind in ("macro", "micro") for name in _PER_CLASS))
)


def confusion(true: np.ndarray, decided: np.ndarray, classes: int) -> np.ndarray:
    """Counts (true class, decided class)."""
    return np.bincount(true * classes + decided, minlength=classes * classes).reshape(classes, classes)


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


def denominator(counts: np.ndarray, name: str, positive: int | None) -> float | None:
    """How many images a rate is a share of; None where the metric is no simple share (F1, averages)."""
    tp, fn, fp, tn = _one_against_rest(np.asarray(counts, dtype=float))
    if name == "accuracy":
        return float(np.sum(counts))
    if positive is None:
        return None
    whole = {
        "sensitivity": tp + fn,
        "recall": tp + fn,
        "specificity": tn + fp,
        "ppv": tp + fp,
        "precision": tp + fp,
        "npv": tn + fn,
    }
    return float(whole[name][positive]) if name in whole else None


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


# --- intervals -------------------------------------------------------------------------------------------


def t_interval(values: Sequence[float], level: float = LEVEL) -> tuple[float, float]:
    """Student's interval of the mean over draws; NaN for fewer than two."""
    from scipy.special import stdtrit

    n = len(values)
    if n < 2:
        return float("nan"), float("nan")
    half = float(stdtrit(n - 1, 0.5 + level / 2)) * np.std(values, ddof=1) / np.sqrt(n)
    return float(np.mean(values) - half), float(np.mean(values) + half)


def group_indices(patients: Sequence[str]) -> np.ndarray:
    """Which images are drawn together: a patient's, or each alone where any patient is unknown."""
    if not all(patients):
        return np.arange(len(patients))
    return np.unique(np.asarray(patients, dtype=str), return_inverse=True)[1]


def resampled_counts(cells: np.ndarray, size: int, groups: np.ndarray, seed: int = 0) -> np.ndarray:
    """(resamples, size): how often each cell number occurs when whole groups (patients) are drawn again."""
    rng = np.random.default_rng(seed)
    members = int(groups.max()) + 1
    if members == len(groups):  # single images: resampling them is a multinomial draw of the cells
        return rng.multinomial(len(cells), np.bincount(cells, minlength=size) / len(cells), RESAMPLES)
    table = np.bincount(groups * size + cells, minlength=members * size).reshape(members, size)
    even = np.full(members, 1 / members)
    return np.stack([rng.multinomial(members, even) @ table for _ in range(RESAMPLES)])


def bootstrap(
    groups: np.ndarray, statistic: Callable[[np.ndarray], float], seed: int = 0, resamples: int = 400
) -> tuple[float, float]:
    """Percentile interval of any statistic of image indices, whole groups (patients) resampled."""
    rng = np.random.default_rng(seed)
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    values = []
    for _ in range(resamples):
        picked = rng.integers(len(members), size=len(members))
        values.append(statistic(np.concatenate([members[i] for i in picked])))
    return percentiles(np.array(values))


def percentiles(values: np.ndarray) -> tuple[float, float]:
    """The middle 95% of resampled values; undefined ones are left out."""
    if np.isnan(values).all():
        return float("nan"), float("nan")
    low, high = np.nanquantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


# --- paired tests ----------------------------------------------------------------------------------------


def mcnemar(correct_a: np.ndarray, correct_b: np.ndarray) -> float:
    """Exact two-sided p: are images that only A gets right as many as those that only B gets right?"""
    return sign_test(correct_a.astype(int) - correct_b.astype(int))


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


def paired_accuracy_interval(correct_a: np.ndarray, correct_b: np.ndarray) -> tuple[float, float]:
    """Interval of accuracy A minus B on the same images (Bonett & Price 2012: one pseudo-count each way)."""
    from scipy.special import ndtri

    n = len(correct_a) + 2
    only_a = (np.sum(correct_a & ~correct_b) + 1) / n
    only_b = (np.sum(~correct_a & correct_b) + 1) / n
    gain = only_a - only_b
    half = float(ndtri(0.5 + LEVEL / 2)) * np.sqrt((only_a + only_b - gain**2) / n)
    return float(max(-1, gain - half)), float(min(1, gain + half))
