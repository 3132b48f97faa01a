"""Do the paper's own printed numbers carry its claims? Pure arithmetic: no data, no model, no run."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from shared.comparison import FACTS, TAIL, Asking, Claim, ClaimTest
from shared.trust.intervals import knows_training, of_difference, of_rate
from shared.trust.judged import (
    CONTRADICTED,
    DIFFERENT,
    EXACT,
    FEWEST,
    FROM_SPREAD,
    NOT_DECIDABLE,
    NOT_SUPPORTED,
    SAME_NETWORKS,
    SUPPORTED,
    VERDICTS,
    Judged,
)
from shared.trust.rates import Printed, Rate


def judge_claims(claims: Iterable[Claim], printed: Printed) -> list[tuple[Claim, Judged]]:
    """Each claim with what the printed numbers say of it.

    >>> from shared.comparison import beats
    >>> from shared.trust.rates import Spread
    >>> claim = Claim("1", "new beats old", "Table 1", beats("new", "old"))
    >>> judge_claims([claim], Printed((), {}, Spread()))[0][1].text
    'the paper prints no accuracy of new and old'
    """
    return [(claim, judge(claim.test, printed)) for claim in claims]


def judge(test: ClaimTest, printed: Printed, tail: float = TAIL) -> Judged:
    """What the printed numbers say of one claim's test."""
    asked = _ASKED.get(test.kind) if isinstance(test, Asking) else None
    if asked is None or not isinstance(test, Asking):
        return Judged(NOT_DECIDABLE, "it is about something other than a printed rate")
    return asked(test.given, printed, tail)


# --- the usual tests -------------------------------------------------------------------------------------


def _beats(given: Mapping[str, Any], printed: Printed, tail: float) -> Judged:
    rows = given["better_row"], given["worse_row"]
    return _larger(*rows, _question(given), given["margin"], printed, tail)


def _at_least(given: Mapping[str, Any], printed: Printed, tail: float) -> Judged:
    rows = given["row"], given["other_row"]
    return _larger(*rows, _question(given), -given["slack"], printed, tail)


def _above(given: Mapping[str, Any], printed: Printed, tail: float) -> Judged:
    question, threshold = _question(given), given["threshold"]
    rate = printed.rate(given["row"], *question)
    if rate is None:
        return _no_rate(printed, question, given["row"])
    shown = f"{given['row']}, {_named(question)}: {rate.shown} against {100 * threshold:g}%"

    def interval(tail: float) -> tuple[float, float]:
        low, high = of_rate(rate, tail)
        return low - threshold, high - threshold

    return _decided(shown, rate.middle - threshold, interval, 0.0, (EXACT, *_made(rate)), tail)


def _within(given: Mapping[str, Any], printed: Printed, tail: float) -> Judged:
    bars = [(given["bars"], None)] if isinstance(given["bars"], str) else list(given["bars"])
    pairs = [(*pair, bar) for pair in itertools.combinations(given["rows"], 2) for bar in bars]
    tail = tail / len(pairs)
    parts = [_near(a, b, (*bar, given["split"]), given["width"], printed, tail) for a, b, bar in pairs]
    return together(parts)


def _all_of(given: Mapping[str, Any], printed: Printed, tail: float) -> Judged:
    return together([judge(part, printed, tail / len(given["tests"])) for part in given["tests"]])


def _in_most_draws(given: Mapping[str, Any], printed: Printed, tail: float) -> Judged:
    text = f"the paper prints no {_named(_question(given))} of each draw of {given['row']}"
    return Judged(NOT_DECIDABLE, text)


_ASKED: Mapping[str, Callable[[Mapping[str, Any], Printed, float], Judged]] = {
    "beats": _beats,
    "at_least": _at_least,
    "above": _above,
    "within": _within,
    "all_of": _all_of,
    "in_most_draws": _in_most_draws,
}

Question = tuple[str, "str | None", str]
"""Metric, class and split."""


def _question(given: Mapping[str, Any]) -> Question:
    return given["metric"], given["class_name"], given["split"]


def together(parts: Sequence[Judged]) -> Judged:
    """Of several parts the one that decides.

    >>> together([Judged(SUPPORTED, "a"), Judged(NOT_DECIDABLE, "b"), Judged(NOT_SUPPORTED, "c")]).text
    'c (1 of 3 parts supported, 1 not supported, 1 not decidable)'
    """
    verdicts = [part.verdict for part in parts]
    order = (CONTRADICTED, NOT_SUPPORTED, NOT_DECIDABLE, SUPPORTED)
    verdict = next(verdict for verdict in order if verdict in verdicts)
    deciding = [part for part in parts if part.verdict == verdict]
    weakest = min(deciding, key=lambda part: part.clearance if part.clearance == part.clearance else 0.0)
    counts = [(name, verdicts.count(name)) for name in VERDICTS if name in verdicts]
    if len(parts) == 1:
        return weakest
    (first, times), *rest = counts
    shown = ", ".join([f"{times} of {len(parts)} parts {first}", *(f"{n} {name}" for name, n in rest)])
    return dataclasses.replace(weakest, text=f"{weakest.text} ({shown})")


# --- one comparison --------------------------------------------------------------------------------------


def _larger(
    better: str, worse: str, question: Question, margin: float, printed: Printed, tail: float
) -> Judged:
    """Whether one row's rate exceeds another's by more than the margin."""
    if _one_number(printed, question, better, worse):
        return _same_number(question, better, worse)
    a, b = (printed.rate(row, *question) for row in (better, worse))
    if a is None or b is None:
        if question[0] in FACTS:
            return _fact(better, worse, question, margin, printed)
        return _no_rate(printed, question, *(row for row, rate in ((better, a), (worse, b)) if rate is None))
    shown = f"{better} against {worse}, {_named(question)}: {_counts(a, b)}"
    found = functools.partial(of_difference, a, b)
    return _decided(shown, a.middle - b.middle, found, margin, (DIFFERENT, *_made(a, b)), tail)


def _near(a: str, b: str, question: Question, width: float, printed: Printed, tail: float) -> Judged:
    """Whether two rows lie at most the width apart, either way."""
    if _one_number(printed, question, a, b):
        return _same_number(question, a, b)
    of_a, of_b = (printed.rate(row, *question) for row in (a, b))
    if of_a is None or of_b is None:
        return _no_rate(printed, question, *(r for r, rate in ((a, of_a), (b, of_b)) if rate is None))
    if of_a.middle < of_b.middle:
        a, b, of_a, of_b = b, a, of_b, of_a
    shown = f"distance of {a} to {b}, {_named(question)}: {_counts(of_a, of_b)}"
    made, nearer = (DIFFERENT, *_made(of_a, of_b)), functools.partial(of_difference, of_b, of_a)
    return _decided(shown, of_b.middle - of_a.middle, nearer, -width, made, tail, turned=True)


def _fact(better: str, worse: str, question: Question, margin: float, printed: Printed) -> Judged:
    """A count of epochs, a size: the printed numbers may say the opposite, but no noise is known."""
    a, b = (printed.number(row, *question) for row in (better, worse))
    if a is None or b is None:
        return _no_rate(printed, question, *(row for row, r in ((better, a), (worse, b)) if r is None))
    shown = f"{better} against {worse}, {_named(question)}: {a.value} against {b.value}"
    if a.candidates or b.candidates:
        return Judged(NOT_DECIDABLE, f"{shown}, but the text leaves open of which rows")
    if a.window[1] - b.window[0] <= margin:
        return Judged(CONTRADICTED, f"{shown}: the printed numbers say the opposite", clearance=-1.0)
    return Judged(NOT_DECIDABLE, f"{shown}, as claimed, but nothing printed says how much runs differ")


def _one_number(printed: Printed, question: Question, a: str, b: str) -> bool:
    """Whether the text leaves open which of the two rows a number is of."""
    number = printed.number(a, *question)
    return number is not None and number is printed.number(b, *question)


def _same_number(question: Question, a: str, b: str) -> Judged:
    text = f"the one {_named(question)} that is printed may be of {a} or of {b}"
    return Judged(NOT_DECIDABLE, text)


def _no_rate(printed: Printed, question: Question, *rows: str) -> Judged:
    """Why there is nothing to decide by."""
    metric, class_name, split = question
    barred = [row for row in rows if printed.number(row, metric, class_name, split) is not None]
    if barred:
        return Judged(NOT_DECIDABLE, f"of how many images {_named(question)} is a share is not printed")
    return Judged(NOT_DECIDABLE, f"the paper prints no {_named(question)} of {' and '.join(rows)}")


def _decided(
    shown: str,
    effect: float,
    interval: Callable[[float], tuple[float, float]],
    boundary: float,
    made: tuple[str, ...],
    tail: float,
    turned: bool = False,
) -> Judged:
    """Where the interval lies against the boundary: the one place where printed claims are decided.

    `tail` is that of a contradiction. A distance is decided as its negative and shown `turned` again.
    """
    low, high = interval(TAIL)
    contradicted = interval(tail)[1] < boundary
    verdict = SUPPORTED if low > boundary else CONTRADICTED if contradicted else NOT_SUPPORTED
    clearance = (effect - boundary) / max((high - low) / 2, 1e-12)
    said = _said(verdict, effect, boundary)
    if turned:
        effect, low, high = -effect, -high, -low
    text = f"{shown}: {100 * effect:+.2f} points, {100 * low:+.1f} to {100 * high:+.1f}: {said}"
    return Judged(verdict, text, effect, low, high, clearance, made)


def _said(verdict: str, effect: float, boundary: float) -> str:
    if verdict == SUPPORTED:
        return "the printed numbers show it"
    if verdict == CONTRADICTED:
        return "the printed numbers say the opposite"
    if effect < boundary:
        return "the printed numbers point the other way, and do not rule it out"
    return "the printed numbers do not show it"


def _counts(a: Rate, b: Rate) -> str:
    """Both counts, the number of images once where it is one.

    >>> _counts(Rate.of_count(1116, 1488), Rate.of_count(1108, 1488))
    '1116 against 1108 of 1488'
    """
    if a.count is not None and b.count is not None and a.images == b.images:
        return f"{a.count} against {b.count} of {a.images}"
    return f"{a.shown} against {b.shown}"


def _made(*rates: Rate) -> tuple[str, ...]:
    training = FROM_SPREAD if knows_training(*rates) else SAME_NETWORKS
    return (training, FEWEST) if any(rate.fewest for rate in rates) else (training,)


def _named(question: Question) -> str:
    metric, class_name, split = question
    of = f"{metric} of {class_name}" if class_name else metric
    return of if split == "test" else f"{of} ({split})"
