"""How far two repetitions of one experiment may lie apart: ours minus the printed number, D ± w, and δ.

Plain numbers in and out, on the scale of the comparison: fractions for rates, logarithms for epochs. Each may
be an array over many experiments, so that the simulation runs this very code.
"""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

Number: TypeAlias = "float | np.ndarray"

LEVEL = 0.95
"""Of the prediction interval."""
NORMAL = statistics.NormalDist().inv_cdf(0.5 + LEVEL / 2)
SURE = 0.90
"""How sure it must be that w is no larger than δ."""
NORMAL_SURE = statistics.NormalDist().inv_cdf(SURE)
CAP = 0.05
"""The largest δ of a rate: five points."""
CAP_EPOCHS = float(np.log(1.25))
"""The largest δ of a number of epochs, on the log scale."""
OF_A_REPEAT = 1.25
"""δ is never asked to be smaller than this many times the w of an exact repeat of the paper's design."""

OWN, SHARED, SAME, SELECTED, POOLED = "own", "shared", "same", "selected", "pooled"
DESIGNS = (OWN, SHARED, SAME, SELECTED, POOLED)


# --- the noise of draws ----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Spread:
    """Squared distances of draws from their mean, summed, and their degrees of freedom."""

    squares: Number = 0.0
    df: Number = 0.0

    def variance(self, least: Number = 0.0, sure: bool = False) -> Number:
        """s², or the largest that these draws still allow (one-sided); NaN without a degree of freedom."""
        from scipy.special import chdtri

        df = np.asarray(self.df, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            s2 = np.maximum(np.divide(self.squares, df), least)
            return np.where(df > 0, s2 * df / chdtri(df, SURE) if sure else s2, np.nan)


NO_SPREAD = Spread()


def spread_of(values: np.ndarray) -> Spread:
    """The spread of draws (the last axis)."""
    values = np.asarray(values, dtype=float)
    about = values - values.mean(-1, keepdims=True)
    return Spread((about**2).sum(-1), values.shape[-1] - 1)


def printed_spread(std: float, runs: int) -> Spread:
    """The spread behind a printed standard deviation of so many runs."""
    return Spread((runs - 1) * std**2, runs - 1)


def pool(spreads: Sequence[Spread], units: Sequence[Number], unit: Number) -> Spread:
    """Spreads of several rows as one, each relative to its own unit of variance: p(1 − p) of a rate."""
    relative = sum(spread.squares / each for spread, each in zip(spreads, units, strict=True))
    return Spread(unit * relative, sum(spread.df for spread in spreads))


# --- the noise of test images ----------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Images:
    """The variance that test images give one draw's value, the largest that it may be, and their number."""

    variance: Number = 0.0
    largest: Number = 0.0
    n: Number = float("inf")

    def scaled(self, n: Number) -> Images:
        """The same for another number of images."""
        return Images(self.variance * self.n / n, self.largest * self.n / n, n)


NO_IMAGES = Images()


def grain_of_count(count: Number) -> Images:
    """No images, but whole numbers on the log scale: draws that agree may still differ by one."""
    return Images(n=count)


def images_of_share(share: Number, n: Number) -> Images:
    """A share of n images: p(1 − p)/n, with one image added on either side (Agresti and Coull 1998)."""
    p, n = (np.asarray(share) * n + 1) / (n + 2), np.asarray(n) + 2
    nearer_half = p + np.sign(0.5 - p) * np.minimum(abs(0.5 - p), NORMAL_SURE * np.sqrt(p * (1 - p) / n))
    return Images(p * (1 - p) / n, nearer_half * (1 - nearer_half) / n, n - 2)


def images_of_both(ours: Number, n: Number, printed: Number, n_printed: Number) -> tuple[Images, Images]:
    """Of our share of n images and of the printed one, from both together: if nothing differs, p is one."""
    both = images_of_share((ours * n + printed * n_printed) / (n + n_printed), n + n_printed)
    return both.scaled(n), both.scaled(n_printed)


def images_of_gain(only_better: Number, only_worse: Number, n: Number) -> Images:
    """A gain on the same n images, from those that one row alone gets right (Bonett and Price 2012)."""
    n = np.asarray(n) + 2
    up, down = (np.asarray(only_better) + 1) / n, (np.asarray(only_worse) + 1) / n
    share = up + down
    most = share + NORMAL_SURE * np.sqrt(share * np.maximum(1 - share, 0) / n)
    return Images((share - (up - down) ** 2) / n, most / n, n - 2)


# --- the prediction --------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Printed:
    """A printed number: the window of values that are printed so, and the experiment behind it."""

    low: Number
    high: Number
    operator: str = "="
    design: str = OWN
    runs: int = 1
    """m: how many runs it is the mean of."""
    images: Images = NO_IMAGES
    effect: float = float("nan")
    """The smallest effect that the paper claims on the strength of such numbers."""
    cap: float = CAP


@dataclasses.dataclass(frozen=True)
class Ours:
    """Our value, the mean of so many draws, with the noise of draws and of images."""

    value: Number
    draws: int
    spread: Spread
    images: Images = NO_IMAGES


@dataclasses.dataclass(frozen=True)
class Prediction:
    """D ± w and the resolution δ; w and δ once more with the largest noise that the draws still allow."""

    distance: Number
    beyond: Number
    """How far our value lies on the right side of a printed bound."""
    w: Number
    w_largest: Number
    delta: Number
    delta_largest: Number


def predict(printed: Printed, ours: Ours) -> Prediction:
    """D, w and δ."""
    w, repeat = _widths(printed, ours, sure=False)
    w_largest, repeat_largest = _widths(printed, ours, sure=True)
    deltas = (resolution(printed, each) for each in (repeat, repeat_largest))
    return Prediction(*distance(ours.value, printed), w, w_largest, *deltas)


def distance(value: Number, printed: Printed) -> tuple[Number, Number]:
    """D from the nearest edge of the window, or from a bound on its wrong side; how far beyond a bound."""
    if printed.operator.startswith(">"):
        return np.minimum(value - printed.low, 0.0), value - printed.low
    if printed.operator.startswith("<"):
        return np.maximum(value - printed.high, 0.0), printed.high - value
    return value - np.clip(value, printed.low, printed.high), -np.inf


def resolution(printed: Printed, repeat: Number) -> Number:
    """δ, `repeat` being the w of an exact repeat of the paper's design."""
    return np.minimum(printed.cap, np.maximum(np.nan_to_num(printed.effect / 2), OF_A_REPEAT * repeat))


def _widths(printed: Printed, ours: Ours, sure: bool) -> tuple[Number, Number]:
    """w, and the w of an exact repeat of the paper's design."""
    one_image = 1 / ours.images.n**2  # draws that agree to the image, or epoch, may still differ by one
    of_images = ours.images.largest if sure else ours.images.variance
    of_draws = half_width_squared(ours.spread.df, ours.spread.variance(one_image if sure else 0.0, sure))
    if printed.design in (OWN, POOLED):  # the draws' spread holds the noise of each draw's own images
        of_draws = np.maximum(of_draws, NORMAL**2 * of_images)
    of_draws = np.maximum(of_draws, NORMAL**2 * one_image)
    w2, repeat2 = of_draws * (1 / ours.draws + 1 / printed.runs), of_draws * 2 / printed.runs
    if printed.design in (SHARED, SELECTED):  # on both sides the draws share a test set
        w2 = w2 + NORMAL**2 * (of_images + (printed.images.largest if sure else printed.images.variance))
        repeat2 = repeat2 + NORMAL**2 * 2 * printed.images.variance
    return np.sqrt(w2), np.sqrt(repeat2)


def half_width_squared(df: Number, variance: Number) -> Number:
    """(t·s)², what draws of this variance add to the square of a half-width; infinite without any df."""
    from scipy.special import stdtrit

    df = np.asarray(df, dtype=float)
    t = stdtrit(np.maximum(df, 1e-9), 0.5 + LEVEL / 2)
    return np.where(df > 0, t**2 * np.nan_to_num(variance), np.inf)


def contradict(spreads: Sequence[Spread], units: Sequence[Number]) -> bool:
    """Whether spreads can hardly be of one size: Bartlett's test at 1%."""
    from scipy.special import chdtrc

    known = [(float(s.squares / unit), float(s.df)) for s, unit in zip(spreads, units, strict=True)]
    # Draws that tie differ by less than an image shows, which contradicts nothing.
    known = [(squares, df) for squares, df in known if df > 0 and squares > 0]
    if len(known) < 2:
        return False
    total = sum(df for _, df in known)
    pooled = sum(squares for squares, _ in known) / total
    statistic = total * np.log(pooled) - sum(df * np.log(squares / df) for squares, df in known)
    statistic /= 1 + (sum(1 / df for _, df in known) - 1 / total) / (3 * (len(known) - 1))
    return bool(chdtrc(len(known) - 1, statistic) < 0.01)


def farther_apart(ours: Spread, printed: Spread) -> bool:
    """Whether our draws lie farther apart than a printed spread says: a one-sided F-test at 5%."""
    from scipy.special import fdtrc

    if not (ours.df > 0 and printed.df > 0):
        return False
    return bool(fdtrc(ours.df, printed.df, ours.variance() / printed.variance()) < 0.05)
