"""Counts of images are whole numbers: which printed rates can a test set give?"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence

from shared.comparison import Reported
from shared.consistency.printed import (
    FITS,
    MISFIT,
    RATES,
    READING,
    Cell,
    Finding,
    PrintedSet,
    Rows,
    as_printed,
    cells,
    chance_of,
    fold_sizes,
    images_behind,
    neighbours,
    of_known_images,
    rounds_to,
    row_names,
    show,
    truncates_to,
    whole_number,
)
from shared.consistency.readings import positive_classes
from shared.consistency.spreads import impossible_spreads, least_spread

FRACTIONS = range(5, 51)
"""Percent of the whole data set that are tried as a test set."""
DRAWS = range(1, 11)
UNLIKELY = 1e-3
"""Another test set is named only if chance would name any of those tried this rarely."""


def sizes_that_fit(rows: Rows, stated: PrintedSet) -> tuple[list[Finding], list[PrintedSet]]:
    """Is each rate a whole number of images? If not, of which other test set would it be one?

    Returns the findings and the sizes that the numbers themselves ask for: several where the rates fit them
    equally well, those first that the printed spreads fit best.
    """
    positives = list(positive_classes(rows, stated))
    rates = _testable(rows, stated, positives)
    if not rates:
        return [], [stated]
    own = [_score(rates, stated, positive) for positive in positives]
    as_stated = min(own, key=lambda trial: trial.tail)
    if as_stated.fit == len(rates):
        return [_all_whole(rates, as_stated)], [stated]
    others = [_score(rates, sizes, positive) for sizes in _other_sizes(stated) for positive in positives]
    scored = [*own, *others]
    best = min(scored, key=lambda trial: trial.tail)
    if best.sizes is stated or best.tail * len(scored) > UNLIKELY:
        return [_not_whole(rates, as_stated)], [stated]
    equal = [trial for trial in scored if trial.tail == best.tail]
    equal.sort(key=lambda trial: len(impossible_spreads(rows, trial.sizes)))
    return [_other_size(rates, as_stated, equal, rows, len(scored))], [trial.sizes for trial in equal]


def _testable(rows: Rows, stated: PrintedSet, positives: Sequence[str]) -> list[Cell]:
    """Rates of a known number of images that is small enough for the printed digits to exclude anything."""
    found = []
    for row, numbers in rows.items():
        for r in cells(numbers, *RATES):
            grid = images_behind(r, stated, positives[0]) if of_known_images(r, stated) else 0
            if grid and chance_of(r, grid) < 1:
                found.append((row, r))
    return found


def _other_sizes(stated: PrintedSet) -> Iterator[PrintedSet]:
    """Other numbers of draws and other parts of the whole, where it is stated."""
    if not stated.whole:
        return
    parts = [dict(stated.counts)]
    for percent in FRACTIONS:
        part = {c: round(n * percent / 100) for c, n in stated.whole.items()}
        parts += [part] if part not in parts and all(part.values()) else []
    for part, draws in itertools.product(parts, DRAWS):
        if (part, draws) != (dict(stated.counts), stated.draws):
            yield dataclasses.replace(stated, counts=part, draws=draws)


@dataclasses.dataclass(frozen=True)
class _Trial:
    """A test set and positive class, tried on the printed rates."""

    sizes: PrintedSet
    positive: str
    fit: int
    """How many rates are whole numbers of its images."""
    chance: float
    """How many would be by chance."""
    tail: float
    """How likely chance alone does so well (Poisson), by the rates that do not follow from others."""


def _is_whole(r: Reported, trial: _Trial) -> bool:
    return _fits(r, trial.sizes, trial.positive)


def _fits(r: Reported, sizes: PrintedSet, positive: str) -> bool:
    if not _pooled(r, sizes):
        return least_spread(r, fold_sizes(sizes.total, sizes.folds)) is not None
    return whole_number(r, images_behind(r, sizes, positive)) is not None


def _score(rates: Sequence[Cell], sizes: PrintedSet, positive: str) -> _Trial:
    fits = [_fits(r, sizes, positive) for _, r in rates]
    chances = [chance_of(r, images_behind(r, sizes, positive)) for _, r in rates]
    free = _independent(rates, len(sizes.counts))
    tail = _tail(sum(itertools.compress(fits, free)), sum(itertools.compress(chances, free)))
    return _Trial(sizes, positive, sum(fits), sum(chances), tail)


def _independent(rates: Sequence[Cell], classes: int) -> list[bool]:
    """Not the accuracies of rows whose recalls are all among the rates: they follow from these."""
    recalls = Counter(row for row, r in rates if r.metric != "accuracy")
    return [r.metric != "accuracy" or recalls[row] < classes for row, r in rates]


def _tail(fit: int, chance: float) -> float:
    """How likely a Poisson number of that mean is as large."""
    below = sum(math.exp(-chance + k * math.log(chance) - math.lgamma(k + 1)) for k in range(fit))
    above = math.exp(-chance + fit * math.log(chance) - math.lgamma(fit + 1))  # the tail's own first term
    return max(1 - below, above)


def _all_whole(rates: Sequence[Cell], trial: _Trial) -> Finding:
    text = f"Every rate is a whole number of images of {trial.sizes}."
    return Finding(FITS, "whole images", row_names(rates), text, tuple(_as_images(rates, trial)))


def _not_whole(rates: Sequence[Cell], trial: _Trial) -> Finding:
    off = [(row, r) for row, r in rates if not _is_whole(r, trial)]
    named = ", ".join(f"{row} {r.metric} {as_printed(r)} ({r.place})" for row, r in off)
    text = f"In {trial.sizes} no whole number of images gives {named}."
    computation = [line for row, r in off for line in _nearest(row, r, trial)]
    fitting = [cell for cell in rates if cell not in off]
    return Finding(MISFIT, "whole images", row_names(off), text, (*computation, *_as_images(fitting, trial)))


def _nearest(row: str, r: Reported, trial: _Trial) -> Iterator[str]:
    """The shares next to a number that is none, and whether a mean of folds could be meant."""
    sizes = trial.sizes
    near = neighbours(r, images_behind(r, sizes, trial.positive))
    yield f"{row}: {near}; neither rounds nor truncates to {as_printed(r)}"
    if sizes.folds > 1 and _pooled(r, sizes):
        parts = fold_sizes(sizes.total, sizes.folds)
        least = least_spread(dataclasses.replace(r, take="mean"), parts)
        spread = "no mean" if least is None else f"only with a spread of at least ± {show(r, least)} a mean"
        yield f"{row}: {spread} over {sizes.folds} folds of {min(parts)} or {max(parts)} images gives it"


def _pooled(r: Reported, sizes: PrintedSet) -> bool:
    """Whether all folds together are meant, and not the mean over them."""
    return sizes.folds == 1 or r.take == "pooled"


def _other_size(
    rates: Sequence[Cell], stated: _Trial, equal: Sequence[_Trial], rows: Rows, tried: int
) -> Finding:
    """Of sizes that fit the rates equally well, the one whose printed spreads are possible comes first."""
    best = equal[0]
    text = (
        f"With the stated test set of {stated.sizes} only {stated.fit} of {len(rates)} rates are whole "
        f"numbers of images ({stated.chance:.1f} would be by chance). They fit {best.sizes}"
        f"{_part(best.sizes)}: {best.fit} of {len(rates)} ({best.chance:.1f} by chance)."
    )
    odds = (
        f"{tried} sizes, numbers of draws and positive classes tried; chance alone does so well once in "
        f"{1 / best.tail:.0g} (an accuracy that follows from its recalls is not counted)"
    )
    spreads = [len(impossible_spreads(rows, trial.sizes)) for trial in equal]
    also = [
        f"the rates fit as well {trial.sizes}; printed spreads too small for it: {n} ({spreads[0]} here)"
        for trial, n in list(zip(equal, spreads, strict=True))[1:]
    ]
    return Finding(MISFIT, "whole images", row_names(rates), text, (odds, *also, *_as_images(rates, best)))


def _part(sizes: PrintedSet) -> str:
    whole = sum(sizes.whole.values())
    return f", {100 * sizes.total / whole:.0f}% of {whole}" if whole else ""


def _as_images(rates: Sequence[Cell], trial: _Trial) -> Iterator[str]:
    for row, r in rates:
        grid = images_behind(r, trial.sizes, trial.positive)
        k = whole_number(r, grid)
        shown = f"{k}/{grid} = {show(r, k / grid)}" if k is not None else f"no k/{grid}"
        if _pooled(r, trial.sizes):
            yield f"{row} {r.metric} {as_printed(r)}: {shown}"


def cut_off(rows: Rows, sizes: PrintedSet) -> list[Finding]:
    """Are last digits cut off instead of rounded? Told by rates that are whole numbers of images."""
    positive = next(iter(positive_classes(rows, sizes)))
    only_cut: list[tuple[str, Reported, int, int]] = []
    only_rounded: list[tuple[str, Reported, int, int]] = []
    for row, numbers in rows.items():
        for r in cells(numbers, *RATES):
            grid = images_behind(r, sizes, positive)
            told = grid and chance_of(r, grid) < 0.5 and _pooled(r, sizes)
            k = whole_number(r, grid) if told else None
            if k is not None and rounds_to(r, k / grid) != truncates_to(r, k / grid):
                (only_rounded if rounds_to(r, k / grid) else only_cut).append((row, r, k, grid))
    if not only_cut:
        return []
    text = (
        f"{len(only_cut)} rates fit only if their last digit is cut off, "
        f"{len(only_rounded) or 'none'} only if it is rounded."
    )
    lines = tuple(
        f"{row} {r.metric}: {k}/{grid} = {show(r, k / grid)}, printed {as_printed(r)}"
        for row, r, k, grid in only_cut
    )
    return [Finding(READING, "cut off", row_names([cell[:2] for cell in only_cut]), text, lines)]
