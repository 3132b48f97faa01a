"""Means over draws and differences between rows, each with an interval and what the interval covers."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from shared.comparison import metrics, noise
from shared.comparison.prediction import NO_IMAGES, Images, Spread, spread_of
from shared.comparison.runs import Run

TAIL = 0.025
"""On each side of a 95% interval."""
ONE_MODEL = "one model"
"""An interval speaks of this one trained model, on other such images;"""
OTHER_IMAGES = "other images"
"""of the mean of such draws, on other such images;"""
THESE_DATA = "these data"
"""of the mean of such draws, each on its own images of these data;"""
DRAWS = "draws"
"""of the mean of such draws, where no test image has a part in it."""


@dataclasses.dataclass(frozen=True)
class Effect:
    """A mean over draws with the noise of draws and of test images."""

    values: tuple[float, ...]
    images: Images = NO_IMAGES
    shared: bool = False
    """Whether all draws are scored on the same images; else each has its own."""
    grain: float = 0.0
    """The least by which draws can differ: one image, one epoch."""
    is_rate: bool = False
    """Whether it lies between 0 and 1."""

    @property
    def mean(self) -> float:
        return float(np.mean(self.values))

    @property
    def spread(self) -> Spread:
        return spread_of(np.array(self.values))

    @property
    def covers(self) -> str:
        """What the interval speaks of."""
        if not self.images.variance:
            return DRAWS if len(self.values) > 1 else ""
        if len(self.values) == 1:
            return ONE_MODEL
        return OTHER_IMAGES if self.shared else THESE_DATA

    def interval(self, tail: float = TAIL) -> tuple[float, float]:
        """Student's over draws, with the noise of images; NaN for one draw of a quantity without images."""
        half = self.half_width(tail)
        if not np.isfinite(half) or not np.isfinite(self.mean):
            return float("nan"), float("nan")
        if not self.is_rate:
            return self.mean - half, self.mean + half
        return _score_interval(self.mean, half, self.images, tail)

    def turned(self) -> Effect:
        """The same with the opposite sign."""
        return dataclasses.replace(self, values=tuple(-value for value in self.values), is_rate=False)

    def divided(self, by: float) -> Effect:
        """The same relative to a number."""
        images = Images(self.images.variance / by**2, self.images.largest / by**2, self.images.n)
        values = tuple(value / by for value in self.values)
        return dataclasses.replace(self, values=values, images=images, is_rate=self.is_rate and by == 1)

    def minus(self, other: float) -> Effect:
        """The same less a number without noise."""
        return dataclasses.replace(self, values=tuple(value - other for value in self.values), is_rate=False)

    def half_width(self, tail: float = TAIL) -> float:
        """Half of the interval: the parts of draws and images added as squares."""
        from scipy.special import ndtri, stdtrit

        n, z2 = len(self.values), ndtri(tail) ** 2
        of_images = z2 * self.images.variance
        if n == 1:
            return float(np.sqrt(of_images)) if self.images.variance else float("nan")
        of_draws = max(stdtrit(n - 1, 1 - tail) ** 2 * float(self.spread.variance()), z2 * self.grain**2)
        if self.shared:
            return float(np.sqrt(of_draws / n + of_images))
        return float(np.sqrt(max(of_draws, of_images) / n))


def _score_interval(value: float, half: float, images: Images, tail: float) -> tuple[float, float]:
    """Wilson's interval for as many images as would give a share this half-width."""
    from scipy.special import ndtri

    z2 = ndtri(tail) ** 2
    per_image = images.variance * (images.n + 2)  # p(1 − p), or what stands for it in F1
    n = z2 * per_image / half**2
    centre = (value + z2 / (2 * n)) / (1 + z2 / n)
    spread = np.sqrt(z2 * (max(value * (1 - value), 0) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return max(0.0, float(centre - spread)), min(1.0, float(centre + spread))


def effect_of(runs: Sequence[Run], metric: str, class_name: str | None = None, split: str = "test") -> Effect:
    """The mean of a metric, or of a fact, over draws."""
    values = tuple(run.metric(metric, class_name, split) for run in runs)
    if not metrics.is_metric(metric):
        return Effect(values, grain=_grain(values))
    images = noise.images_behind(runs[0].of(split), metric, class_name, float(np.mean(values)))
    rate = metric != "brier" or len(runs[0].predictions.classes) == 2
    return Effect(values, images, noise.share_test_set(runs, split), is_rate=rate)


def interval_over_draws(
    runs: Sequence[Run],
    metric: str,
    class_name: str | None = None,
    split: str = "test",
    tail: float = TAIL,
) -> tuple[float, float]:
    """95% interval of the mean over draws, or that with another tail."""
    return effect_of(runs, metric, class_name, split).interval(tail)


def _grain(values: Sequence[float]) -> float:
    """Counts differ by whole units."""
    return 1.0 if all(float(value).is_integer() for value in values) else 0.0


# --- differences -----------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Difference(Effect):
    """A metric of one row minus that of another, draw by draw."""

    p_mcnemar: float = float("nan")

    def __str__(self) -> str:
        tests = [("paired t", metrics.paired_t(self.values)), ("McNemar", self.p_mcnemar)]
        shown = ", ".join(f"{name} p={p:.3g}" for name, p in tests if not np.isnan(p))
        low, high = self.interval()
        text = f"{self.mean:+.4f} ({low:+.4f} to {high:+.4f}), {draws_text(len(self.values))}"
        return f"{text}; {shown}" if shown else text


def difference(
    better: Sequence[Run],
    worse: Sequence[Run],
    metric: str = "accuracy",
    class_name: str | None = None,
    split: str = "test",
) -> Difference:
    """The paired difference over the draws that both rows have; raises KeyError where they share none."""
    pairs = paired(better, worse)
    if not pairs:
        raise KeyError(f"{better[0].row} and {worse[0].row} with the same draw")
    values = tuple(
        a.metric(metric, class_name, split) - b.metric(metric, class_name, split) for a, b in pairs
    )
    if not metrics.is_metric(metric):
        return Difference(values, grain=_grain(values))
    predicted = [(a.of(split), b.of(split)) for a, b in pairs]
    shared = noise.share_test_set([a for a, _ in pairs], split)
    return Difference(
        values,
        noise.images_behind_difference(predicted if shared else predicted[:1], metric, class_name),
        shared,
        p_mcnemar=noise.mcnemar(predicted) if metric == "accuracy" else float("nan"),
    )


def paired(better: Sequence[Run], worse: Sequence[Run]) -> list[tuple[Run, Run]]:
    """Each draw of one row beside the same draw of the other, where both have it."""
    others = {run.dealt: run for run in worse}
    return [(run, others[run.dealt]) for run in better if run.dealt in others]


def draws_text(n: int) -> str:
    """A number of draws in words."""
    return "1 draw" if n == 1 else f"{n} draws"
