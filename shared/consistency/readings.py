"""Which class is the positive one, and does the accuracy follow from the recalls with it?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared.comparison import Reported
from shared.consistency.printed import (
    PrintedSet,
    Rows,
    as_printed,
    averaged,
    cells,
    recall_of,
    show,
    window,
)


def readings(numbers: Sequence[Reported], classes: Sequence[str]) -> dict[str, dict[str, Reported]]:
    """Positive class ('' where every class has its own) -> class -> its printed recall.

    Where the text names the positive class, no other is tried.
    """
    sensitivity, specificity = (cells(numbers, name) for name in ("sensitivity", "specificity"))
    if len(classes) == 2 and len(sensitivity) == 1 and len(specificity) == 1:
        one, other = classes
        pair = sensitivity[0], specificity[0]
        named = {r.class_name for r in pair if r.class_from == "text"}
        both = {
            one: dict(zip((one, other), pair, strict=True)),
            other: dict(zip((other, one), pair, strict=True)),
        }
        return {name: recalls for name, recalls in both.items() if not named or name in named}
    recalls = {c: r for c in classes if (r := recall_of(numbers, c)) is not None}
    return {"": recalls} if len(recalls) == len(classes) else {}


def positive_classes(rows: Rows, sizes: PrintedSet) -> dict[str, int]:
    """Class read as positive ('' for each its own) -> rows whose accuracy then follows; best first."""
    found = {}
    for name in dict.fromkeys(n for numbers in rows.values() for n in readings(numbers, list(sizes.counts))):
        gaps = [accuracy_gap(numbers, name, sizes) for numbers in rows.values()]
        found[name] = sum(gap is not None and gap.allowed for gap in gaps)
    return dict(sorted(found.items(), key=lambda item: -item[1])) or {"": 0}


class Gap(NamedTuple):
    """Between the accuracy that follows from recalls and the printed one."""

    difference: float
    """Computed minus printed, a fraction."""
    allowed: bool
    """Whether the digits allow it."""
    shown: str
    """The computation."""


def accuracy_gap(numbers: Sequence[Reported], name: str, sizes: PrintedSet) -> Gap | None:
    """The gap with a class as the positive one; None where the numbers have no such reading."""
    recalls = readings(numbers, list(sizes.counts)).get(name)
    accuracy = next(iter(cells(numbers, "accuracy")), None)
    if recalls is None or accuracy is None:
        return None
    n, total = sizes.counts, sizes.total
    value = sum(n[c] * r.number * r.scale for c, r in recalls.items()) / total
    terms = " + ".join(f"{n[c]}×{r.value}" for c, r in recalls.items())
    shown = f"({terms})/{total} = {show(accuracy, value)}, printed {as_printed(accuracy)}"
    allowed = _accuracy_allowed(recalls, accuracy, sizes)
    return Gap(value - accuracy.number * accuracy.scale, allowed, shown)


def _accuracy_allowed(recalls: Mapping[str, Reported], accuracy: Reported, sizes: PrintedSet) -> bool:
    """Whether right decisions that the recalls allow can add up to the accuracy.

    Whole ones where it is known of how many images. What is allowed for a class are whole numbers in a row,
    so that a sum can be any between the ends.
    """
    images = {c: sizes.counts[c] * sizes.draws for c in recalls}
    bottom, top = (edge * sizes.total * sizes.draws for edge in window(accuracy))
    ends = {c: [edge * images[c] for edge in window(r)] for c, r in recalls.items()}
    counted = sizes.draws > 1 or not any(averaged(r, sizes) for r in (accuracy, *recalls.values()))
    whole = {c: _whole_between(*pair) for c, pair in ends.items()}
    of_all = _whole_between(bottom, top)
    if counted and all(low <= high for low, high in (*whole.values(), of_all)):
        fewest = sum(max(low, 0) for low, _ in whole.values())
        most = sum(min(high, images[c]) for c, (_, high) in whole.items())
        return fewest <= of_all[1] and most >= of_all[0]
    low = sum(max(first, 0) for first, _ in ends.values())
    high = sum(min(last, images[c]) for c, (_, last) in ends.items())
    return low <= top + 1e-9 and high >= bottom - 1e-9


def _whole_between(low: float, high: float) -> tuple[int, int]:
    """The first and the last whole number from low up to, but without, high."""
    return math.ceil(low - 1e-9), math.ceil(high - 1e-9) - 1
