"""When a printed number is reproduced: verdicts from D, w and δ, and the reason in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from shared.comparison.outlook import outlook
from shared.comparison.prediction import LEVEL, Number, Ours, Prediction, Printed, predict

REPRODUCED, CLOSE, NOT_REPRODUCED = "REPRODUCED", "CLOSE", "NOT REPRODUCED"
INCONCLUSIVE, NOT_RUN, NOT_COMPARABLE = "INCONCLUSIVE", "NOT RUN", "NOT COMPARABLE"
VERDICTS = (REPRODUCED, CLOSE, NOT_REPRODUCED, INCONCLUSIVE, NOT_RUN, NOT_COMPARABLE)

CLOSE_IF_EXACT = 0.05
"""A number without noise that lies outside its window is CLOSE within this part of it."""
SLACK = 1e-9

VERDICT_RULE = """\
A printed number is itself the outcome of some runs on some images. We judge the difference D between our mean
and the range of values that would be printed so, with the noise of both sides. D ± w is the 95% prediction
interval of this difference between two repetitions of one experiment: Student's t over draws, with the spread
pooled over the rows of a table, ours and the printed ± together, but never smaller than the row's own. A
printed ± that our draws of the table exceed (F-test, 5%) is left out; where spreads contradict each other
(Bartlett's test, 1%), a row stands alone. The noise of the test images is added where both sides have
different images.
The resolution δ says how near we ask ours to be: half of the smallest effect that the paper claims on such
numbers, or 1.25 times the w of an exact repeat of the paper's experiment where that is larger, but never more
than 5 points (25% for epochs).
REPRODUCED: |D| ≤ w and w ≤ δ, so that a difference of 2δ would have been noticed. w must be at most δ
also with the largest spread that the draws still allow (one-sided 90%).
CLOSE: there is a difference (|D| > w), but it is at most δ.
NOT REPRODUCED: there is a difference, and it is larger than δ.
INCONCLUSIVE: |D| ≤ w, but w is too wide. The reason says how many draws or images would decide.
Bounds (>, ≥, <, ≤) count on their wrong side only. "~" also accepts values up to one printed unit
below. "Most draws" is an exact binomial test, INCONCLUSIVE below six draws. Numbers without noise
(parameters, counts, megabytes) must lie in the printed range, or within 5% of it to be CLOSE.
Our own value has a 95% interval that is no part of the verdict and says what it covers: this one trained
model on other such images ("one model"), or the mean of such draws, be it on other such images ("other
images"), each on its own images of these data ("these data"), or without images ("draws").
NOT COMPARABLE: bars without a printed number, numbers that no single row is meant by, demos, settings changed
by hand, other data, times on other hardware. NOT RUN: no run yet."""


@dataclasses.dataclass(frozen=True)
class Judgement:
    """A verdict with D, w and δ on the scale of the comparison, and what it would be at half and twice δ."""

    verdict: str
    reason: str
    distance: float = float("nan")
    w: float = float("nan")
    delta: float = float("nan")
    at_half: str = ""
    at_double: str = ""


def points(value: float) -> str:
    """A difference of rates, in points."""
    return f"{100 * value:.2g} points"


def judge(printed: Printed, ours: Ours, say: Callable[[float], str] = points) -> Judgement:
    """The verdict on one number with noise."""
    found = predict(printed, ours)
    verdict, at_half, at_double = (str(verdicts(found, factor)) for factor in (1.0, 0.5, 2.0))
    reason = _reason(verdict, found, printed, say)
    if verdict == INCONCLUSIVE:
        reason += "; " + outlook(printed, ours)
    return Judgement(
        verdict, reason, float(found.distance), float(found.w), float(found.delta), at_half, at_double
    )


def verdicts(found: Prediction, factor: Number = 1.0) -> np.ndarray:
    """The verdict of each prediction, δ taken times a factor."""
    off = np.abs(found.distance)
    delta, delta_largest = found.delta * factor, found.delta_largest * factor
    fine = (found.w <= delta + SLACK) & (found.w_largest <= delta_largest + SLACK)
    agrees = off <= found.w + SLACK
    return np.select(
        [(agrees & fine) | (found.beyond > found.w), agrees, off <= delta + SLACK],
        [REPRODUCED, INCONCLUSIVE, CLOSE],
        NOT_REPRODUCED,
    )


def _reason(verdict: str, found: Prediction, printed: Printed, say: Callable[[float], str]) -> str:
    if np.isinf(found.w):
        return "nothing says how much runs differ"
    if verdict == REPRODUCED and found.beyond > found.w:
        return f"beyond the bound by more than ±{say(float(found.w))}"
    within = f"±{say(float(found.w))}"
    if verdict == REPRODUCED:
        return f"agrees to {within}"
    if verdict == INCONCLUSIVE and found.w <= found.delta + SLACK:
        return f"no difference seen, to {within}; but the draws allow a spread for which that is too little"
    if verdict == INCONCLUSIVE:
        return f"no difference seen, but only to {within}, and {say(float(found.delta))} would be needed"
    side = "higher" if found.distance > 0 else "lower"
    return f"ours is {say(abs(float(found.distance)))} {side}; chance alone gives {within}"


def judge_exact(
    value: float, printed: float, low: float, high: float, say: Callable[[float], str]
) -> Judgement:
    """The verdict on a number without noise, a count or a size: low to high would be printed so."""
    nearest = min(max(value, low), high)
    off = value - nearest
    if abs(off) <= SLACK * max(1.0, abs(value)):
        return Judgement(REPRODUCED, "the printed number", 0.0)
    verdict = CLOSE if abs(off) <= CLOSE_IF_EXACT * abs(nearest) else NOT_REPRODUCED
    side = "higher" if off > 0 else "lower"
    said = f"ours is {say(abs(value - printed))} {side}; the number has no noise"
    return Judgement(verdict, said, off)


def judge_most(reached: int, draws: int, tail: float = (1 - LEVEL) / 2) -> Judgement:
    """The verdict on "in most draws": an exact test of the share of draws that reach the number."""
    from scipy.special import bdtr

    said = f"{reached} of {draws} draws reach it"
    if draws < 6:  # six of six is the first result that chance gives in less than 2.5%
        return Judgement(INCONCLUSIVE, f"{said}; fewer than six draws decide nothing")
    share = reached / draws - 0.5
    if bdtr(draws - reached, draws, 0.5) <= (1 - LEVEL) / 2:
        return Judgement(REPRODUCED, said, share)
    if bdtr(reached, draws, 0.5) <= tail:
        return Judgement(NOT_REPRODUCED, said, share)
    return Judgement(INCONCLUSIVE, f"{said}, which chance alone can give", share)
