"""The same thing printed twice, and gains printed with the numbers they follow from."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from shared.comparison import Reported
from shared.consistency.printed import (
    FITS,
    MISFIT,
    Finding,
    PrintedSet,
    Rows,
    as_printed,
    cells,
    show,
    window,
)


def printed_twice(rows: Rows, printed_sets: Iterable[PrintedSet] = ()) -> list[Finding]:
    """One quantity printed in two places with values that no rounding explains.

    Another run of the same row that the paper announces may differ.
    """
    printed_sets = list(printed_sets)
    found = []
    for row, numbers in rows.items():
        groups: dict[tuple, list[Reported]] = {}
        for r in numbers:
            if r.operator == "=":
                groups.setdefault((r.split, r.metric, r.class_name, r.take), []).append(r)
        repeats = {place for stated in printed_sets if stated.covers(row) for place in stated.repeats}
        pairs = [pair for group in groups.values() for pair in _disagreeing(group)]
        found += [_twice(row, a, b, a.place in repeats or b.place in repeats) for a, b in pairs]
    return found


def _disagreeing(group: Sequence[Reported]) -> Iterator[tuple[Reported, Reported]]:
    for a, b in itertools.combinations(group, 2):
        apart = max(window(a)[0], window(b)[0]) - min(window(a)[1], window(b)[1])
        if apart > 1e-12:
            yield a, b


def _twice(row: str, a: Reported, b: Reported, announced: bool) -> Finding:
    of = f"{a.metric} of {a.class_name}" if a.class_name else a.metric
    notes = tuple(f"{r.place}: {r.note}" for r in (a, b) if r.note)
    why = ", a repetition that the paper announces" if announced else ""
    text = f"{row}: {of} is {as_printed(a)} in {a.place} and {as_printed(b)} in {b.place}{why}."
    return Finding(FITS if announced else MISFIT, "printed twice", (row,), text, notes)


def gains(rows: Rows, reported: Iterable[Reported]) -> list[Finding]:
    """Printed gains in accuracy against the printed accuracies."""
    found = []
    for r in reported:
        if r.metric in ("gain_points", "gain_relative") and r.value and r.operator in ("=", "~"):
            pair = _accuracies(r, rows)
            if pair is not None:
                found.append(_gain(r, *pair))
    return found


def _accuracies(r: Reported, rows: Rows) -> tuple[Reported, Reported] | None:
    """The two accuracies a gain lies between: of its two rows, or of its row and the others it is over."""
    names = r.rows if len(r.rows) == 2 else (r.row, r.over)
    better, worse = (next(iter(cells(rows.get(name, ()), "accuracy")), None) for name in names)
    return None if better is None or worse is None else (better, worse)


def _gain(r: Reported, better: Reported, worse: Reported) -> Finding:
    ends = itertools.product(window(better), window(worse))
    values = [(b - w) / (w if r.metric == "gain_relative" else 1) for b, w in ends]
    high, low = better.number * better.scale, worse.number * worse.scale
    computed = (high - low) / (low if r.metric == "gain_relative" else 1)
    bottom, top = window(r)
    fits = min(values) <= top and max(values) >= bottom
    relative = "relative " if r.metric == "gain_relative" else ""
    how = "follows" if fits else "does not follow"
    text = f"{r.label}: the {relative}gain of {as_printed(r)} {how} from the accuracies."
    line = f"{as_printed(better)} against {as_printed(worse)}: {show(r, computed)}"
    return Finding(FITS if fits else MISFIT, "gain", r.rows, text, (line,))
