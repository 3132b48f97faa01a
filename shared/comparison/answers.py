"""What runs give for each number a paper reports: over draws, pooled, of the best draw or row."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from shared.base.errors import UserError
from shared.comparison import metrics
from shared.comparison.intervals import difference, interval_of_images, interval_over_draws, share_of
from shared.comparison.runs import Run, measure, pool
from shared.comparison.tables import RATE_UNITS, Obtained, Reported

HARDWARE = ("seconds_per_epoch", "ms_per_step")
"""Metrics that say more about the machine than about the method."""
SIZES = ("parameters", "trainable_parameters", "weights_mb")
"""Metrics that say nothing of the data."""
VARYING = ("epochs", "epochs_to_threshold", "training_accuracy", *HARDWARE)
"""Facts of a run that another draw may give differently; others (parameters, counts of images) are exact."""
TAKES = {"pooled": ("pooled",), "best-validation": ("best-validation", "mean")}
"""How a row is asked for what the paper gives of another row; the mean over draws, where not said here."""
LOWER_IS_BETTER = ("ece", "brier", *SIZES, *VARYING[:2], *HARDWARE)


def obtain(reported: Iterable[Reported], runs: Iterable[Run]) -> list[Obtained]:
    """What the runs give for each own number of the paper, and the same metrics for each other row."""
    reported = list(reported)
    by_row = _comparable_runs(runs)
    found: dict[tuple, Obtained | None] = {}
    for r in (*_own(reported), *_unreported(reported, by_row)):
        if r.question not in found and r.rows and all(row in by_row for row in r.rows):
            found[r.question] = _answer(r, by_row, reported)
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


def _unreported(reported: Sequence[Reported], by_row: Mapping[str, list[Run]]) -> Iterable[Reported]:
    """The metrics that the paper gives for some row, asked of every row; beside a best draw, of all draws."""
    kinds = {
        (*r.question[1:4], take): r
        for r in _own(reported)
        if metrics.is_metric(r.metric) or r.metric in VARYING
        for take in TAKES.get(r.take, ("mean",))
    }
    for row in by_row:
        for (*_, take), r in kinds.items():
            yield dataclasses.replace(r, row=row, take=take, operator="=", unstated="")


def _answer(r: Reported, by_row: Mapping[str, list[Run]], reported: Sequence[Reported]) -> Obtained | None:
    sets = [by_row[row] for row in r.rows]
    if r.metric == "spread_range":
        return None  # over which rows and metrics the text leaves open
    try:
        if r.metric.startswith("gain_"):
            return _gain_over_others(r, sets[0], reported) if len(sets) == 1 else _gain(r, sets)
        answers = [_row_answer(r, runs) for runs in sets]
    except UserError:  # these runs know no such class
        return None
    if None in answers or (len(answers) > 1 and not r.take.endswith("-row")):
        return None
    if r.take == "any-row":
        nearest = min(answers, key=lambda entry: abs(entry.value - r.number * r.scale))
        return _in_place_of_all(r, nearest, answers)
    return _choose(r, answers, r.metric in LOWER_IS_BETTER)


def _choose(r: Reported, answers: Sequence[Obtained], lower_is_better: bool = False) -> Obtained:
    """The best row's answer, or the worst's."""
    sign = (-1 if lower_is_better else 1) * (-1 if r.take == "worst-row" else 1)
    return _in_place_of_all(r, max(answers, key=lambda entry: sign * entry.value), answers)


def _in_place_of_all(r: Reported, chosen: Obtained, answers: Sequence[Obtained]) -> Obtained:
    """One row's answer as that of several; a demo or trial among them makes it one."""
    return dataclasses.replace(
        chosen,
        row=r.row,
        demo=any(entry.demo for entry in answers),
        overrides=next((entry.overrides for entry in answers if entry.overrides), ""),
    )


def _row_answer(r: Reported, runs: Sequence[Run]) -> Obtained | None:
    """The answer of one row's draws, taken the way the paper's number was."""
    class_name, take = r.class_name or None, r.question[-1]
    if take == "best-validation":
        runs = [max(runs, key=_validation_accuracy)]
    values = [run.metric(r.metric, class_name, r.split) for run in runs]
    if np.isnan(values).any():
        return None
    scored = runs[0].of(r.split)
    if take == "pooled" and metrics.is_metric(r.metric):
        scored = pool(runs).of(r.split)
        value, interval = (
            measure(scored, r.metric, class_name),
            interval_of_images(scored, r.metric, class_name),
        )
    elif take == "median":
        value, interval = statistics.median_low(values), (min(values), max(values))
    else:
        value, interval = statistics.fmean(values), _interval(runs, r.metric, class_name, r.split, values)
    n = share_of(scored, r.metric, class_name)
    return _obtained(r, runs, values, value, interval, int(len(scored.true) if n is None else n))


def _validation_accuracy(run: Run) -> float:
    return float(np.nan_to_num(run.metric("accuracy", None, "validation"), nan=-1.0))


def _interval(
    runs: Sequence[Run], metric: str, class_name: str | None, split: str, values: Sequence[float]
) -> tuple[float, float]:
    if not metrics.is_metric(metric) and metric not in VARYING and np.ptp(values) == 0:
        return values[0], values[0]
    return interval_over_draws(runs, metric, class_name, split)


def _gain(r: Reported, sets: Sequence[Sequence[Run]]) -> Obtained | None:
    """Accuracy gained by the first row of each pair over the second: the greatest, or by take the least."""
    gains = []
    for better, worse in zip(sets[::2], sets[1::2], strict=False):
        try:
            d = difference(better, worse, "accuracy", r.class_name or None, r.split)
        except KeyError:  # no draw that both have
            return None
        relative = r.metric == "gain_relative"
        by = statistics.fmean(run.metric("accuracy", None, r.split) for run in worse) if relative else 1.0
        values = [value / by for value in d.values]
        n = len(better[0].of(r.split).true)
        runs = [*better, *(run for run in worse if run.demo or run.overrides)]
        gains.append(_obtained(r, runs, values, d.mean / by, (d.low / by, d.high / by), n))
    return _choose(r, gains)


def _gain_over_others(r: Reported, runs: Sequence[Run], reported: Sequence[Reported]) -> Obtained | None:
    """A gain over the accuracy that others reported."""
    others = {o.label: o for o in reported if o.by == "others" and o.metric == "accuracy"}
    base = others.get(r.over)
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
    wanted = (facts.get("config") or {}).get("draws")
    versions = facts.get("versions", "")
    if isinstance(versions, Mapping):
        versions = "; ".join(f"{name} {version}" for name, version in versions.items())
    return Obtained(
        row=r.row,
        draw_count=len(values),
        class_name=r.class_name,
        split=r.split,
        metric=r.metric,
        take=r.question[-1],
        value=value,
        std=statistics.stdev(values) if len(values) > 1 else float("nan"),
        low=interval[0],
        high=interval[1],
        n=n,
        unit="fraction" if r.unit in RATE_UNITS else r.unit,
        device=str(facts.get("device", "")),
        precision=str(facts.get("precision", "")),
        versions=str(versions),
        overrides=",".join(dict.fromkeys(field for run in runs for field in run.overrides)),
        deviations=" ".join(map(str, facts.get("deviations") or ())),
        seconds=sum(float(run.facts.get("seconds") or 0) for run in runs),
        date=max(str(run.facts.get("started", ""))[:10] for run in runs),
        demo=any(run.demo for run in runs),
        wanted_draws=wanted if isinstance(wanted, int) else 0,
        other_data=str(facts.get("not_comparable", "")),
    )
