"""Shares of whole images in a few draws cannot have any mean and spread: is a printed one possible?"""

from __future__ import annotations

import math
from collections.abc import Sequence

from shared.comparison import Reported
from shared.consistency.printed import (
    MISFIT,
    RATES,
    Finding,
    PrintedSet,
    Rows,
    cells,
    fold_sizes,
    images_behind,
    rounds_to,
    row_names,
    show,
    truncates_to,
    window,
)
from shared.consistency.readings import positive_classes


def spread_possible(rows: Rows, sizes: PrintedSet) -> list[Finding]:
    """Whole numbers of images in few draws cannot have any mean and spread: is a printed one too small?"""
    found = impossible_spreads(rows, sizes)
    return [_spread_finding(found, sizes)] if found else []


def impossible_spreads(rows: Rows, sizes: PrintedSet) -> list[tuple[str, Reported, float]]:
    """Cells whose printed spread, even with digits cut off, is smaller than any of whole images allows."""
    positive = next(iter(positive_classes(rows, sizes)))
    found = []
    for row, numbers in rows.items():
        for r in cells(numbers, *RATES):
            draws = draw_sizes(r, sizes, positive) if r.spread else []
            least = least_spread(r, draws) if len(draws) > 1 and min(draws) else None
            if least is not None and largest_spread(r) <= least + 1e-9:  # cut off, it is below
                found.append((row, r, least))
    return found


def _spread_finding(found: Sequence[tuple[str, Reported, float]], sizes: PrintedSet) -> Finding:
    draws = f"{sizes.folds} folds" if sizes.folds > 1 else "draws"
    text = (
        f"{len(found)} printed spreads, read as a standard deviation in the unit of their mean, are smaller "
        f"than whole numbers of images in {draws} of {sizes} allow."
    )
    lines = tuple(_spread_line(row, r, least, max(sizes.folds, sizes.draws)) for row, r, least in found)
    return Finding(MISFIT, "spread", row_names([cell[:2] for cell in found]), text, lines)


def _spread_line(row: str, r: Reported, least: float, draws: int) -> str:
    as_error = float(r.spread) * r.scale * math.sqrt(draws) >= least
    also = " (possible as a standard error of the mean)" if as_error else ""
    return f"{row} {r.metric} {r.value} ± {r.spread}: at least ± {show(r, least)}{also}"


def largest_spread(r: Reported) -> float:
    """The largest spread that is printed so, as a fraction: the ± of one whose digits are cut off."""
    return (float(r.spread) + 10.0 ** -len(r.spread.partition(".")[2])) * r.scale


def draw_sizes(r: Reported, sizes: PrintedSet, positive: str) -> list[int]:
    """Images behind the rate in each draw or fold; none where a fold's share of a class is not known."""
    if sizes.folds > 1 and r.metric != "accuracy":
        return []
    n = images_behind(r, sizes, positive) // sizes.draws
    return fold_sizes(n, sizes.folds) if sizes.folds > 1 else [n] * sizes.draws


def least_spread(r: Reported, draws: Sequence[int]) -> float | None:
    """The smallest standard deviation (over n) of shares that give this number; None if none do.

    The number is their mean, or the share of all images together where it is pooled. The draws have one
    size, or two where folds cannot all be equal.
    """
    (n, times), (m, others) = [*((size, draws.count(size)) for size in dict.fromkeys(draws)), (1, 0)][:2]
    one = 1 if r.take == "pooled" else n / m  # an image of the second size, in images of the first
    low, high = (edge * (sum(draws) if r.take == "pooled" else len(draws) * n) for edge in window(r))
    found = []
    for of_m in range(m * others + 1):
        of_ns = range(math.ceil(low - of_m * one - 1e-9), math.floor(high - of_m * one) + 1)
        for of_n in (k for k in of_ns if 0 <= k <= times * n):
            mean = (of_n / n + of_m / m) / len(draws)
            value = (of_n + of_m) / sum(draws) if r.take == "pooled" else mean
            if rounds_to(r, value) or truncates_to(r, value):
                squares = _least_squares(of_n, n, times) + _least_squares(of_m, m, others)
                found.append(math.sqrt(max(0.0, squares / len(draws) - mean**2)))
    return min(found, default=None)


def _least_squares(images: int, size: int, draws: int) -> float:
    """Sum of squared shares when so many images are spread over equal draws as evenly as can be."""
    if not draws:
        return 0.0
    each, more = divmod(images, draws)
    return (more * (each + 1) ** 2 + (draws - more) * each**2) / size**2
