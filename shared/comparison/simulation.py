"""Experiments of known truth, judged by the rule's own code: how often is each verdict given?

Of the test images some are always right, some always wrong, and the rest are decided anew by each draw, with
a chance that differs from draw to draw (what training does). Designs differ in what is drawn again.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np

from shared.comparison import metrics
from shared.comparison.prediction import (
    OWN,
    SAME,
    SELECTED,
    SHARED,
    Images,
    Ours,
    Printed,
    Spread,
    images_of_both,
    images_of_gain,
    images_of_share,
    pool,
    predict,
    spread_of,
)
from shared.comparison.rule import verdicts

SIZES = (75, 149, 300, 1000, 25658)
DRAWS = (1, 2, 3, 5, 10, 50)
RUNS = (1, 3, 5)
STEP = 0.001
"""Numbers are printed to a tenth of a per cent."""
TRAINING = {0.9: (0.003, 0.01, 0.03), 0.98: (0.003, 0.006)}
"""True rate -> how much training alone lets it vary (standard deviations)."""
UNDECIDED = {0.9: 0.16, 0.98: 0.04}
"""True rate -> share of the test images that a draw decides anew."""


@dataclasses.dataclass(frozen=True)
class Setting:
    """One design with its sizes and its truth."""

    design: str
    n: int
    draws: int
    runs: int
    rate: float = 0.9
    training: float = 0.01
    gain: bool = False
    spread_known: bool = False
    """Whether the paper prints the spread of its runs."""
    effect: float = float("nan")

    @property
    def undecided(self) -> float:
        return UNDECIDED[self.rate]

    def of_draws(self, shift: float = 0.0) -> float:
        """The true variance of draws, each on its own images or all on the same."""
        flips = self.of_images(shift).variance if self.design == OWN else self.undecided / (4 * self.n)
        return float((self.training**2 + flips) * (2 if self.gain else 1))

    def of_images(self, shift: float = 0.0) -> Images:
        """The true variance that test images give a draw whose rate is `shift` lower."""
        p = self.rate - shift
        variance = (self.undecided / 2 + shift * (1 - shift) if self.gain else p * (1 - p)) / self.n
        return Images(variance, variance, self.n)

    def truth(self, shift: float = 0.0) -> tuple[float, float]:
        """w and δ where every variance is known."""
        spreads = [Spread(self.of_draws() * (self.draws - 1), self.draws - 1)]
        if self.spread_known:
            spreads.append(Spread(self.of_draws(shift) * (self.runs - 1), self.runs - 1))
        units = [self.of_images().variance, self.of_images(shift).variance][: len(spreads)]
        ours = Ours(
            0.0, self.averaged, pool(spreads, units, self.of_images(shift / 2).variance), self.of_images()
        )
        found = predict(self.printed(0.0, 0.0, self.of_images(shift)), ours)
        return float(found.w), float(found.delta)

    def apart(self) -> float:
        """A difference of 2δ, δ being that of the paper's own truth."""
        shift = 0.0
        for _ in range(20):
            shift = 2 * self.truth(shift)[1]
        return shift

    @property
    def averaged(self) -> int:
        return 1 if self.design == SELECTED else self.draws

    def printed(self, low: np.ndarray | float, high: np.ndarray | float, images: Images) -> Printed:
        runs = 1 if self.design == SELECTED else self.runs
        return Printed(low, high, design=self.design, runs=runs, images=images, effect=self.effect)


def simulate(setting: Setting, shift: float, times: int, rng: np.random.Generator) -> np.ndarray:
    """Verdicts of so many repetitions; what the paper ran is truly `shift` lower than what we run."""
    return verdicts(predict(*both_sides(setting, shift, times, rng)))


def both_sides(setting: Setting, shift: float, times: int, rng: np.random.Generator) -> tuple[Printed, Ours]:
    """What the paper prints and what we obtain, in so many repetitions."""
    runs = setting.draws if setting.design == SELECTED else setting.runs
    ours, differing = _values(setting, 0.0, setting.draws, times, rng)
    theirs, _ = _values(setting, shift, runs, times, rng)
    value, printed = _averaged(setting, ours, rng), _averaged(setting, theirs, rng)
    printed = np.round(printed / STEP) * STEP
    if setting.gain:  # no paper prints on how many images its rows differ: ours are used for theirs
        our_images = their_images = images_of_gain(differing[0], differing[1], setting.n)
    else:
        our_images, their_images = images_of_both(value, setting.n, printed, setting.n)
    spread = spread_of(ours)
    if setting.spread_known:
        units = [images_of_share(rate, setting.n).variance for rate in (value, printed)]
        spread = pool([spread, spread_of(theirs)], units, our_images.variance)
    side = Ours(value, setting.averaged, spread, our_images)
    return setting.printed(printed - STEP / 2, printed + STEP, their_images), side


def draws_of(
    setting: Setting, times: int, rng: np.random.Generator
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """(times, draws) values of our side; of a gain also how many images only one of its rows gets right."""
    return _values(setting, 0.0, setting.draws, times, rng)


def _averaged(setting: Setting, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The mean over draws; of selected ones the draw that a validation part finds best."""
    if setting.design != SELECTED:
        return values.mean(-1)
    noise = np.sqrt(setting.of_draws()) * rng.standard_normal(values.shape)
    return np.take_along_axis(values, np.argmax(values + noise, -1)[:, None], -1)[:, 0]


def _values(
    setting: Setting, shift: float, draws: int, times: int, rng: np.random.Generator
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """(times, draws) values of one side; of a gain also how many images only one of its rows gets right."""
    right, undecided = _test_sets(setting, shift, draws, times, rng)
    chosen = rng.binomial(undecided, _chances(setting, (times, draws), rng))
    if not setting.gain:
        return metrics.rate(_confusion(setting.n, right + chosen), "recall", 1), ()
    other_chance = _chances(setting, (times, draws), rng)
    first_only = chosen - rng.binomial(chosen, other_chance)
    other_only = rng.binomial(undecided - chosen, other_chance)
    values = (first_only - other_only) / setting.n - shift
    return values, (first_only.mean(-1), other_only.mean(-1))


def _test_sets(setting: Setting, shift: float, draws: int, times: int, rng: np.random.Generator):
    """How many images are always right and how many undecided: per draw, per test set, or once."""
    u = setting.undecided
    right = setting.rate - u / 2 - (0 if setting.gain else shift)
    if setting.design == SAME:
        return round(setting.n * right), np.full((times, draws), round(setting.n * u))
    shape = (times, draws if setting.design == OWN else 1)
    doubtful = rng.binomial(setting.n, u, shape)
    sure = rng.binomial(setting.n - doubtful, right / (1 - u))
    return sure, np.broadcast_to(doubtful, (times, draws))


def _chances(setting: Setting, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Each draw's chance to get an undecided image right: one half on average."""
    spread = setting.training / setting.undecided
    half = (0.25 / spread**2 - 1) / 2
    return rng.beta(half, half, shape)


def _confusion(n: int, right: np.ndarray) -> np.ndarray:
    """Confusion matrices of two classes of n images; of the second so many are right."""
    counts = np.zeros((*right.shape, 2, 2))
    counts[..., 0, 0], counts[..., 1, 0], counts[..., 1, 1] = n, n - right, right
    return counts


def settings() -> Iterator[Setting]:
    """The whole grid."""
    designs = [(OWN, False), (SHARED, False), (SAME, False), (SELECTED, False), (SHARED, True), (SAME, True)]
    truths = [(rate, training, float("nan")) for rate, several in TRAINING.items() for training in several]
    for (design, gain), truth in itertools.product(designs, [*truths, (0.9, 0.01, 0.06)]):
        for n, runs, draws in itertools.product(SIZES, RUNS if design != SELECTED else (1,), DRAWS):
            for known in (False, True) if runs > 1 and not gain else (False,):
                rate, training, effect = truth
                yield Setting(design, n, draws, runs, rate, training, gain, known, effect)
