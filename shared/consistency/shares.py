"""How far printed rates are from the shares that a test set allows: the stated one, and one that fits."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from shared.comparison import Reported
from shared.consistency.printed import (
    RATES,
    PrintedSet,
    by_row,
    cells,
    images_behind,
    whole_number,
)
from shared.consistency.readings import positive_classes
from shared.consistency.spreads import impossible_spreads
from shared.consistency.whole_images import sizes_that_fit

ALLOWED = (-0.5, 1.0)
"""Distances, in units of the last printed digit, from which a share is rounded or cut off to the number."""


@dataclasses.dataclass(frozen=True)
class Distances:
    """Of printed rates under one test set."""

    sizes: PrintedSet
    percent: Sequence[float]
    """The printed rates."""
    digits: Sequence[float]
    """From each to the nearest share that is allowed, in units of its last digit."""
    rivals: tuple[tuple[PrintedSet, int], ...] = ()
    """Other test sets that the rates fit as well, and how many printed ± are too small for each."""

    @property
    def fitting(self) -> int:
        """How many are whole numbers of images."""
        least, most = ALLOWED
        return sum(least - 1e-6 <= each < most - 1e-6 for each in self.digits)


def two_readings(
    reported: Sequence[Reported], stated_sets: Sequence[PrintedSet]
) -> tuple[Distances, Distances] | None:
    """The stated test set and the one that the rates ask for; None where they fit the stated one."""
    rows = by_row(reported)
    for stated in stated_sets:
        own = {row: numbers for row, numbers in rows.items() if stated.covers(row)}
        _, (asked, *others) = sizes_that_fit(own, stated)
        if asked is not stated:
            positive = next(iter(positive_classes(own, asked)))
            printed = [r for numbers in own.values() for r in cells(numbers, *RATES)]
            rates = [r for r in printed if images_behind(r, asked, positive)]
            first, second = (_distances(rates, sizes, positive) for sizes in (stated, asked))
            rivals = tuple((sizes, len(impossible_spreads(own, sizes))) for sizes in others)
            return first, dataclasses.replace(second, rivals=rivals)
    return None


def _distances(rates: Sequence[Reported], sizes: PrintedSet, positive: str) -> Distances:
    percent = [100 * r.number * r.scale for r in rates]
    return Distances(sizes, percent, [_distance(r, images_behind(r, sizes, positive)) for r in rates])


def _distance(r: Reported, images: int) -> float:
    """From the number to the share that is printed so, else to the nearest one."""
    share = whole_number(r, images)
    nearest = share if share is not None else round(r.number * r.scale * images)
    return (nearest / images / r.scale - r.number) / r.step
