"""A paper's claims: which row beats which on what, tested on run folders, draw against the same draw."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from shared.base.wilson import wilson
from shared.comparison.data_state import other_data
from shared.comparison.intervals import TAIL, Effect, difference, draws_text, effect_of
from shared.comparison.rule import NOT_REPRODUCED, REPRODUCED, judge_most
from shared.comparison.runs import Run, by_row
from shared.comparison.words import asking

CLAIM_RULE = """\
A claim is tested at its own boundary: two equal methods for "beats", the stated distance for "within", the
slack for "at least". It HOLDS when the whole 95% interval of its effect lies on the claim's side, FAILS
when all of it lies on the other side, and is INCONCLUSIVE when it covers both. Differences are taken draw by
draw (Student's interval). Where all draws share a test set, the noise of its images is added, by patients
where they are known. One draw decides nothing about training: INCONCLUSIVE. A claim of several parts HOLDS if
each part does, and FAILS if one part fails at 2.5% divided by the number of parts; effect and interval are
those of the part that decides. "In most draws" is an exact binomial test and takes six draws. Runs of the
demo, with a field set by hand, or on data that are not the paper's decide nothing: NOT RUN."""

HOLDS, FAILS, INCONCLUSIVE, NOT_RUN = "HOLDS", "FAILS", "INCONCLUSIVE", "NOT RUN"

RunsByRow: TypeAlias = Mapping[str, Sequence[Run]]


@dataclasses.dataclass(frozen=True)
class ClaimResult:
    """A claim's verdict with effect size, its interval and one sentence of why."""

    verdict: str
    effect: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    reason: str = ""
    draws: int = 0
    clearance: float = float("nan")
    """How far the effect lies on the claim's side, in half-widths of its interval."""


ClaimTest: TypeAlias = Callable[..., ClaimResult]
"""Row id -> its real runs (by draw), and the tail at which the claim fails, to a result."""


@dataclasses.dataclass(frozen=True)
class Claim:
    """A sentence of the paper and the test of it.

    A row that has no runs is simply absent: the KeyError of looking it up makes the claim NOT RUN.
    """

    id: str
    text: str
    place: str
    test: ClaimTest


def check_claims(claims: Iterable[Claim], runs: Iterable[Run]) -> list[tuple[Claim, ClaimResult]]:
    """Each claim with its result; only real runs without overrides, on the paper's data, count."""
    real = by_row(runs)
    elsewhere = {row: reason for row, found in real.items() if (reason := other_data(found))}
    usable = {row: found for row, found in real.items() if row not in elsewhere}
    return [(claim, _check(claim, usable, elsewhere)) for claim in claims]


def _check(claim: Claim, usable: RunsByRow, elsewhere: Mapping[str, str]) -> ClaimResult:
    try:
        return claim.test(usable)
    except KeyError as error:
        row = error.args[0]
    if row in elsewhere:
        return ClaimResult(NOT_RUN, reason=f"the runs of {row} decide nothing: {elsewhere[row]}")
    return ClaimResult(NOT_RUN, reason=f"no real run of {row}")


# --- the decision ----------------------------------------------------------------------------------------


def decide(effect: Effect, boundary: float, said: str, tail: float = TAIL) -> ClaimResult:
    """Whether an effect lies above a boundary: the one place where claims are decided."""
    low, high = effect.interval()
    draws = len(effect.values)
    result = ClaimResult(INCONCLUSIVE, effect.mean, low, high, said, draws)
    if draws < 2:
        return dataclasses.replace(result, reason=f"{said}; one draw decides nothing about training")
    if np.isnan(low):
        return dataclasses.replace(result, reason=f"{said}; not defined in every draw")
    clearance = (effect.mean - boundary) / max((high - low) / 2, 1e-12)
    fails = effect.interval(tail)[1] <= boundary
    verdict = HOLDS if low > boundary else FAILS if fails else INCONCLUSIVE
    return dataclasses.replace(result, verdict=verdict, clearance=clearance)


def _together(parts: Sequence[ClaimResult], reason: str) -> ClaimResult:
    """FAILS if a part does, HOLDS if all do; effect and interval are those of the part that decides."""
    verdicts = [part.verdict for part in parts]
    verdict = FAILS if FAILS in verdicts else INCONCLUSIVE if INCONCLUSIVE in verdicts else HOLDS
    deciding = [part for part in parts if part.verdict == verdict]
    weakest = min(deciding, key=lambda part: np.nan_to_num(part.clearance, nan=-np.inf))
    return dataclasses.replace(weakest, reason=reason or weakest.reason)


# --- the usual tests -------------------------------------------------------------------------------------


@asking
def beats(
    better_row: str,
    worse_row: str,
    metric: str = "accuracy",
    margin: float = 0.0,
    class_name: str | None = None,
    split: str = "test",
) -> ClaimTest:
    """better_row's metric exceeds worse_row's by more than the margin (a fraction: 0.05 is five points)."""

    def test(runs: RunsByRow, tail: float = TAIL) -> ClaimResult:
        found = difference(runs[better_row], runs[worse_row], metric, class_name, split)
        said = f"{better_row} − {worse_row}, {_named(metric, class_name)}: {found}"
        return decide(found, margin, said, tail)

    return test


@asking
def at_least(
    row: str,
    other_row: str,
    metric: str = "accuracy",
    slack: float = 0.01,
    class_name: str | None = None,
    split: str = "test",
) -> ClaimTest:
    """row's metric is no worse than other_row's, up to a slack (one point unless said otherwise)."""
    return beats(row, other_row, metric, -slack, class_name, split)


@asking
def above(
    row: str, metric: str, threshold: float, class_name: str | None = None, split: str = "test"
) -> ClaimTest:
    """row's metric exceeds a number, such as one that others reported (a fraction)."""

    def test(runs: RunsByRow, tail: float = TAIL) -> ClaimResult:
        effect = effect_of(runs[row], metric, class_name, split)
        against = f"{effect.mean:.4g} against {threshold:.4g}, {draws_text(len(effect.values))}"
        found = decide(effect, threshold, f"{row}, {_named(metric, class_name)}: {against}", tail)
        effect_low_high = {name: getattr(found, name) - threshold for name in ("effect", "low", "high")}
        return dataclasses.replace(found, **effect_low_high)

    return test


Bar: TypeAlias = "tuple[str, str | None]"
"""A metric, and the class it is of."""


@asking
def within(rows: Sequence[str], bars: str | Sequence[Bar], width: float, split: str = "test") -> ClaimTest:
    """No two of the rows lie further apart than the width, on a metric or on any of several bars."""
    named = [(bars, None)] if isinstance(bars, str) else list(bars)
    pairs = [(a, b, bar) for i, a in enumerate(rows) for b in rows[i + 1 :] for bar in named]

    def test(runs: RunsByRow, tail: float = TAIL) -> ClaimResult:
        parts = [_near(runs, *pair, width, split, tail / len(pairs)) for pair in pairs]
        return _together(parts, "")

    return test


def _near(runs: RunsByRow, a: str, b: str, bar: Bar, width: float, split: str, tail: float) -> ClaimResult:
    """Whether two rows lie at most the width apart, either way."""
    found = difference(runs[a], runs[b], bar[0], bar[1], split)
    apart = found if found.mean >= 0 else found.turned()
    said = f"distance {a} to {b}, {_named(*bar)}: {found}"
    nearer = decide(apart.turned(), -width, said, tail)  # −distance lies above −width
    return dataclasses.replace(nearer, effect=apart.mean, low=-nearer.high, high=-nearer.low)


@asking
def in_most_draws(
    row: str, metric: str, class_name: str | None, threshold: float, split: str = "test"
) -> ClaimTest:
    """The metric reaches the threshold in more than half of the draws."""

    def test(runs: RunsByRow, tail: float = TAIL) -> ClaimResult:
        values = [run.metric(metric, class_name, split) for run in runs[row]]
        reached, n = sum(value >= threshold for value in values), len(values)
        verdict = {REPRODUCED: HOLDS, NOT_REPRODUCED: FAILS}.get(
            judge_most(reached, n, tail).verdict, INCONCLUSIVE
        )
        reason = f"{row}, {_named(metric, class_name)} ≥ {threshold:.4g} in {reached} of {draws_text(n)}"
        return ClaimResult(verdict, reached / n, *wilson(reached / n, n), reason, n)

    return test


@asking
def all_of(*tests: ClaimTest) -> ClaimTest:
    """A claim of several parts: it holds if all do, and fails if one does."""

    def test(runs: RunsByRow, tail: float = TAIL) -> ClaimResult:
        parts = [part(runs, tail / len(tests)) for part in tests]
        return _together(parts, "; ".join(f"{part.verdict}: {part.reason}" for part in parts))

    return test


def _named(metric: str, class_name: str | None) -> str:
    return f"{metric} of {class_name}" if class_name else metric
