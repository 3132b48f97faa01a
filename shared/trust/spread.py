"""How much of a result's spread comes from each of the things that were varied."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

TAIL = 0.025


@dataclasses.dataclass(frozen=True)
class Component:
    """The standard deviation that one factor alone gives, with its 95% interval, and its share of all."""

    sd: float
    low: float
    high: float
    share: float


def components(values: np.ndarray, factors: tuple[str, ...]) -> Mapping[str, Component]:
    """Of a full factorial of one result a cell, an axis for each factor.

    Factors are random and their interplay counts as rest. The interval is Williams' and Tukey's.

    >>> found = components(np.array([[0.0, 0.0], [2.0, 2.0]]), ("split", "weights"))
    >>> round(found["split"].sd, 3), round(found["weights"].sd, 3), found["split"].share
    (1.414, 0.0, 1.0)
    """
    values = np.asarray(values, dtype=float)
    squares = {name: _squares(values, axis) for axis, name in enumerate(factors)}
    freedom = {name: values.shape[axis] - 1 for axis, name in enumerate(factors)}
    left = values.size - 1 - sum(freedom.values())
    total = float(((values - values.mean()) ** 2).sum())
    rest = max(total - sum(squares.values()), 0.0) / left
    each = {
        name: max(squares[name] / freedom[name] - rest, 0.0) * (freedom[name] + 1) / values.size
        for name in factors
    }
    of_all = sum(each.values()) + rest or 1.0
    found = {}
    for name in factors:
        low, high = _interval(squares[name], freedom[name], rest, left, values.size / (freedom[name] + 1))
        found[name] = Component(each[name] ** 0.5, low, high, each[name] / of_all)
    return found | {"rest": Component(rest**0.5, *_interval(rest * left, left, 0.0, 1, 1), rest / of_all)}


def _squares(values: np.ndarray, axis: int) -> float:
    """The sum of squares between the levels of a factor."""
    others = tuple(other for other in range(values.ndim) if other != axis)
    means = values.mean(axis=others)
    return float(values.size / len(means) * ((means - means.mean()) ** 2).sum())


def _interval(squares: float, freedom: int, rest: float, left: int, cells: float) -> tuple[float, float]:
    """Of the standard deviation between levels, each a mean over so many cells."""
    from scipy.special import chdtri, fdtri

    def bound(tail: float) -> float:
        above = squares - freedom * rest * (fdtri(freedom, left, tail) if rest else 0.0)
        return float(np.sqrt(max(above, 0.0) / (cells * chdtri(freedom, 1 - tail))))

    return bound(1 - TAIL), bound(TAIL)
