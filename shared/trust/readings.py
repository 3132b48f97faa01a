"""Where a row exists in several readings of the paper: which one do the obtained numbers agree with?"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence

from shared.comparison import Reported, Run, by_row, compare, read_as
from shared.consistency.printed import PrintedSet

MARK = "@"
"""Between a row's id and the name of another reading of it: `row@as-printed`."""
BOTH = "agree with every reading that ran: they cannot tell them apart"
NEITHER = "agree with none of the readings that ran"


@dataclasses.dataclass(frozen=True)
class Reading:
    """One reading of a row, and how our numbers under it stand to the printed ones."""

    row: str
    name: str
    draws: int = 0
    agree: int = 0
    """Printed numbers that ours agree with, within the noise of both sides."""
    differ: int = 0
    undecided: int = 0
    """Where one draw says nothing of how much runs differ."""

    @property
    def ran(self) -> bool:
        return self.draws > 0

    @property
    def fits(self) -> bool:
        """Whether as many printed numbers agree as do in 95% of exact repeats, each at 95%."""
        from scipy.special import bdtrc

        decided = self.agree + self.differ
        return self.agree > 0 and (not self.differ or bdtrc(self.differ - 1, decided, 0.05) > 0.05)


def groups(rows: Iterable[str]) -> dict[str, list[str]]:
    """Row -> itself and its other readings, where it has any.

    >>> groups(["a", "b", "a@as-printed"])
    {'a': ['a', 'a@as-printed']}
    """
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.partition(MARK)[0], []).append(row)
    return {base: several for base, several in found.items() if len(several) > 1}


def readings_of(
    base: str,
    rows: Sequence[str],
    reported: Sequence[Reported],
    runs: Iterable[Run],
    sets: Sequence[PrintedSet] = (),
) -> list[Reading]:
    """Each reading of a row, and each class read as the positive one where the text does not say which."""
    printed = [r for r in reported if r.rows == (base,) and r.by == "paper" and r.value]
    real = by_row(runs)
    found = []
    for row in rows:
        own = real.get(row, [])
        numbers = [dataclasses.replace(r, row=row) for r in printed]
        found.append(_reading(row, row, numbers, own, sets))
        classes = sorted({name for run in own for name in run.predictions.classes})
        for name in classes:
            turned = read_as(numbers, name)
            if turned:
                both = [r for r in numbers if r.class_from != "inferred"] + turned
                found.append(_reading(row, f"{row}, {name} as the positive class", both, own, sets))
    return found


def _reading(
    row: str, name: str, numbers: Sequence[Reported], runs: Sequence[Run], sets: Sequence[PrintedSet]
) -> Reading:
    compared = [c for c in compare(numbers, runs, sets) if c.obtained is not None]
    decided = [c for c in compared if math.isfinite(c.w)]
    agree = sum(abs(c.distance) <= c.w for c in decided)
    return Reading(row, name, len(runs), agree, len(decided) - agree, len(compared) - len(decided))


def said(readings: Sequence[Reading]) -> str:
    """Which reading the obtained numbers agree with, in words.

    >>> said([Reading("a", "a"), Reading("a@b", "a@b")])
    'none run yet'
    >>> said([Reading("a", "a", 5, 1, 3), Reading("a@b", "a@b", 3, 4, 0)])
    'agree with a@b, and not with a'
    >>> said([Reading("a", "a", 5, 3, 0), Reading("a@b", "a@b", 1, undecided=3)])
    'agree with a; one draw says nothing of how much runs differ: a@b undecided'
    >>> said([Reading("a", "a", 5, 0, 4), Reading("a@b", "a@b", 1, undecided=3)])
    'do not agree with a; one draw says nothing of how much runs differ: a@b undecided'
    >>> said([Reading("a", "a", 5), Reading("a@b", "a@b")])
    'the paper prints no number of what ran; not run yet: a@b'
    """
    ran = [reading for reading in readings if reading.ran]
    if not ran:
        return "none run yet"
    fitting = [reading.name for reading in ran if reading.fits]
    off = [reading.name for reading in ran if reading.differ and not reading.fits]
    undecided = [each.name for each in ran if each.undecided and not (each.agree or each.differ)]
    missing = [reading.name for reading in readings if not reading.ran]
    told = [_told(fitting, off, everything=len(ran))] if fitting or off else []
    if undecided:
        told.append(f"one draw says nothing of how much runs differ: {', '.join(undecided)} undecided")
    told = told or ["the paper prints no number of what ran"]
    return "; ".join([*told, *([f"not run yet: {', '.join(missing)}"] if missing else [])])


def _told(fitting: Sequence[str], off: Sequence[str], everything: int) -> str:
    if len(fitting) == everything > 1:
        return BOTH
    if len(off) == everything:
        return NEITHER
    if fitting and off:
        return f"agree with {' and '.join(fitting)}, and not with {' and '.join(off)}"
    return f"agree with {' and '.join(fitting)}" if fitting else f"do not agree with {' and '.join(off)}"
