"""Intervals of printed rates and of their differences: the widest that the printed digits allow."""

from __future__ import annotations

import math

from shared.base.wilson import wilson
from shared.comparison import TAIL
from shared.trust.rates import Rate


def of_difference(a: Rate, b: Rate, tail: float = TAIL) -> tuple[float, float]:
    """Newcombe's interval of a − b on different images; wider where runs differ more than images explain.

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
    """Wilson's interval of a rate, from the ends of what is printed so."""
    low, high = _wilson(rate, tail)
    down, up = (_with_training(half, rate, None, tail) for half in (rate.low - low, high - rate.high))
    return rate.low - down, rate.high + up


def knows_training(*rates: Rate | None) -> bool:
    """Whether the paper says of all of them how much runs differ."""
    return all(rate is None or rate.df > 0 for rate in rates)


def _wilson(rate: Rate, tail: float) -> tuple[float, float]:
    level = 1 - 2 * tail
    return wilson(rate.low, rate.images, level)[0], wilson(rate.high, rate.images, level)[1]


def _with_training(half: float, a: Rate, b: Rate | None, tail: float) -> float:
    """The larger of the two noises where each run has images of its own, else both as squares."""
    from scipy.special import stdtrit

    both = [rate for rate in (a, b) if rate is not None]
    if not knows_training(*both):
        return half
    variance = sum(rate.std**2 / rate.runs for rate in both)
    shared = not all(rate.own_images for rate in both)
    df = a.df if shared else sum(rate.df for rate in both)  # one pooled spread, or one of each row
    of_runs = float(stdtrit(df, 1 - tail)) * math.sqrt(variance)
    return math.hypot(half, of_runs) if shared else max(half, of_runs)
