"""A paper's claims: which row beats which on what, tested on run folders, draw against the same draw."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from shared.base.wilson import wilson
from shared.comparison.intervals import Difference, difference, draws_text, interval_over_draws
from shared.comparison.runs import Run, by_row
from shared.comparison.words import asking

CLAIM_RULE = """\
A claim HOLDS when the whole 95% interval of its effect lies on the claim's side, FAILS when all of it lies on
the other side, and is INCONCLUSIVE when it covers both. Differences are taken draw by draw (Student's
interval, three or more draws); with one or two draws, or draws that all differ by the same, the interval is
widened to that of the test images themselves (paired; over patients where they are known). "In most draws"
counts at least three draws. Runs of the demo, or with a field set by hand, decide nothing: NOT RUN."""

HOLDS, FAILS, INCONCLUSIVE, NOT_RUN = "HOLDS", "FAILS", "INCONCLUSIVE", "NOT RUN"

RunsByRow = Mapping[str, Sequence[Run]]


@dataclasses.dataclass(frozen=True)
class ClaimResult:
    """A claim's verdict with effect size, its interval and one sentence of why."""

    verdict: str
    effect: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    reason: str = ""
    draws: int = 0


@dataclasses.dataclass(frozen=True)
class Claim:
    """A sentence of the paper and the test of it: `test` maps row id -> its real runs (by draw) to a result.

    A row that has no runs is simply absent: the KeyError of looking it up makes the claim NOT RUN.
    """

    id: str
    text: str
    place: str
    test: Callable[[RunsByRow], ClaimResult]


def check_claims(claims: Iterable[Claim], runs: Iterable[Run]) -> list[tuple[Claim, ClaimResult]]:
    """Each claim with its result; only real runs without overrides count."""
    real = by_row(runs)
    return [(claim, _check(claim, real)) for claim in claims]


def _check(claim: Claim, real: RunsByRow) -> ClaimResult:
    try:
        return claim.test(real)
    except KeyError as error:
        return ClaimResult(NOT_RUN, reason=f"no real run of {error.args[0]}")


# --- the usual tests -------------------------------------------------------------------------------------


@asking
def beats(
    better_row: str,
    worse_row: str,
    metric: str = "accuracy",
    margin: float = 0.0,
    class_name: str | None = None,
    split: str = "test",
) -> Callable[[RunsByRow], ClaimResult]:
    """better_row's metric exceeds worse_row's by more than the margin (a fraction: 0.05 is five points)."""

    def test(runs: RunsByRow) -> ClaimResult:
        found = difference(runs[better_row], runs[worse_row], metric, class_name, split)
        reason = f"{better_row} − {worse_row}, {_named(metric, class_name)}: {found}"
        if np.isnan(found.low):  # a fact (epochs, seconds) of too few draws
            return ClaimResult(INCONCLUSIVE, found.mean, reason=reason, draws=len(found.values))
        verdict = HOLDS if found.low > margin else FAILS if found.high <= margin else INCONCLUSIVE
        return ClaimResult(verdict, found.mean, found.low, found.high, reason, len(found.values))

    return test


@asking
def at_least(
    row: str,
    other_row: str,
    metric: str = "accuracy",
    slack: float = 0.01,
    class_name: str | None = None,
    split: str = "test",
) -> Callable[[RunsByRow], ClaimResult]:
    """row's metric is no worse than other_row's, up to a slack (one point unless said otherwise)."""
    return beats(row, other_row, metric, -slack, class_name, split)


@asking
def above(
    row: str, metric: str, threshold: float, class_name: str | None = None, split: str = "test"
) -> Callable[[RunsByRow], ClaimResult]:
    """row's metric exceeds a number, such as one that others reported (a fraction)."""

    def test(runs: RunsByRow) -> ClaimResult:
        values = [run.metric(metric, class_name, split) for run in runs[row]]
        low, high = interval_over_draws(runs[row], metric, class_name, split)
        verdict = HOLDS if low > threshold else FAILS if high <= threshold else INCONCLUSIVE
        mean = float(np.mean(values))
        against = f"{mean:.4g} against {threshold:.4g}, {draws_text(len(values))}"
        reason = f"{row}, {_named(metric, class_name)}: {against}"
        return ClaimResult(verdict, mean - threshold, low - threshold, high - threshold, reason, len(values))

    return test


@asking
def within(
    rows: Sequence[str],
    metric: str | Sequence[str],
    width: float,
    class_name: str | None = None,
    split: str = "test",
) -> Callable[[RunsByRow], ClaimResult]:
    """No two of the rows lie further apart than the width, on the metric or on any of several."""
    named = [metric] if isinstance(metric, str) else list(metric)

    def test(runs: RunsByRow) -> ClaimResult:
        pairs = [(a, b, m) for i, a in enumerate(rows) for b in rows[i + 1 :] for m in named]
        found = {(a, b, m): difference(runs[a], runs[b], m, class_name, split) for a, b, m in pairs}
        apart = {pair: _apart(d) for pair, d in found.items()}
        worst = max(apart, key=lambda pair: apart[pair][0])
        low, high = max(a[1] for a in apart.values()), max(a[2] for a in apart.values())
        verdict = HOLDS if high <= width else FAILS if low > width else INCONCLUSIVE
        reason = f"largest distance {worst[0]} to {worst[1]}, {_named(worst[2], class_name)}: {found[worst]}"
        return ClaimResult(verdict, apart[worst][0], low, high, reason, len(found[worst].values))

    return test


def _apart(d: Difference) -> tuple[float, float, float]:
    """Distance and its interval, from a signed difference."""
    low = 0.0 if d.low <= 0 <= d.high else min(abs(d.low), abs(d.high))
    return abs(d.mean), low, max(abs(d.low), abs(d.high))


@asking
def in_most_draws(
    row: str, metric: str, class_name: str | None, threshold: float, split: str = "test"
) -> Callable[[RunsByRow], ClaimResult]:
    """The metric reaches the threshold in more than half of the draws."""

    def test(runs: RunsByRow) -> ClaimResult:
        values = [run.metric(metric, class_name, split) for run in runs[row]]
        reached = sum(value >= threshold for value in values)
        share, n = reached / len(values), len(values)
        verdict = INCONCLUSIVE if n < 3 else HOLDS if share > 0.5 else FAILS
        reason = f"{row}, {_named(metric, class_name)} ≥ {threshold:.4g} in {reached} of {draws_text(n)}"
        return ClaimResult(verdict, share, *wilson(share, n), reason, n)

    return test


@asking
def all_of(*tests: Callable[[RunsByRow], ClaimResult]) -> Callable[[RunsByRow], ClaimResult]:
    """A claim of several parts: it holds if all do, and fails if one does; the weakest part is its effect."""

    def test(runs: RunsByRow) -> ClaimResult:
        parts = [part(runs) for part in tests]
        verdicts = [part.verdict for part in parts]
        verdict = FAILS if FAILS in verdicts else INCONCLUSIVE if INCONCLUSIVE in verdicts else HOLDS
        weakest = min((p for p in parts if p.verdict == verdict), key=lambda p: p.effect)
        reason = "; ".join(f"{part.verdict}: {part.reason}" for part in parts)
        return dataclasses.replace(weakest, verdict=verdict, reason=reason)

    return test


def _named(metric: str, class_name: str | None) -> str:
    return f"{metric} of {class_name}" if class_name else metric
