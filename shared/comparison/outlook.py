"""How many draws or images would decide, and the best verdict that a plan can lead to."""

from __future__ import annotations

import dataclasses

import numpy as np

from shared.comparison.prediction import (
    SELECTED,
    SHARED,
    Images,
    Ours,
    Printed,
    Spread,
    predict,
)

MORE_DRAWS = (*range(2, 21), 25, 30, 40, 50, 75, 100, 200, 500, 1000)
MORE_IMAGES = (1.25, 1.5, 2, 3, 5, 10, 20, 50, 100)


def decides(printed: Printed, ours: Ours) -> bool:
    """Whether w is surely at most δ, so that agreement would be REPRODUCED."""
    found = predict(printed, ours)
    return bool(found.w <= found.delta and found.w_largest <= found.delta_largest)


def with_draws(printed: Printed, ours: Ours, draws: int) -> Ours:
    """The same noise seen in more draws; a selected run stays one, and only its spread is better known."""
    df = ours.spread.df + max(draws - ours.draws, 0)
    variance = float(np.nan_to_num(ours.spread.variance()))
    averaged = ours.draws if printed.design == SELECTED else draws
    return dataclasses.replace(ours, draws=averaged, spread=Spread(variance * df, df))


def enough_draws(printed: Printed, ours: Ours) -> int | None:
    """The fewest draws in all that would decide; None where none would."""
    more = (draws for draws in MORE_DRAWS if draws > ours.draws)
    return next((draws for draws in more if decides(printed, with_draws(printed, ours, draws))), None)


def enough_images(printed: Printed, ours: Ours) -> int | None:
    """The fewest test images of ours, with the most draws, that would decide; None where none would."""
    if not ours.images.variance:  # a number that no images are behind
        return None
    ours = with_draws(printed, ours, MORE_DRAWS[-1])
    for times in MORE_IMAGES:
        more = dataclasses.replace(ours, images=ours.images.scaled(ours.images.n * times))
        if printed.design in (SHARED, SELECTED) and decides(printed, more):
            return int(np.ceil(ours.images.n * times))
    return None


def outlook(printed: Printed, ours: Ours) -> str:
    """One clause on what would decide."""
    if not ours.spread.df > 0:
        return "a second draw is needed first"
    draws = enough_draws(printed, ours)
    if draws is not None:
        return f"{draws} draws like these would decide"
    images = enough_images(printed, ours)
    if images is not None:
        return f"no number of draws would decide, {images:,} test images would"
    return "no number of draws or images of ours would decide: the printed number itself is too uncertain"


def attainable(printed: Printed, draws: int, pooled: Spread, images: Images) -> tuple[bool, str]:
    """Whether so many planned draws can lead to REPRODUCED, and why not; before anything runs.

    Known before are the spread that the paper prints or that other rows have, else only that of the images.
    """
    known = float(np.nan_to_num(pooled.variance()))
    df = pooled.df + draws - 1
    planned = Ours(
        printed.low, 1 if printed.design == SELECTED else draws, Spread(known * df, df), images=images
    )
    if decides(printed, planned):
        return True, ""
    return False, outlook(printed, planned)
