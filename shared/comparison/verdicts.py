"""Reported against obtained: the numbers of a paper beside ours, with intervals and verdicts."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping

from shared.comparison.answers import HARDWARE, SIZES, obtain
from shared.comparison.runs import Run
from shared.comparison.tables import RATE_UNITS, Obtained, Reported

REPRODUCED, CLOSE, NOT_REPRODUCED = "REPRODUCED", "CLOSE", "NOT REPRODUCED"
INCONCLUSIVE, NOT_RUN, NOT_COMPARABLE = "INCONCLUSIVE", "NOT RUN", "NOT COMPARABLE"
VERDICTS = (REPRODUCED, CLOSE, NOT_REPRODUCED, INCONCLUSIVE, NOT_RUN, NOT_COMPARABLE)

WIDEST = 0.05
"""Largest half-width of an interval that can still confirm a rate: five points."""
TOLERANCE = 0.02
"""Two points: near enough to be called CLOSE."""
WIDEST_RELATIVE, TOLERANCE_RELATIVE = 0.25, 0.05
"""The same two for numbers that are no rates (epochs, parameters, megabytes), as a part of the number."""

VERDICT_RULE = """\
The printed number stands for every value that rounds or truncates to it: half a unit of its last digit down,
one unit up. Our interval is the 95% interval of the mean over draws (Student's, three or more draws). With
one or two draws, or draws that all give the same value, it is widened to that of the test images of one draw:
Wilson's for a share of images, else a bootstrap, over patients where patients are known.
REPRODUCED: the printed number lies in our interval, and the interval is at most 5 points either way.
INCONCLUSIVE: it lies in our interval, but the interval is wider than that (a noisy result must not pass).
CLOSE: outside the interval, but our value is within 2 points of the printed one, or within one test image.
NOT REPRODUCED: none of these; the gap is given.
NOT RUN: no real run of the row. NOT COMPARABLE: a demo, a field set by hand, other data (unless the number
is the size of a network), other hardware, work of others, or a number whose row the text leaves open; the
reason is given.
A rate without a class is the average over the classes. For numbers that are no rates (epochs, parameters,
megabytes) 5 points become 25% and 2 points 5%.
"> x" is REPRODUCED when our whole interval is above x, INCONCLUSIVE when it covers x; "<" likewise.
"~ x" stands for a whole printed unit down. "x in most draws" is REPRODUCED when more than half of at least
three draws reach x. Where the text leaves open which of several rows it means, the best (or as stated the
worst) is taken, which favours agreement: the reason says so."""


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A reported number beside ours, everything in the reported unit."""

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

    @property
    def demo(self) -> bool:
        return self.obtained is not None and self.obtained.demo


def compare(reported: Iterable[Reported], results: Iterable[Run | Obtained]) -> list[Comparison]:
    """Every reported number with its verdict, from runs or from what is recorded in obtained.csv."""
    reported, results = list(reported), list(results)
    obtained = [entry for entry in results if isinstance(entry, Obtained)]
    runs = [entry for entry in results if isinstance(entry, Run)]
    ours = obtain(reported, runs)
    answers = {entry.question: entry for entry in ours if entry.demo or entry.overrides}
    answers |= {entry.question: entry for entry in obtained}  # what is recorded outweighs a demo or a trial
    answers |= {entry.question: entry for entry in ours if not (entry.demo or entry.overrides)}
    present = {run.row for run in runs} | {entry.row for entry in obtained}
    return [_compared(r, answers, present) for r in reported]


def _compared(r: Reported, answers: Mapping[tuple, Obtained], present: set[str]) -> Comparison:
    reason = _no_number(r)
    if reason:
        return Comparison(r, NOT_COMPARABLE, reason)
    ours = answers.get(r.question)
    if ours is None:
        return Comparison(r, *_nothing_obtained(r, present))
    mean, std, low, high = (v / r.scale for v in (ours.value, ours.std, ours.low, ours.high))
    verdict, reason = _verdict(r, ours, mean, low, high)
    if verdict not in (NOT_COMPARABLE, NOT_RUN):
        reason = "; ".join(filter(None, (reason, *_caveats(r, ours))))
    if ours.take == "best-validation":
        reason = "; ".join(filter(None, (reason, _over_all_draws(r, ours, answers))))
    return Comparison(
        r, verdict, reason, mean, std, (low, high), ours.n, ours.draw_count, mean - r.number, ours
    )


def _no_number(r: Reported) -> str:
    if r.by == "others":
        return "work of others: shown, not run"
    if not r.value:
        return "only a bar in a figure: no number to compare with"
    if not r.rows:
        return f"the text leaves open: {r.unstated or 'which row it means'}"
    return ""


def _nothing_obtained(r: Reported, present: set[str]) -> tuple[str, str]:
    missing = [row for row in r.rows if row not in present]
    if missing and len(missing) < len(r.rows):
        return NOT_RUN, f"not yet run of its {len(r.rows)} rows: {', '.join(missing)}"
    if missing:
        return NOT_RUN, "no run yet"
    if len(r.rows) > 1 and r.take == "mean" and not r.metric.startswith("gain_"):
        return NOT_COMPARABLE, f"the text leaves open: {r.unstated or 'which row it means'}"
    of = f" of {r.class_name}" if r.class_name else ""
    return INCONCLUSIVE, f"our runs do not define {r.metric}{of} (not measured, or a class never decided for)"


def _verdict(r: Reported, ours: Obtained, mean: float, low: float, high: float) -> tuple[str, str]:
    if ours.demo:
        return NOT_COMPARABLE, "demo: synthetic images at a small scale"
    if ours.overrides:
        return NOT_COMPARABLE, f"set by hand: {ours.overrides}"
    if ours.other_data and r.metric not in SIZES:
        return NOT_COMPARABLE, ours.other_data
    if r.metric in HARDWARE:
        return NOT_COMPARABLE, "a time on other hardware"
    if r.operator == "most draws":
        return _most_draws(r, ours, mean)
    if math.isnan(low) or math.isnan(high):
        return INCONCLUSIVE, f"{ours.draw_count} draw(s) give no interval"
    if r.operator in ("=", "~"):
        return _equal(r, ours, mean, low, high)
    return _one_sided(r, ours, mean, low, high)


def _equal(r: Reported, ours: Obtained, mean: float, low: float, high: float) -> tuple[str, str]:
    bottom, top = r.window
    slack = 1e-9 * max(1.0, abs(r.number))
    if low <= top + slack and high >= bottom - slack:
        half = (high - low) / 2
        if half > _limit(r, WIDEST, WIDEST_RELATIVE) + slack:
            return INCONCLUSIVE, f"inside our interval, but that is ±{half:.3g}"
        return REPRODUCED, "inside our interval"
    gap = mean - top if mean > top else mean - bottom
    return _near_or_not(r, ours, gap)


def _one_sided(r: Reported, ours: Obtained, mean: float, low: float, high: float) -> tuple[str, str]:
    """'>' and the like: the printed number itself is the bound."""
    up = r.operator.startswith(">")
    inside, outside = (low, high) if up else (-high, -low)
    bound = r.number if up else -r.number
    strict = not r.operator.endswith("=")
    if inside > bound or (not strict and inside >= bound):
        return REPRODUCED, f"our whole interval is {r.operator} {r.value}"
    if outside > bound or (not strict and outside >= bound):
        return INCONCLUSIVE, f"our interval covers {r.value}"
    return _near_or_not(r, ours, mean - r.number)


def _most_draws(r: Reported, ours: Obtained, median: float) -> tuple[str, str]:
    if ours.draw_count < 3:
        return INCONCLUSIVE, f"{ours.draw_count} draw(s) are too few for 'most draws'"
    bottom = r.window[0]
    if median >= bottom - 1e-9:
        return REPRODUCED, f"more than half of {ours.draw_count} draws reach {r.value}"
    return _near_or_not(r, ours, median - bottom)


def _near_or_not(r: Reported, ours: Obtained, gap: float) -> tuple[str, str]:
    tolerance = _limit(r, TOLERANCE, TOLERANCE_RELATIVE)
    if r.unit in RATE_UNITS and ours.n:
        tolerance = max(tolerance, 1 / ours.n / r.scale)
    unit = "points" if r.unit == "%" else "" if r.unit == "count" else r.unit
    said = f"ours is {abs(gap):.3g} {unit}".rstrip() + (" higher" if gap > 0 else " lower")
    return (CLOSE if abs(gap) <= tolerance + 1e-9 else NOT_REPRODUCED), said


def _limit(r: Reported, rate: float, relative: float) -> float:
    """A limit in the reported unit: points for a rate, else a part of the number."""
    return rate / r.scale if r.unit in RATE_UNITS else relative * abs(r.number)


def _caveats(r: Reported, ours: Obtained) -> list[str]:
    found = []
    if ours.wanted_draws > ours.draw_count and ours.take != "best-validation":
        found.append(f"{ours.draw_count} of {ours.wanted_draws} draws")
    if len(r.rows) > 1 and r.take in ("best-row", "worst-row") and not r.metric.startswith("gain_"):
        found.append(f"{r.take.replace('-', ' ')} of {len(r.rows)}")
    if r.unstated:
        found.append(f"unstated: {r.unstated}")
    return found


def _over_all_draws(r: Reported, best: Obtained, answers: Mapping[tuple, Obtained]) -> str:
    """Beside the draw that the validation part chose, the mean of them all."""
    mean = answers.get((*r.question[:-1], "mean"))
    if mean is None or (mean.demo, mean.overrides) != (best.demo, best.overrides) or mean.draw_count < 2:
        return ""
    value, std = (f"{number / r.scale:.{max(r.decimals, 1) + 1}f}" for number in (mean.value, mean.std))
    return f"mean of all {mean.draw_count} draws {value} ± {std}"


def read_as(reported: Iterable[Reported], class_name: str) -> list[Reported]:
    """The numbers whose class is inferred, read with another class as the positive one."""
    return [
        dataclasses.replace(r, class_name=class_name)
        for r in reported
        if r.class_from == "inferred" and r.class_name != class_name
    ]
