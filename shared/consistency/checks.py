"""Do a paper's own numbers agree with each other and with the sizes of its test sets?

Pure arithmetic on `reported.csv`; nothing is run and nobody is accused: what does not fit is usually a slip
of the pen, a mean of something unsaid, or a test set other than the one described. A paper hands over the
sizes that it states as `PAPER.printed_sets`.

A printed number is treated as the range of values that round or truncate to it, so that "fits" is always
generous.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from shared.comparison import Reported
from shared.consistency.confusion_search import confusion_exists
from shared.consistency.f1_scores import f1_follows
from shared.consistency.printed import (
    FITS,
    KINDS,
    MISFIT,
    READING,
    Finding,
    PrintedSet,
    Rows,
    as_printed,
    averaged,
    by_row,
    cells,
    first_cell,
    precision_of,
    recall_of,
    show,
    window,
)
from shared.consistency.readings import Gap, accuracy_gap, positive_classes, readings
from shared.consistency.repeated import gains, printed_twice
from shared.consistency.spreads import spread_possible
from shared.consistency.whole_images import cut_off, sizes_that_fit

__all__ = ["FITS", "KINDS", "MISFIT", "READING", "Finding", "PrintedSet", "check", "misfits"]


def check(reported: Iterable[Reported], printed_sets: Iterable[PrintedSet] = ()) -> list[Finding]:
    """Everything the numbers of one paper say about themselves."""
    reported, printed_sets = list(reported), list(printed_sets)
    rows = by_row(reported)
    found = [*printed_twice(rows, printed_sets), *gains(rows, reported)]
    for stated in printed_sets:
        covered = {row: numbers for row, numbers in rows.items() if stated.covers(row)}
        finding, (sizes, *_) = sizes_that_fit(covered, stated)
        found += finding
        for one in (cut_off, accuracy_follows, f1_follows, rates_follow, confusion_exists, spread_possible):
            found += one(covered, sizes)
    return found


def misfits(findings: Iterable[Finding]) -> list[Finding]:
    """Those where the numbers cannot all be right as printed."""
    return [finding for finding in findings if finding.kind == MISFIT]


# --- one number follows from others ----------------------------------------------------------------------


def accuracy_follows(rows: Rows, sizes: PrintedSet) -> list[Finding]:
    """Accuracy is the mean of the recalls, weighted by the classes' sizes: with which class as positive?

    Not where folds were averaged, whose classes may have other shares, nor for an announced repetition.
    """
    found = []
    places = dict.fromkeys(r.place for n in rows.values() for r in cells(n, "accuracy"))
    for place in (place for place in places if place not in sizes.repeats):
        placed = {row: _of_place(numbers, place, sizes) for row, numbers in rows.items()}
        placed = {
            row: n for row, n in placed.items() if cells(n, "accuracy") and readings(n, list(sizes.counts))
        }
        kinds: dict[tuple[str, ...], dict[str, Sequence[Reported]]] = {}
        for row, numbers in placed.items():
            kinds.setdefault(tuple(readings(numbers, list(sizes.counts))), {})[row] = numbers
        found += [_accuracy_finding(place, rows_of_kind, sizes) for rows_of_kind in kinds.values()]
    return found


def _of_place(numbers: Sequence[Reported], place: str, sizes: PrintedSet) -> list[Reported]:
    """A row's numbers with the accuracies of that place alone, none of them a mean over folds."""
    one = [r for r in numbers if sizes.folds == 1 or r.take == "pooled"]
    return [r for r in one if r.metric != "accuracy" or r.place == place]


def _accuracy_finding(place: str, rows: Rows, sizes: PrintedSet) -> Finding:
    scores = positive_classes(rows, sizes)
    best, fit = next(iter(scores.items()))
    gaps = _gaps(rows, best, sizes)
    off = [row for row, gap in gaps.items() if not gap.allowed]
    others = [_other_reading(rows, name, n, sizes) for name, n in scores.items() if name != best]
    recalls = [r for n in rows.values() for r in readings(n, list(sizes.counts))[best].values()]
    source = dict.fromkeys(r.place for r in recalls)
    text = (
        f"The accuracies of {place} follow from the recalls of {', '.join(source)} and {sizes}"
        f"{f' with {best} as the positive class' if best else ''} in {fit} of {len(rows)} rows "
        f"(to {_points(gap.difference for gap in gaps.values() if gap.allowed)} points)"
        f"{'; ' + '; '.join(others) if others else ''}"
        f"{'; not in ' + ', '.join(off) if off else ''}."
    )
    unsaid = any(
        r.class_from == "inferred" for n in rows.values() for r in cells(n, "sensitivity", "specificity")
    )
    kind = MISFIT if off else READING if unsaid and best else FITS
    return Finding(
        kind, "accuracy follows", tuple(rows), text, tuple(f"{row}: {gap.shown}" for row, gap in gaps.items())
    )


def _gaps(rows: Rows, name: str, sizes: PrintedSet) -> dict[str, Gap]:
    """The gap of each row that has such a reading."""
    found = {row: accuracy_gap(numbers, name, sizes) for row, numbers in rows.items()}
    return {row: gap for row, gap in found.items() if gap is not None}


def _points(gaps: Iterable[float]) -> str:
    return f"{100 * max(map(abs, gaps), default=0):.3f}"


def _other_reading(rows: Rows, name: str, fit: int, sizes: PrintedSet) -> str:
    gaps = [100 * abs(gap.difference) for gap in _gaps(rows, name, sizes).values()]
    off = f"off by {min(gaps):.2f} to {max(gaps):.2f} points"
    return f"with {name} as the positive class in {fit or 'none'} ({off})"


def rates_follow(rows: Rows, sizes: PrintedSet) -> list[Finding]:
    """Specificity and NPV of a class follow from its sensitivity, its PPV and the classes' sizes.

    Means over several matrices do not: a mean of quotients is no quotient of means.
    """
    checked, off = [], []
    for row, several in rows.items():
        numbers = [r for r in several if not averaged(r, sizes)]
        for c in sizes.counts:
            sensitivity, ppv = recall_of(numbers, c), precision_of(numbers, c)
            if sensitivity is None or ppv is None:
                continue
            for name in ("specificity", "npv"):
                r = first_cell(numbers, c, name)
                if r is not None:
                    line, fits = _rate_line(row, r, sensitivity, ppv, name, sizes)
                    checked.append((row, line))
                    off += [] if fits else [(row, line)]
    if not checked:
        return []
    text = (
        f"Specificity and NPV follow from sensitivity, PPV and {sizes} in {len(checked) - len(off)} of "
        f"{len(checked)} cells."
    )
    shown = off or checked
    lines = tuple(line for _, line in shown)
    names = tuple(dict.fromkeys(row for row, _ in checked))
    return [Finding(MISFIT if off else FITS, "rates follow", names, text, lines)]


def _rate_line(
    row: str, r: Reported, sensitivity: Reported, ppv: Reported, name: str, sizes: PrintedSet
) -> tuple[str, bool]:
    corners = itertools.product(window(sensitivity), window(ppv))
    values = [_rate_of(name, *corner, sizes, r.class_name) for corner in corners]
    bottom, top = window(r)
    nominal = _rate_of(
        name, sensitivity.number * sensitivity.scale, ppv.number * ppv.scale, sizes, r.class_name
    )
    line = (
        f"{row}, {name} of {r.class_name}: {show(r, nominal)} from "
        f"sensitivity {as_printed(sensitivity)} and PPV {as_printed(ppv)}, printed {as_printed(r)}"
    )
    # An undefined rate can be printed as anything.
    return line, any(map(math.isnan, values)) or (min(values) <= top and max(values) >= bottom)


def _rate_of(name: str, sensitivity: float, ppv: float, sizes: PrintedSet, class_name: str) -> float:
    own = sizes.counts[class_name]
    rest = sizes.total - own
    hit = sensitivity * own
    false = hit / max(ppv, 1e-9) - hit
    if name == "specificity":
        return 1 - false / rest
    of_negative = rest - false + own - hit
    return (rest - false) / of_negative if of_negative >= 0.5 else math.nan
