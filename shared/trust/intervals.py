"""Intervals of printed rates and of their differences: the widest that the printed digits allow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from shared.comparison import TAIL
from shared.trust.rates import Rate


def of_difference(a: Rate, b: Rate, tail: float = TAIL) -> tuple[float, float]:
    """Newcombe's interval of a − b on different images, corrected for continuity.

    It is wider where runs differ more than images explain.

    >>> low, high = of_difference(Rate.of_count(1116, 1488), Rate.of_count(1108, 1488))
    >>> f"{100 * low:+.1f} to {100 * high:+.1f} points"
    '-2.6 to +3.7 points'
    """
    a_low, a_high = _wilson(a, tail)
    b_low, b_high = _wilson(b, tail)
    down = math.hypot(a.low - a_low, b_high - b.high)
    up = math.hypot(a_high - a.high, b.low - b_low)
    low, high = (_with_training(half, a, b, tail) for half in (down, up))
    return a.low - b.high - low, a.high - b.low + high


def of_rate(rate: Rate, tail: float = TAIL) -> tuple[float, float]:
    """Wilson's interval of a rate, corrected likewise, from the ends of what is printed so."""
    low, high = _wilson(rate, tail)
    down, up = (_with_training(half, rate, None, tail) for half in (rate.low - low, high - rate.high))
    return rate.low - down, rate.high + up


def knows_training(*rates: Rate | None) -> bool:
    """Whether the paper says of all of them how much runs differ."""
    return all(rate is None or rate.df > 0 for rate in rates)


def _wilson(rate: Rate, tail: float) -> tuple[float, float]:
    low = corrected_wilson(rate.low, rate.images, tail)[0]
    return low, corrected_wilson(rate.high, rate.images, tail)[1]


def corrected_wilson(share: float, n: int, tail: float = TAIL) -> tuple[float, float]:
    """Wilson's interval of a share of n, corrected for continuity: counts are whole numbers.

    >>> [round(end, 4) for end in corrected_wilson(0.0, 20)]
    [0.0, 0.2005]
    """
    z = NormalDist().inv_cdf(1 - tail)
    both = n + z * z
    low = 2 * n * share + z * z - 1 - z * _root(z * z - 2 - 1 / n + 4 * share * (n * (1 - share) + 1))
    high = 2 * n * share + z * z + 1 + z * _root(z * z + 2 - 1 / n + 4 * share * (n * (1 - share) - 1))
    return (
        0.0 if share <= 0 else max(0.0, low / (2 * both)),
        1.0 if share >= 1 else min(1.0, high / (2 * both)),
    )


def _root(square: float) -> float:
    return math.sqrt(max(0.0, square))


def _with_training(half: float, a: Rate, b: Rate | None, tail: float) -> float:
    """The larger of the two noises where each run has images of its own, else both as squares."""
    from scipy.special import stdtrit

    both = [rate for rate in (a, b) if rate is not None]
    if not knows_training(*both):
        return half
    variance = sum(rate.std**2 / rate.runs for rate in both)
    shared = not all(rate.own_images for rate in both)
    df = a.df if shared else _welch(both)  # one pooled spread, or one of each row
    of_runs = float(stdtrit(df, 1 - tail)) * math.sqrt(variance)
    return math.hypot(half, of_runs) if shared else max(half, of_runs)


def _welch(rates: Sequence[Rate]) -> float:
    """Welch's degrees of freedom: two rows need not vary alike."""
    parts = [rate.std**2 / rate.runs for rate in rates]
    squares = sum(part**2 / rate.df for part, rate in zip(parts, rates, strict=True) if part)
    return sum(parts) ** 2 / squares if squares else sum(rate.df for rate in rates)
