"""Reported against obtained: the numbers of a paper beside ours, with intervals and verdicts.

The one door to results: run folders come from `shared.runs`, claims from `shared.claims`.
"""

from __future__ import annotations

import csv
import dataclasses
import math
import os
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from shared import metrics
from shared.claims import (
    CLAIM_RULE,
    Claim,
    ClaimResult,
    above,
    all_of,
    at_least,
    beats,
    check_claims,
    difference,
    in_most_draws,
    interval_of_images,
    interval_over_draws,
    share_of,
    within,
)
from shared.paper import UserError
from shared.runs import DamagedRun, Predictions, Run, find_runs, pool, read_run, stamp_demo, write_run

__all__ = [
    "CLAIM_RULE",
    "VERDICTS",
    "VERDICT_RULE",
    "Claim",
    "ClaimResult",
    "Comparison",
    "DamagedRun",
    "Obtained",
    "Predictions",
    "Reported",
    "Run",
    "above",
    "all_of",
    "at_least",
    "beats",
    "check_claims",
    "compare",
    "difference",
    "find_runs",
    "in_most_draws",
    "load_obtained",
    "load_reported",
    "obtain",
    "read_run",
    "stamp_demo",
    "within",
    "write_obtained",
    "write_run",
]

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
NOT RUN: no real run of the row. NOT COMPARABLE: a demo, a field set by hand, other data, other hardware, work
of others, or a number whose row the text leaves open; the reason is given.
For numbers that are no rates (epochs, parameters, megabytes) 5 points become 25% and 2 points 5%.
"> x" is REPRODUCED when our whole interval is above x, INCONCLUSIVE when it covers x; "<" likewise.
"~ x" stands for a whole printed unit down. "x in most draws" is REPRODUCED when more than half of at least
three draws reach x. Where the text leaves open which of several rows it means, the best (or as stated the
worst) is taken, which favours agreement: the reason says so."""

_SCALE = {"%": 0.01, "points": 0.01, "fraction": 1.0, "count": 1.0, "MB": 1.0, "s": 1.0, "ms": 1.0}
_RATES = ("%", "points", "fraction")
_OPERATORS = ("=", ">=", ">", "<=", "<", "~", "most draws")
_TAKES = ("mean", "pooled", "best-validation", "best-row", "worst-row")
_HARDWARE = ("seconds_per_epoch", "ms_per_step")
_FIXED_BY_MODEL = ("parameters", "trainable_parameters", "weights_mb")
_LOWER_IS_BETTER = ("epochs", "ece", "brier", "epochs_to_threshold", *_HARDWARE, *_FIXED_BY_MODEL)


# --- reported.csv ----------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Reported:
    """One number of a paper, as it is printed (a line of reported.csv)."""

    place: str
    row: str
    label: str
    class_name: str
    split: str
    metric: str
    operator: str
    value: str
    """As printed; empty for a bar in a figure, which is no number."""
    spread: str
    unit: str
    decimals: int
    source: str
    by: str
    take: str
    unstated: str
    note: str

    @property
    def rows(self) -> tuple[str, ...]:
        """The row ids; several where the text leaves open which one it means."""
        return tuple(self.row.split())

    @property
    def number(self) -> float:
        """The value in its unit."""
        return float(self.value) if self.value else float("nan")

    @property
    def step(self) -> float:
        """One unit of the last printed digit, in its unit."""
        return 10.0**-self.decimals

    @property
    def scale(self) -> float:
        """What turns the unit into a fraction (or leaves a count as it is)."""
        return _SCALE[self.unit]

    @property
    def window(self) -> tuple[float, float]:
        """The values that round or truncate to the printed number, in its unit."""
        down = self.step if self.operator == "~" else self.step / 2
        return self.number - down, self.number + self.step

    @property
    def question(self) -> tuple[str, str, str, str, str]:
        """What it asks of our runs: row, class, split, metric, take."""
        take = "median" if self.operator == "most draws" else self.take
        return self.row, self.class_name, self.split, self.metric, take


REPORTED_COLUMNS = tuple("class" if f.name == "class_name" else f.name for f in dataclasses.fields(Reported))


def load_reported(path: Path) -> list[Reported]:
    """Reads a reported.csv; a line that breaks the schema is an error naming it."""
    found = []
    for number, line in _lines(path, REPORTED_COLUMNS):
        line["class_name"] = line.pop("class")
        problem = _problem(line)
        if problem:
            raise UserError(f"{path}, line {number}: {problem}")
        line["decimals"] = int(line["decimals"] or 0)
        line["take"] = line["take"] or "mean"
        found.append(Reported(**line))
    return found


def _lines(path: Path, columns: Sequence[str]) -> Iterable[tuple[int, dict[str, str]]]:
    try:
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != tuple(columns):
                raise UserError(f"{path}: the columns must be {','.join(columns)}")
            for line in reader:
                if None in line or None in line.values():
                    raise UserError(f"{path}, line {reader.line_num}: not {len(columns)} columns")
                yield reader.line_num, line
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error


def _problem(line: Mapping[str, str]) -> str | None:
    """What is wrong with a line of reported.csv, in words."""
    for column, allowed in (
        ("operator", _OPERATORS),
        ("unit", tuple(_SCALE)),
        ("source", ("table", "prose", "figure")),
        ("by", ("paper", "others")),
        ("take", (*_TAKES, "")),
    ):
        if line[column] not in allowed:
            return f"{column} '{line[column]}' is none of {', '.join(map(repr, allowed))}"
    if not line["value"]:
        return None if line["source"] == "figure" else "a value is missing"
    try:
        float(line["value"])
        decimals = int(line["decimals"])
    except ValueError:
        return f"value '{line['value']}' and decimals '{line['decimals']}' must be numbers"
    printed = len(line["value"].partition(".")[2])
    if decimals >= 0 and printed != decimals:
        return f"value '{line['value']}' has {printed} decimals, not {decimals}"
    return None


# --- obtained.csv ----------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Obtained:
    """What our runs give for one question, as a fraction or count (a line of obtained.csv)."""

    row: str
    draw_count: int
    class_name: str
    split: str
    metric: str
    take: str
    value: float
    std: float
    low: float
    high: float
    n: int
    """Test images the metric is a share of, or of the split; over one draw."""
    unit: str
    device: str = ""
    precision: str = ""
    versions: str = ""
    overrides: str = ""
    deviations: str = ""
    seconds: float = 0.0
    date: str = ""
    demo: bool = False
    """Never true in obtained.csv: demos are not recorded."""
    wanted_draws: int = 0
    other_data: str = ""
    """Why these runs cannot be held against the paper, where the paper's code says so."""

    @property
    def question(self) -> tuple[str, str, str, str, str]:
        return self.row, self.class_name, self.split, self.metric, self.take


_NOT_STORED = ("demo", "wanted_draws", "other_data")
OBTAINED_COLUMNS = tuple(
    "class" if f.name == "class_name" else f.name
    for f in dataclasses.fields(Obtained)
    if f.name not in _NOT_STORED
)
_NUMBERS = ("value", "std", "low", "high", "seconds")


def write_obtained(path: Path, obtained: Iterable[Obtained]) -> None:
    """Writes obtained.csv at once; demos are left out, whatever is asked."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(OBTAINED_COLUMNS)
        for entry in obtained:
            if not entry.demo:
                writer.writerow(_cells(entry))
    os.replace(temporary, path)


def _cells(entry: Obtained) -> list[str]:
    values = {**dataclasses.asdict(entry), "class": entry.class_name}
    return [f"{values[c]:.6g}" if c in _NUMBERS else str(values[c]) for c in OBTAINED_COLUMNS]


def load_obtained(path: Path) -> list[Obtained]:
    """Reads an obtained.csv; none there means nothing obtained yet."""
    if not Path(path).exists():
        return []
    found = []
    for number, line in _lines(path, OBTAINED_COLUMNS):
        line["class_name"] = line.pop("class")
        try:
            typed = {name: float(line[name]) for name in _NUMBERS}
            typed |= {name: int(line[name]) for name in ("draw_count", "n")}
        except ValueError as error:
            raise UserError(f"{path}, line {number}: {error}") from error
        found.append(Obtained(**{**line, **typed}))
    return found


# --- from runs to what was obtained ----------------------------------------------------------------------


def obtain(reported: Iterable[Reported], runs: Iterable[Run]) -> list[Obtained]:
    """What the runs give for each own number of the paper, and the same metrics for rows without one."""
    reported = list(reported)
    by_row = _comparable_runs(runs)
    found = {}
    for r in _own(reported):
        if r.question not in found and r.rows and all(row in by_row for row in r.rows):
            found[r.question] = _answer(r, by_row, reported)
    for question, r in _unreported(reported, by_row):
        found.setdefault(question, _answer(r, by_row, reported))
    return [entry for entry in found.values() if entry is not None]


def _own(reported: Iterable[Reported]) -> list[Reported]:
    return [r for r in reported if r.by == "paper" and r.value]


def _comparable_runs(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Row -> the draws to compare: real before demo, its own config before overrides, then most draws."""
    groups: dict[str, dict[tuple, list[Run]]] = {}
    for run in runs:
        groups.setdefault(run.row, {}).setdefault((run.demo, run.overrides), []).append(run)
    chosen = {}
    for row, sets in groups.items():
        best = min(sets, key=lambda key: (key[0], len(key[1]) > 0, -len(sets[key]), key[1]))
        chosen[row] = sorted(sets[best], key=lambda run: run.draw)
    return chosen


def _unreported(
    reported: Sequence[Reported], by_row: Mapping[str, list[Run]]
) -> Iterable[tuple[tuple[str, str, str, str, str], Reported]]:
    """The table's questions, asked of rows that the paper prints no number for."""
    tabled = [r for r in _own(reported) if r.source == "table" and len(r.rows) == 1]
    named = {row for r in tabled for row in r.rows}
    kinds = {r.question[1:]: r for r in tabled}
    for row in by_row:
        if row not in named:
            for r in kinds.values():
                asked = dataclasses.replace(r, row=row)
                yield asked.question, asked


def _answer(r: Reported, by_row: Mapping[str, list[Run]], reported: Sequence[Reported]) -> Obtained | None:
    sets = [by_row[row] for row in r.rows]
    if r.metric.startswith("gain_"):
        return _gain(r, sets, reported)
    if r.metric == "spread_range":
        return None  # which metric and which rows the text leaves open
    answers = [_row_answer(r, runs) for runs in sets]
    if any(entry is None for entry in answers) or (len(answers) > 1 and not r.take.endswith("-row")):
        return None
    sign = (-1 if r.metric in _LOWER_IS_BETTER else 1) * (-1 if r.take == "worst-row" else 1)
    return dataclasses.replace(max(answers, key=lambda entry: sign * entry.value), row=r.row)


def _row_answer(r: Reported, runs: Sequence[Run]) -> Obtained | None:
    """The answer of one row's draws, taken the way the paper's number was."""
    class_name, take = r.class_name or None, r.question[-1]
    if take == "best-validation":
        runs = [
            max(runs, key=lambda run: np.nan_to_num(run.metric("accuracy", None, "validation"), nan=-1.0))
        ]
    values = [run.metric(r.metric, class_name, r.split) for run in runs]
    if np.isnan(values).any():
        return None
    value = statistics.fmean(values)
    if take == "pooled" and metrics.is_metric(r.metric):
        together = pool(runs).of(r.split)
        low, high = interval_of_images(together, r.metric, class_name)
        value = Run(runs[0].folder, runs[0].facts, together).metric(r.metric, class_name, r.split)
        first = together
    else:
        first = runs[0].of(r.split)
        low, high = _interval(runs, r.metric, class_name, r.split, values)
    if take == "median":
        value, low, high = statistics.median_low(values), min(values), max(values)
    n = share_of(first, r.metric, class_name)
    return _obtained(r, runs, values, value, (low, high), int(len(first.true) if n is None else n))


def _validation_accuracy(run: Run) -> float:
    return float(np.nan_to_num(run.metric("accuracy", None, "validation"), nan=-1.0))


def _interval(
    runs: Sequence[Run], metric: str, class_name: str | None, split: str, values: Sequence[float]
) -> tuple[float, float]:
    if metric in _FIXED_BY_MODEL and np.ptp(values) == 0:
        return values[0], values[0]
    return interval_over_draws(runs, metric, class_name, split)


def _gain(r: Reported, sets: Sequence[Sequence[Run]], reported: Sequence[Reported]) -> Obtained | None:
    """Accuracy gained by the first row of each pair over the second, or by one row over others' number."""
    if len(sets) == 1:
        return _gain_over_others(r, sets[0], reported)
    gains = []
    for better, worse in zip(sets[::2], sets[1::2], strict=False):
        try:
            d = difference(better, worse, "accuracy", r.class_name or None, r.split)
        except KeyError:
            return None
        base = statistics.fmean(run.metric("accuracy", None, r.split) for run in worse)
        by = base if r.metric == "gain_relative" else 1.0
        values = [value / by for value in d.values]
        n = len(better[0].of(r.split).true)
        gains.append(_obtained(r, better, values, d.mean / by, (d.low / by, d.high / by), n))
    sign = -1 if r.take == "worst-row" else 1
    return max(gains, key=lambda gain: sign * gain.value)


def _gain_over_others(r: Reported, runs: Sequence[Run], reported: Sequence[Reported]) -> Obtained | None:
    """The label ends in 'over <label of a row by others>', whose accuracy is the base."""
    others = {o.label: o for o in reported if o.by == "others" and o.metric == "accuracy"}
    base = others.get(r.label.rpartition(" over ")[2])
    if base is None:
        return None
    by = base.number * base.scale
    over = by if r.metric == "gain_relative" else 1.0
    values = [(run.metric("accuracy", None, r.split) - by) / over for run in runs]
    low, high = interval_over_draws(runs, "accuracy", None, r.split)
    n = len(runs[0].of(r.split).true)
    return _obtained(r, runs, values, statistics.fmean(values), ((low - by) / over, (high - by) / over), n)


def _obtained(
    r: Reported,
    runs: Sequence[Run],
    values: Sequence[float],
    value: float,
    interval: tuple[float, float],
    n: int,
) -> Obtained:
    facts = runs[0].facts
    versions = facts.get("versions", "")
    if isinstance(versions, Mapping):
        versions = "; ".join(f"{name} {version}" for name, version in versions.items())
    return Obtained(
        row=r.row,
        draw_count=len(runs),
        class_name=r.class_name,
        split=r.split,
        metric=r.metric,
        take=r.question[-1],
        value=value,
        std=statistics.stdev(values) if len(values) > 1 else float("nan"),
        low=interval[0],
        high=interval[1],
        n=n,
        unit="fraction" if r.unit in _RATES else r.unit,
        device=str(facts.get("device", "")),
        precision=str(facts.get("precision", "")),
        versions=str(versions),
        overrides=",".join(runs[0].overrides),
        deviations=" ".join(map(str, facts.get("deviations", ()))),
        seconds=sum(float(run.facts.get("seconds", 0)) for run in runs),
        date=max(str(run.facts.get("started", ""))[:10] for run in runs),
        demo=any(run.demo for run in runs),
        wanted_draws=int((facts.get("config") or {}).get("draws", 0)),
        other_data=str(facts.get("not_comparable", "")),
    )


# --- verdicts --------------------------------------------------------------------------------------------


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
    answers = {entry.question: entry for entry in obtained}
    answers |= {entry.question: entry for entry in obtain(reported, runs)}
    present = {run.row for run in runs} | {entry.row for entry in obtained}
    return [_compared(r, answers.get(r.question), present) for r in reported]


def _compared(r: Reported, ours: Obtained | None, present: set[str]) -> Comparison:
    reason = _no_number(r)
    if reason:
        return Comparison(r, NOT_COMPARABLE, reason)
    if ours is None:
        return Comparison(r, *_nothing_obtained(r, present))
    mean, std, low, high = (v / r.scale for v in (ours.value, ours.std, ours.low, ours.high))
    verdict, reason = _verdict(r, ours, mean, low, high)
    if verdict not in (NOT_COMPARABLE, NOT_RUN):
        reason = "; ".join(filter(None, (reason, *_caveats(r, ours))))
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
        return NOT_RUN, f"{len(missing)} of its {len(r.rows)} rows have not run: {', '.join(missing)}"
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
    if ours.other_data:
        return NOT_COMPARABLE, ours.other_data
    if r.metric in _HARDWARE:
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
    if r.unit in _RATES and ours.n:
        tolerance = max(tolerance, 1 / ours.n / r.scale)
    unit = "points" if r.unit == "%" else "" if r.unit == "count" else r.unit
    said = f"ours is {abs(gap):.3g} {unit}".rstrip() + (" higher" if gap > 0 else " lower")
    return (CLOSE if abs(gap) <= tolerance + 1e-9 else NOT_REPRODUCED), said


def _limit(r: Reported, rate: float, relative: float) -> float:
    """A limit in the reported unit: points for a rate, else a part of the number."""
    return rate / r.scale if r.unit in _RATES else relative * abs(r.number)


def _caveats(r: Reported, ours: Obtained) -> list[str]:
    found = []
    if ours.wanted_draws > ours.draw_count and ours.take != "best-validation":
        found.append(f"{ours.draw_count} of {ours.wanted_draws} draws")
    if len(r.rows) > 1 and r.take in ("best-row", "worst-row") and not r.metric.startswith("gain_"):
        found.append(f"{r.take.replace('-', ' ')} of {len(r.rows)} (unstated: {r.unstated or 'which'})")
    return found
