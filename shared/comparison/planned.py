"""Before anything runs: the best verdict that each printed number can get with the planned draws."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from shared.comparison import metrics
from shared.comparison.answers import HARDWARE, ON_LOG_SCALE
from shared.comparison.outlook import attainable
from shared.comparison.prediction import (
    NO_IMAGES,
    Images,
    Spread,
    contradict,
    grain_of_count,
    images_of_share,
    pool,
)
from shared.comparison.rule import INCONCLUSIVE, REPRODUCED
from shared.comparison.setup import (
    PrintedImages,
    at_least,
    images_printed,
    printed_of,
    spread_printed,
    table_of,
)
from shared.comparison.tables import Reported


def best_verdicts(
    reported: Iterable[Reported], draws: Mapping[str, int], sets: Sequence[PrintedImages] = ()
) -> list[tuple[Reported, str, str]]:
    """(number, best verdict, what would be needed for more) of those whose rows are all planned."""
    asked = [r for r in reported if _is_asked(r, draws)]
    return [(r, *_best(r, asked, draws, sets)) for r in asked]


def _is_asked(r: Reported, draws: Mapping[str, int]) -> bool:
    planned = bool(r.rows) and all(row in draws for row in r.rows)
    return planned and r.by == "paper" and bool(r.value) and r.metric not in HARDWARE


def _best(
    r: Reported, asked: Sequence[Reported], draws: Mapping[str, int], sets: Sequence[PrintedImages]
) -> tuple[str, str]:
    planned = min(draws[row] for row in r.rows)
    if r.operator == "most draws":
        return (REPRODUCED, "") if planned >= 6 else (INCONCLUSIVE, "fewer than six draws decide nothing")
    if not r.design:
        return REPRODUCED, ""
    images = _images(r, sets)
    table = {other.row: other for other in asked if table_of(other, sets) == table_of(r, sets)}
    if _contradict(table.values()):
        table = {r.row: r}
    others = sum(min(draws[row] for row in o.rows) - 1 for o in table.values() if o.row != r.row)
    known = at_least(_known_spread(r, table.values()), _known_spread(r, [r]))
    df = known.df + others
    spread = Spread(float(np.nan_to_num(known.variance())) * df, df)
    # A selected run is compared alone; the folds that it is chosen from show the spread.
    fits, why = attainable(printed_of(r, images), planned, spread, images)
    return (REPRODUCED, "") if fits else (INCONCLUSIVE, why)


def _images(r: Reported, sets: Sequence[PrintedImages]) -> Images:
    """The paper's test set, taken for ours too: as many images, the printed rate; of epochs their grain."""
    if r.metric in ON_LOG_SCALE:
        return grain_of_count(r.number)
    # About as many images are decided for a class as it has.
    as_many = {"precision": "recall", "ppv": "recall", "npv": "specificity"}
    n = images_printed(dataclasses.replace(r, metric=as_many.get(r.metric, r.metric)), sets)
    if n is None or not (metrics.is_metric(r.metric) or r.metric.startswith("gain_")):
        return NO_IMAGES
    return images_of_share(float(np.clip(r.number * r.scale, 0, 1)), n)


def _known_spread(r: Reported, table: Iterable[Reported]) -> Spread:
    """What the paper prints of the spread of its runs, over the rows of the table."""
    spreads, units = _printed_spreads(table)
    return pool(spreads, units, _unit(r)) if spreads else Spread()


def _contradict(table: Iterable[Reported]) -> bool:
    """Whether the printed spreads of a table can hardly be of one size."""
    return contradict(*_printed_spreads(table))


def _printed_spreads(table: Iterable[Reported]) -> tuple[list[Spread], list[float]]:
    usable = [(spread, _unit(r)) for r in table if (spread := spread_printed(r))]
    return [spread for spread, _ in usable], [unit for _, unit in usable]


def _unit(r: Reported) -> float:
    return max(r.number * r.scale * (1 - r.number * r.scale), 1e-6)
