"""How sure a model is against how often it is right, before and after temperature scaling."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Sequence

import numpy as np

from shared.comparison import TAIL, Predictions, metrics

IMAGES_PER_BIN = 20
MOST_BINS = 15
RESAMPLES = 400
IN_MEMORY = 100_000  # numbers that are drawn at once
CALIBRATED, OVERCONFIDENT, UNDERCONFIDENT = "as right as it is sure", "too sure", "not sure enough"
UNEVEN = "too sure of some images, not sure enough of others"

Bin = tuple[int, float, float]
"""Images, mean probability of the class decided for, share of them decided rightly."""


@dataclasses.dataclass(frozen=True)
class Calibration:
    """The calibration of some predictions."""

    bins: Sequence[Bin]
    images: int
    plain: float
    """Expected calibration error over bins of equally many images."""
    by_chance: float
    """What a perfectly calibrated model would show on so many images, since bins are small."""
    brier: float
    excess: float
    """Mean probability minus share right."""
    verdict: str

    @property
    def corrected(self) -> float:
        """The error without the part that chance adds (of the two, the squares add).

        >>> Calibration((), 100, 0.05, 0.03, 0.1, 0.0, CALIBRATED).corrected
        0.04
        """
        return round(math.sqrt(max(0.0, self.plain**2 - self.by_chance**2)), 12)


def calibration(predictions: Predictions, tail: float = TAIL) -> Calibration:
    """Of the probabilities that decide; the verdict by a 95% interval, or that with another tail."""
    sure, right = _sure_and_right(predictions)
    bins = reliability(sure, right)
    plain, by_chance, excess = _error(bins), chance_error(sure), float(sure.mean() - right.mean())
    brier = metrics.brier(predictions.true, predictions.probabilities)
    verdict = _verdict(sure, right, plain, predictions.groups, tail)
    return Calibration(bins, len(sure), plain, by_chance, brier, excess, verdict)


def reliability(sure: np.ndarray, right: np.ndarray) -> list[Bin]:
    """The reliability diagram: bins of equally many images, from unsure to sure.

    >>> reliability(np.array([0.6, 0.9]), np.array([0.0, 1.0]))
    [(2, 0.75, 0.5)]
    """
    return [(len(part), float(sure[part].mean()), float(right[part].mean())) for part in _parts(sure)]


def reliability_of(predictions: Predictions) -> list[Bin]:
    """The diagram of some predictions."""
    return reliability(*_sure_and_right(predictions))


def chance_error(sure: np.ndarray) -> float:
    """The expected calibration error of a perfectly calibrated model: the mean size of normal noise."""
    parts = _parts(sure)
    noise = [math.sqrt(float((sure[part] * (1 - sure[part])).sum())) for part in parts]
    return math.sqrt(2 / math.pi) * sum(noise) / len(sure)


def _sure_and_right(predictions: Predictions) -> tuple[np.ndarray, np.ndarray]:
    decided = predictions.probabilities.argmax(1)
    return predictions.probabilities.max(1), (decided == predictions.true).astype(float)


def _parts(sure: np.ndarray) -> list[np.ndarray]:
    """Indices of the images of each bin."""
    count = int(np.clip(len(sure) // IMAGES_PER_BIN, 1, MOST_BINS))
    return [part for part in np.array_split(np.argsort(sure, kind="stable"), count) if len(part)]


def _error(bins: Sequence[Bin]) -> float:
    return sum(n * abs(sure - right) for n, sure, right in bins) / sum(n for n, *_ in bins)


def _verdict(sure: np.ndarray, right: np.ndarray, plain: float, groups: np.ndarray, tail: float) -> str:
    """Too sure, or too little, where the mean says so; else whether the bins leave what chance gives."""
    gaps = np.bincount(groups, sure - right) / len(sure)
    n = len(gaps)
    half = statistics.NormalDist().inv_cdf(1 - tail) * math.sqrt(n * float(gaps.var()) + _one_more(sure, n))
    if abs(gaps.sum()) > half:
        return OVERCONFIDENT if gaps.sum() > 0 else UNDERCONFIDENT
    return UNEVEN if plain > np.quantile(_by_chance(sure, groups), 1 - tail) else CALIBRATED


def _one_more(sure: np.ndarray, n: int) -> float:
    """The noise of an image decided the other way, where all are decided alike."""
    return float((sure * (1 - sure)).mean()) / (n * n)


def _by_chance(sure: np.ndarray, groups: np.ndarray) -> list[float]:
    """The errors that a perfectly calibrated model shows on so many images.

    Those of a group are drawn together, as much alike as can be: no error is more than chance in less.
    """
    rng, parts = np.random.default_rng(0), _parts(sure)
    order = np.concatenate(parts)
    starts = np.cumsum([0, *map(len, parts[:-1])])
    errors: list[float] = []
    at_once = max(1, IN_MEMORY // len(sure))
    for done in range(0, RESAMPLES, at_once):
        drawn = rng.random((min(at_once, RESAMPLES - done), int(groups.max()) + 1))[:, groups]
        gaps = np.add.reduceat((sure - (drawn < sure))[:, order], starts, axis=1)
        errors += (np.abs(gaps).sum(axis=1) / len(sure)).tolist()
    return errors


# --- temperature -----------------------------------------------------------------------------------------


def fit_temperature(validation: Predictions) -> float:
    """The temperature that makes the validation predictions most likely; above 1 where they are too sure."""
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(validation.true))

    def loss(log_temperature: float) -> float:
        chosen = tempered(validation.probabilities, math.exp(log_temperature))[rows, validation.true]
        return float(-np.log(np.maximum(chosen, 1e-12)).mean())

    return math.exp(float(minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded").x))


def tempered(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """The probabilities as the softmax gives them at another temperature.

    >>> tempered(np.array([[0.9, 0.1]]), 2.0).round(2).tolist()
    [[0.75, 0.25]]
    """
    logits = np.log(np.maximum(np.asarray(probabilities, dtype=float), 1e-12)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def scaled(test: Predictions, validation: Predictions) -> tuple[float, Predictions]:
    """The temperature of the validation predictions, and the test predictions at it."""
    temperature = fit_temperature(validation)
    return temperature, dataclasses.replace(test, probabilities=tempered(test.probabilities, temperature))
