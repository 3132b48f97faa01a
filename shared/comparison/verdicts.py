"""Reported against obtained: the paper's numbers compared with ours, with intervals and verdicts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from shared.comparison.answers import HARDWARE, ON_LOG_SCALE, SIZES, obtain
from shared.comparison.rule import (
    CLOSE,
    INCONCLUSIVE,
    NOT_COMPARABLE,
    NOT_REPRODUCED,
    NOT_RUN,
    REPRODUCED,
    Judgement,
    judge,
    judge_exact,
    judge_most,
    points,
)
from shared.comparison.runs import Run
from shared.comparison.setup import Known, PrintedImages, sides, table_of
from shared.comparison.tables import RATE_UNITS, Obtained, Reported

DECIDED = (REPRODUCED, CLOSE, NOT_REPRODUCED, INCONCLUSIVE)


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A reported number and ours, everything in the reported unit."""

    reported: Reported
    verdict: str
    reason: str
    mean: float = float("nan")
    std: float = float("nan")
    interval: tuple[float, float] = (float("nan"), float("nan"))
    n: int = 0
    draws: int = 0
    gap: float = float("nan")
    """Ours minus the printed value."""
    obtained: Obtained | None = None
    distance: float = float("nan")
    """D, w and δ of the verdict, in the reported unit; of epochs as a part of the number."""
    w: float = float("nan")
    delta: float = float("nan")
    at_half: str = ""
    """The verdict at half of δ, and at twice δ."""
    at_double: str = ""
    candidates: tuple[Comparison, ...] = ()
    """Where the text leaves open which row it means: each row that ran, with a verdict of its own."""

    @property
    def demo(self) -> bool:
        return self.obtained is not None and self.obtained.demo

    @property
    def covers(self) -> str:
        """What our interval speaks of."""
        return self.obtained.covers if self.obtained else ""


def compare(
    reported: Iterable[Reported], runs: Iterable[Run], sets: Sequence[PrintedImages] = ()
) -> list[Comparison]:
    """Every reported number with its verdict; `sets` are the test sets that the paper states."""
    reported = list(reported)
    return Comparing(reported, list(runs), sets).all_of(reported)


class Comparing:
    """The answers to a paper's numbers, and the tables in which their spreads are pooled."""

    def __init__(self, reported: list[Reported], runs: list[Run], sets: Sequence[PrintedImages]) -> None:
        asked = [*reported, *(c for r in reported for c in candidates_of(r))]
        ours = obtain(asked, runs)
        answers = {entry.question: entry for entry in ours if entry.demo or entry.overrides}
        answers |= {entry.question: entry for entry in ours if not (entry.demo or entry.overrides)}
        self.answers: Mapping[tuple, Obtained] = answers
        self.present = {run.row for run in runs}
        self.sets = sets
        self.tables: dict[tuple, list[Known]] = {}
        for r in asked:
            found = answers.get(r.question)
            if found and r.design and not _not_comparable(r, found):
                self.tables.setdefault(table_of(r, sets), []).append(Known(r, found))

    def all_of(self, reported: Iterable[Reported]) -> list[Comparison]:
        """Each number with its verdict."""
        return [self.one(r) for r in reported]

    def one(self, r: Reported) -> Comparison:
        """A number with its verdict; where the text leaves open which row it means, with its candidates."""
        reason = _no_number(r)
        if reason:
            return Comparison(r, NOT_COMPARABLE, reason)
        if r.candidates:
            return _of_candidates(r, [self.one(c) for c in candidates_of(r)])
        ours = self.answers.get(r.question)
        if ours is None:
            return Comparison(r, *_nothing_obtained(r, self.present))
        return self._with_answer(r, ours)

    def _with_answer(self, r: Reported, ours: Obtained) -> Comparison:
        mean, std, low, high = (v / r.scale for v in (ours.value, ours.std, ours.low, ours.high))
        compared = Comparison(
            *(r, NOT_COMPARABLE, "", mean, std, (low, high), ours.n, ours.draw_count, mean - r.number, ours)
        )
        reason = _not_comparable(r, ours)
        if reason:
            return dataclasses.replace(compared, reason=reason)
        judged = self._judged(r, ours)
        known = [judged.reason, *_caveats(r, ours), self._over_all_draws(r, ours)]
        return dataclasses.replace(
            compared,
            verdict=judged.verdict,
            reason="; ".join(filter(None, known)),
            distance=_in_unit(r, judged.distance),
            w=_in_unit(r, judged.w),
            delta=_in_unit(r, judged.delta),
            at_half=judged.at_half,
            at_double=judged.at_double,
        )

    def _judged(self, r: Reported, ours: Obtained) -> Judgement:
        if r.operator == "most draws":
            reached = sum(value / r.scale >= r.window[0] - 1e-9 for value in ours.values)
            return judge_most(reached, len(ours.values))
        if not r.design:
            return _judged_exactly(r, ours)
        printed, our_side, remark = sides(
            Known(r, ours), self.tables.get(table_of(r, self.sets), ()), self.sets
        )
        judged = judge(printed, our_side, _words(r))
        claimed = f"the paper's smallest claim is {r.effect}{_claimed_unit(r)}" if r.effect else ""
        return dataclasses.replace(judged, reason="; ".join(filter(None, (judged.reason, claimed, remark))))

    def _over_all_draws(self, r: Reported, best: Obtained) -> str:
        """Beside the draw that the validation part chose, the mean of them all."""
        mean = self.answers.get((*r.question[:-1], "mean"))
        if best.take != "best-validation" or mean is None or mean.draw_count < 2:
            return ""
        if (mean.demo, mean.overrides) != (best.demo, best.overrides):
            return ""
        value, std = (r.text(number / r.scale) for number in (mean.value, mean.std))
        return f"mean of all {mean.draw_count} draws {value} ± {std}"


def candidates_of(r: Reported) -> list[Reported]:
    """The number as one of each row that the text may mean, where it leaves that open."""
    return [dataclasses.replace(r, row=row, unstated="") for row in r.candidates]


def _of_candidates(r: Reported, candidates: list[Comparison]) -> Comparison:
    """Once all candidates have run, that of the nearest; until then none counts as the paper's."""
    ran = tuple(c for c in candidates if c.obtained is not None)
    said = [f"candidate {c.reported.row}: {c.verdict.lower()} ({r.text(c.mean)})" for c in ran]
    missing = [c.reported.row for c in candidates if c not in ran]
    if missing:
        waiting = f"no run yet of {', '.join(missing)}, which the text may mean as well"
        return Comparison(r, NOT_RUN, "; ".join([waiting, *said]), candidates=ran)
    nearest = min(ran, key=lambda c: (c.verdict not in DECIDED, abs(c.gap)))
    chosen = f"of {nearest.reported.row}, the nearest candidate, which favours agreement"
    reason = "; ".join([nearest.reason, chosen, f"unstated: {r.unstated}", *said])
    return dataclasses.replace(nearest, reported=r, reason=reason, candidates=ran)


def _no_number(r: Reported) -> str:
    if r.by == "others":
        return "work of others: shown, not run"
    if not r.value:
        return "only a bar in a figure: no number to compare with"
    if not r.rows:
        return f"the text leaves open: {r.unstated}" if r.unstated else r.note or "no row of ours is meant"
    return ""


def _nothing_obtained(r: Reported, present: set[str]) -> tuple[str, str]:
    missing = [row for row in r.rows if row not in present]
    if missing and len(missing) < len(r.rows):
        return NOT_RUN, f"not yet run of its {len(r.rows)} rows: {', '.join(missing)}"
    if missing:
        return NOT_RUN, "no run yet"
    of = f" of {r.class_name}" if r.class_name else ""
    return INCONCLUSIVE, f"our runs do not define {r.metric}{of} (not measured, or a class never decided for)"


def _not_comparable(r: Reported, ours: Obtained) -> str:
    if ours.demo:
        return "demo: synthetic images at a small scale"
    if ours.overrides:
        return f"set by hand: {ours.overrides}"
    if ours.other_data and r.metric not in SIZES:
        return ours.other_data
    return "a time on other hardware" if r.metric in HARDWARE else ""


def _judged_exactly(r: Reported, ours: Obtained) -> Judgement:
    value, (low, high) = ours.value / r.scale, r.window
    if r.operator[0] in "<>":
        low, high = (r.number, np.inf) if r.operator[0] == ">" else (-np.inf, r.number)
        if value == r.number and r.operator in "<>":  # the bound itself is not on its right side
            return Judgement(CLOSE, "ours is the bound itself", 0.0)
    return judge_exact(value, r.number, low, high, r.text)


def _words(r: Reported) -> Callable[[float], str]:
    """How a difference on the scale of the comparison is said."""
    if r.metric in ON_LOG_SCALE:
        return lambda value: f"a factor of {np.exp(value):.2f}"
    if r.unit in RATE_UNITS:
        return points
    return lambda value: f"{value / r.scale:.3g} {r.unit}".rstrip()


def _claimed_unit(r: Reported) -> str:
    return {"%": " points", "points": " points"}.get(r.unit, "")


def _in_unit(r: Reported, value: float) -> float:
    return float(np.expm1(value)) if r.metric in ON_LOG_SCALE else value / r.scale if r.design else value


def _caveats(r: Reported, ours: Obtained) -> list[str]:
    found = []
    if ours.wanted_draws > ours.draw_count and ours.take != "best-validation":
        found.append(f"{ours.draw_count} of {ours.wanted_draws} draws")
    if len(r.rows) > 1 and r.take in ("best-row", "worst-row") and not r.metric.startswith("gain_"):
        found.append(f"{r.take.replace('-', ' ')} of {len(r.rows)}")
    if r.unstated:
        found.append(f"unstated: {r.unstated}")
    return [*found, *ours.data_caveats] if r.metric not in SIZES else found


def read_as(reported: Iterable[Reported], class_name: str) -> list[Reported]:
    """The numbers whose class is inferred, read with another class as the positive one."""
    return [
        dataclasses.replace(r, class_name=class_name)
        for r in reported
        if r.class_from == "inferred" and r.class_name != class_name
    ]
