"""Does a printed F1 follow from the two recalls, also where all of them are means over draws?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

from shared.comparison import Reported
from shared.consistency.printed import (
    FITS,
    MISFIT,
    READING,
    Finding,
    PrintedSet,
    Rows,
    as_printed,
    averaged,
    cells,
    show,
    window,
)
from shared.consistency.readings import positive_classes, readings
from shared.consistency.spreads import largest_spread

FEWEST_DRAWS = 2
Recalls = Mapping[str, Reported]


def f1_follows(rows: Rows, sizes: PrintedSet) -> list[Finding]:
    """F1 from the two recalls: of which class, and rounded or cut off?

    The mean of several F1 is not the F1 of mean recalls. How far apart they can be follows from the printed
    spreads of the recalls; without spreads nothing is said.
    """
    classes = list(sizes.counts)
    if len(classes) != 2:
        return []
    positive = next(iter(positive_classes(rows, sizes)))
    rows = {row: n for row, n in rows.items() if cells(n, "f1") and _usable(n, positive, sizes)}
    if not rows:
        return []
    fits = {}
    for of, way in itertools.product(classes, ("rounded", "cut off")):
        fits[of, way] = [row for row, n in rows.items() if _f1_fits(n, of, way, positive, sizes)]
    of, way = max(fits, key=lambda key: len(fits[key]))
    shown = ", ".join(f"{o} {w} {len(found)}" for (o, w), found in fits.items())
    off = [row for row in rows if row not in fits[of, way]]
    text = (
        f"F1 computed from the recalls is that of {of}, {way}, in {len(fits[of, way])} of {len(rows)} rows "
        f"(rows that fit: {shown}){'; not in ' + ', '.join(off) if off else ''}."
    )
    lines = [f"{row}: {_f1_shown(n, of, positive, sizes)}" for row, n in rows.items()]
    unsaid = any(cells(numbers, "f1")[0].class_from == "inferred" for numbers in rows.values())
    kind = MISFIT if off else READING if unsaid or way == "cut off" else FITS
    return [Finding(kind, "f1 follows", tuple(rows), text, tuple(lines))]


def _usable(numbers: Sequence[Reported], positive: str, sizes: PrintedSet) -> bool:
    """Both recalls are there, of one matrix or with a spread, and are no means over folds."""
    recalls = readings(numbers, list(sizes.counts)).get(positive)
    if recalls is None or (sizes.folds > 1 and any(r.take != "pooled" for r in recalls.values())):
        return False
    return not _several(numbers, recalls, sizes) or all(r.spread for r in recalls.values())


def _several(numbers: Sequence[Reported], recalls: Recalls, sizes: PrintedSet) -> bool:
    """Whether any of the numbers is a mean over several matrices."""
    return any(averaged(r, sizes) for r in (cells(numbers, "f1")[0], *recalls.values()))


def _f1(recalls: Mapping[str, float], of: str, counts: Mapping[str, int]) -> float:
    u, v = _hits_and_false(recalls, of, counts)
    return 2 * u / (u + v + 1)


def _hits_and_false(recalls: Mapping[str, float], of: str, counts: Mapping[str, int]) -> tuple[float, float]:
    """Images rightly and wrongly decided for a class, per image of it."""
    (other,) = (c for c in counts if c != of)
    return recalls[of], (1 - recalls[other]) * counts[other] / counts[of]


def _f1_fits(numbers: Sequence[Reported], of: str, way: str, positive: str, sizes: PrintedSet) -> bool:
    printed = readings(numbers, list(sizes.counts))[positive]
    r = cells(numbers, "f1")[0]
    low, high = (_f1({c: window(v)[end] for c, v in printed.items()}, of, sizes.counts) for end in (0, 1))
    apart = _averaging(printed, of, sizes) if _several(numbers, printed, sizes) else 0.0
    down, up = (r.step / 2, r.step / 2) if way == "rounded" else (0, r.step)
    slack = 1e-9
    return (low - apart) / r.scale <= r.number + up + slack and (
        high + apart
    ) / r.scale >= r.number - down - slack


def _averaging(recalls: Recalls, of: str, sizes: PrintedSet) -> float:
    """How far the mean of F1 over draws can be from the F1 of mean recalls: Taylor's remainder.

    F1 = 2u / (u + v + 1), u and v being hits and false decisions per image of the class. Half of the second
    derivatives, at most as large as anywhere within reach, times the variances of u and v.
    """
    (other,) = (c for c in recalls if c != of)
    ratio = sizes.counts[other] / sizes.counts[of]
    draws = max(sizes.draws, FEWEST_DRAWS, *(r.runs for r in recalls.values()))
    u, v = _hits_and_false({c: r.number * r.scale for c, r in recalls.items()}, of, sizes.counts)
    du, dv = largest_spread(recalls[of]), largest_spread(recalls[other]) * ratio
    reach = math.sqrt(draws - 1)
    us = max(0.0, u - reach * du), min(1.0, u + reach * du)
    vs = max(0.0, v - reach * dv), min(ratio, v + reach * dv)
    least = (us[0] + vs[0] + 1) ** 3
    mixed = max(abs(us[0] - vs[1] - 1), abs(us[1] - vs[0] - 1))
    return (2 * (vs[1] + 1) * du**2 + 2 * mixed * du * dv + 2 * us[1] * dv**2) / least


def _f1_shown(numbers: Sequence[Reported], of: str, positive: str, sizes: PrintedSet) -> str:
    printed = readings(numbers, list(sizes.counts))[positive]
    r = cells(numbers, "f1")[0]
    value = _f1({c: v.number * v.scale for c, v in printed.items()}, of, sizes.counts)
    apart = _averaging(printed, of, sizes) if _several(numbers, printed, sizes) else 0.0
    mean = f" ± {apart / r.scale:.{r.decimals + 2}f} for a mean of several" if apart else ""
    return f"F1 of {of} = {show(r, value)}{mean}, printed {as_printed(r)}"
