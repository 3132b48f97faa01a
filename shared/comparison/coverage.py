"""Do intervals cover, and do claims and tests at their boundary err as seldom as they say? Simulated."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np

from shared.comparison import metrics, noise
from shared.comparison.claims import FAILS, HOLDS, decide
from shared.comparison.intervals import Effect
from shared.comparison.prediction import OWN, SHARED, images_of_gain, images_of_share
from shared.comparison.runs import Predictions
from shared.comparison.simulation import Setting, draws_of

COVERAGE, ERROR = 0.93, 0.05
TIMES = 1000


@dataclasses.dataclass
class Share:
    """How often something happened, and how often it may."""

    what: str
    design: str
    n: int
    draws: int
    rate: float
    share: float
    limit: float
    at_least: bool
    times: int = TIMES

    @property
    def holds(self) -> bool:
        """Up to what chance does to so many repetitions."""
        slack = 2.6 * np.sqrt(self.limit * (1 - self.limit) / self.times)
        return self.share >= self.limit - slack if self.at_least else self.share <= self.limit + slack


def shares() -> Iterator[Share]:
    """All of them."""
    for design, n, draws, rate in itertools.product((OWN, SHARED), (75, 149, 1000), (2, 5, 10), (0.9, 0.98)):
        setting = Setting(design, n, draws, 1, rate, 0.003)
        yield Share("interval of a rate", design, n, draws, rate, covered(setting), COVERAGE, True)
    for design, n in itertools.product((OWN, SHARED), (26, 75)):
        setting = Setting(design, n, 5, 1, 0.98, 0.003)
        yield Share("interval of F1", design, n, 5, 0.98, covered_f1(setting), COVERAGE, True, 400)
    for design, n, draws in itertools.product((OWN, SHARED), (149, 1000), (2, 5, 10)):
        setting = Setting(design, n, draws, 1, 0.9, 0.01, gain=True)
        holds, fails = claim_errors(setting)
        yield Share("claim at its boundary HOLDS", design, n, draws, 0.9, holds, ERROR, False)
        yield Share("claim at its boundary FAILS", design, n, draws, 0.9, fails, ERROR, False)
    for n, draws in itertools.product((75, 150), (1, 5)):
        share = mcnemar_rejections(n, draws)
        yield Share("McNemar between equals, p < 5%", SHARED, n, draws, 0.9, share, ERROR, False, 400)


def covered(setting: Setting, times: int = TIMES) -> float:
    """How often the interval of a mean over draws covers the true rate."""
    values, _ = draws_of(setting, times, _generator(setting))
    found = 0
    for of_draws in values:
        images = images_of_share(of_draws.mean(), setting.n)
        effect = Effect(tuple(of_draws), images, setting.design == SHARED, is_rate=True)
        low, high = effect.interval()
        found += low <= setting.rate <= high
    return found / times


def covered_f1(setting: Setting, times: int = 400) -> float:
    """The same for the F1 of a class of n images among n others, from predictions and their bootstrap."""
    right, _ = draws_of(setting, times, _generator(setting))
    wrong, _ = draws_of(setting, times, _generator(setting, 1))
    missed, false = setting.rate, 1 - setting.rate
    truth = 2 * missed / (2 * missed + false + (1 - missed))
    found = 0
    for of_class, of_others in zip(right, wrong, strict=True):
        draws = [_two_classes(setting.n, a, b) for a, b in zip(of_class, of_others, strict=True)]
        values = tuple(float(metrics.rate(p.counts, "f1", 1)) for p in draws)
        images = noise.images_behind(draws[0], "f1", "b", float(np.mean(values)))
        low, high = Effect(values, images, setting.design == SHARED, is_rate=True).interval()
        found += low <= truth <= high
    return found / times


def claim_errors(setting: Setting, times: int = TIMES) -> tuple[float, float]:
    """How often a claim that one of two equal methods is better HOLDS, and FAILS."""
    values, differing = draws_of(setting, times, _generator(setting))
    verdicts = []
    for of_draws, up, down in zip(values, *differing, strict=True):
        images = images_of_gain(up, down, setting.n)
        verdicts.append(decide(Effect(tuple(of_draws), images, setting.design == SHARED), 0.0, "").verdict)
    return verdicts.count(HOLDS) / times, verdicts.count(FAILS) / times


def mcnemar_rejections(n: int, draws: int, times: int = 400) -> float:
    """How often two equal methods, drawn several times on the same images, differ significantly at 5%."""
    rng = np.random.default_rng([n, draws])
    found = 0
    for _ in range(times):
        chance = rng.choice([0.03, 0.5, 0.97], n, p=[0.05, 0.15, 0.8])
        pairs = [(_decided(rng.random(n) < chance), _decided(rng.random(n) < chance)) for _ in range(draws)]
        found += noise.mcnemar(pairs) < ERROR
    return found / times


def _two_classes(n: int, share_of_class: float, share_of_others: float) -> Predictions:
    """n images of each class, of either so many right."""
    first = np.arange(n) < round(share_of_others * n)
    second = np.arange(n) < round(share_of_class * n)
    return _decided(np.concatenate([first, second]), np.repeat([0, 1], n))


def _decided(right: np.ndarray, true: np.ndarray | None = None) -> Predictions:
    true = np.zeros(len(right), int) if true is None else true
    decided = np.where(right, true, 1 - true)
    names = [str(i) for i in range(len(right))]
    return Predictions(("a", "b"), ["test"] * len(right), names, [""] * len(right), true, np.eye(2)[decided])


def _generator(setting: Setting, number: int = 0) -> np.random.Generator:
    return np.random.default_rng([number, *repr(setting).encode()])
