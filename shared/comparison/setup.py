"""From a printed number and our answer to what the rule of verdicts asks for."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

import numpy as np

from shared.comparison import metrics
from shared.comparison.answers import ON_LOG_SCALE
from shared.comparison.noise import is_share
from shared.comparison.prediction import (
    CAP,
    CAP_EPOCHS,
    NO_IMAGES,
    SELECTED,
    Images,
    Ours,
    Printed,
    Spread,
    contradict,
    farther_apart,
    grain_of_count,
    images_of_both,
    images_of_share,
    pool,
    printed_spread,
)
from shared.comparison.tables import RATE_UNITS, Obtained, Reported


class PrintedImages(Protocol):
    """The test set that a paper states for some of its rows."""

    @property
    def counts(self) -> Mapping[str, int]: ...

    @property
    def folds(self) -> int: ...

    def covers(self, row: str) -> bool: ...


@dataclasses.dataclass(frozen=True)
class Known:
    """A printed number with our answer: one of a table's, whose spreads are pooled."""

    reported: Reported
    obtained: Obtained


InUnits: TypeAlias = tuple[Spread, float]
"""A spread and its unit of variance: p(1 − p) of a rate."""


def on_scale(r: Reported, value: float) -> float:
    """A value in the printed unit, on the scale of the comparison."""
    return float(np.log(max(value, 1e-9))) if r.metric in ON_LOG_SCALE else value * r.scale


def printed_of(r: Reported, images: Images = NO_IMAGES) -> Printed:
    """The printed number as the rule sees it."""
    low, high = (r.number, r.number) if r.operator[0] in "<>" else r.window
    logarithmic = r.metric in ON_LOG_SCALE
    return Printed(
        on_scale(r, low),
        on_scale(r, high),
        r.operator,
        r.design,
        r.runs,
        images,
        effect=float(r.effect) * r.scale if r.effect and not logarithmic else float("nan"),
        cap=CAP_EPOCHS if logarithmic else CAP,
    )


def sides(known: Known, table: Iterable[Known], sets: Sequence[PrintedImages]) -> tuple[Printed, Ours, str]:
    """Both sides of one comparison, and a remark where not all spreads of the table are believed."""
    r, ours = known.reported, known.obtained
    our_images, their_images = images_of_sides(known, sets)
    unit = _unit(r, *_combined(known, sets)) if _is_relative(r) else 1.0
    of_row, of_others, remark = _believed(known, table, sets)
    own, pooled = (_together(each, unit) for each in (of_row, [*of_row, *of_others]))
    averaged = 1 if r.design == SELECTED else ours.draw_count
    value = on_scale(r, ours.value / r.scale)
    return printed_of(r, their_images), Ours(value, averaged, at_least(pooled, own), our_images), remark


def images_of_sides(known: Known, sets: Sequence[PrintedImages]) -> tuple[Images, Images]:
    """The noise of our test images and of the paper's; of epochs their grain."""
    r, ours = known.reported, known.obtained
    if r.metric in ON_LOG_SCALE:
        return grain_of_count(ours.value), grain_of_count(r.number)
    if not metrics.is_metric(r.metric) and not r.metric.startswith("gain_"):
        return NO_IMAGES, NO_IMAGES
    n_printed = images_printed(r, sets)
    n = ours.images.n if np.isfinite(ours.images.n) else float(ours.n)
    # The paper's images are of as many patients each as ours.
    n_theirs = n if n_printed is None else n_printed * min(n / max(ours.n, 1), 1.0)
    if is_share(r.metric, r.class_name or None):
        return images_of_both(ours.value, n, float(np.clip(r.number * r.scale, 0, 1)), n_theirs)
    if not ours.images.variance:  # recorded without predictions
        images = images_of_share(np.clip(ours.value, 0, 1), n)
        return images, images.scaled(n_theirs)
    return ours.images, ours.images.scaled(n_theirs)


def images_printed(r: Reported, sets: Sequence[PrintedImages]) -> float | None:
    """Of how many images the printed number is a share, if the paper says so."""
    found = next((s for s in sets if r.rows and all(s.covers(row) for row in r.rows)), None)
    if found is None or (r.class_name and r.class_name not in found.counts):
        return None
    total, of_class = sum(found.counts.values()), found.counts.get(r.class_name, 0)
    of_one = {"recall": of_class, "sensitivity": of_class, "specificity": total - of_class}
    n = of_one.get(r.metric, total) if r.class_name else total
    return None if r.metric in ("ppv", "precision", "npv") else n / found.folds


# --- the spreads of a table ------------------------------------------------------------------------------


def table_of(r: Reported, sets: Sequence[PrintedImages]) -> tuple:
    """What numbers have in common whose spreads are pooled: table, metric, class, design and dataset."""
    dataset = next((i for i, s in enumerate(sets) if r.rows and s.covers(r.rows[0])), None)
    return r.place, r.metric, r.class_name, r.split, r.design, r.take, dataset


def _believed(
    known: Known, table: Iterable[Known], sets: Sequence[PrintedImages]
) -> tuple[list[InUnits], list[InUnits], str]:
    """The spreads that say how much such draws differ, the row's own and others', and a remark on them.

    Printed ± that our draws of the table exceed together are no measure of what they do, and are left out.
    What is left is pooled if it can be of one size; else this row stands alone.
    """
    others = [other for other in table if other.reported.row != known.reported.row]
    own, *ours = [_our_spread(each) for each in (known, *others)]
    printed = [spread for each in others if (spread := _printed_spread(each, sets))]
    stated = [spread for spread in (_printed_spread(known, sets),) if spread]
    believed, remarks = stated, []
    if _exceed([own, *ours], [*stated, *printed]):
        believed, printed = [], []
        remarks = ["our draws of this table lie farther apart than its printed ± say: these are left out"]
    if not _agree([own, *ours, *believed, *printed]):
        ours, believed, printed = [], stated, []
        remarks = ["the spreads of this table contradict each other: this row stands alone"]
        if _exceed([own], stated):
            believed = []
            remarks.append("its draws lie farther apart than its printed ± says: that is left out")
    if not _measured([own, *ours]) and _measured([*believed, *printed]):
        remarks.append("the printed ± alone says how much runs differ")
    return [own, *believed], [*ours, *printed], "; ".join(remarks)


def at_least(pooled: Spread, own: Spread) -> Spread:
    """The pooled spread, or the row's own where that is larger: what others do makes no row steadier."""
    if not own.df > 0:
        return pooled
    return Spread(max(float(pooled.variance()), float(own.variance())) * pooled.df, pooled.df)


def _measured(spreads: Iterable[InUnits]) -> bool:
    return any(spread.df > 0 for spread, _ in spreads)


def _exceed(ours: Sequence[InUnits], printed: Sequence[InUnits]) -> bool:
    return bool(printed) and farther_apart(_together(ours), _together(printed))


def _together(spreads: Sequence[InUnits], unit: float = 1.0) -> Spread:
    each, units = zip(*spreads, strict=True)
    return pool(each, units, unit)


def _agree(spreads: Sequence[InUnits]) -> bool:
    return not contradict(*zip(*spreads, strict=True))


def _our_spread(known: Known) -> InUnits:
    r, ours = known.reported, known.obtained
    return ours.spread, _unit(r, ours.value, ours.n) if _is_relative(r) else 1.0


def _printed_spread(known: Known, sets: Sequence[PrintedImages]) -> InUnits | None:
    """None where the paper prints none that is of use."""
    r, ours = known.reported, known.obtained
    spread = spread_printed(r)
    if spread is None:
        return None
    n = images_printed(r, sets) or ours.n
    return spread, _unit(r, r.number * r.scale, n) if _is_relative(r) else 1.0


def spread_printed(r: Reported) -> Spread | None:
    """The spread behind a number's ±; None where none is printed that is of use."""
    # A ± of 0.00 says that the runs' spread was rounded away.
    if r.spread and float(r.spread) > 0 and not r.spread_unusable and r.runs > 1:
        return printed_spread(float(r.spread) * r.scale, r.runs)
    return None


def _is_relative(r: Reported) -> bool:
    """Rates are compared by p(1 − p)."""
    return r.unit in RATE_UNITS and metrics.is_metric(r.metric)


def _unit(r: Reported, value: float, n: float) -> float:
    """p(1 − p), one image added on either side."""
    n = max(float(n), 1.0)
    return float(images_of_share(np.clip(value, 0, 1), n).variance) * (n + 2)


def _combined(known: Known, sets: Sequence[PrintedImages]) -> tuple[float, float]:
    """The rate of both sides together, and of how many images."""
    r, ours = known.reported, known.obtained
    theirs = images_printed(r, sets) or ours.n
    both = max(ours.n + theirs, 1)
    return (ours.value * ours.n + np.clip(r.number * r.scale, 0, 1) * theirs) / both, both
