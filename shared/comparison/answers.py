"""Our answers to the numbers that a paper reports: over draws, pooled, or of the best draw or row."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from shared.base.errors import UserError
from shared.comparison import metrics, noise
from shared.comparison.data_state import data_caveats, other_data
from shared.comparison.intervals import Effect, difference, effect_of
from shared.comparison.prediction import Spread, spread_of
from shared.comparison.runs import Run, measure, pool
from shared.comparison.tables import RATE_UNITS, Obtained, Reported

HARDWARE = ("seconds_per_epoch", "ms_per_step")
"""Metrics that say more about the machine than about the method."""
SIZES = ("parameters", "trainable_parameters", "published_parameters", "weights_mb")
"""Metrics that say nothing of the data."""
VARYING = ("epochs", "epochs_to_threshold", "training_accuracy", *HARDWARE)
"""Facts of a run that another draw may give differently; others (parameters, counts of images) are exact."""
TAKES = {"pooled": ("pooled",), "best-validation": ("best-validation", "mean")}
"""How a row is asked for what the paper gives of another row; the mean over draws, where not said here."""
ON_LOG_SCALE = ("epochs", "epochs_to_threshold")
"""Facts whose draws differ by factors."""
LOWER_IS_BETTER = ("ece", "brier", *SIZES, *VARYING[:2], *HARDWARE)


def obtain(reported: Iterable[Reported], runs: Iterable[Run]) -> list[Obtained]:
    """One answer per number the paper reports, and the same metrics for every other row."""
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
    """The metrics that the paper gives for some row, for every row; next to a best draw also of all draws."""
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
        found = [_row_answer(r, runs) for runs in sets]
    except UserError:  # these runs know no such class
        return None
    answers = [answer for answer in found if answer is not None]
    if len(answers) < len(found) or r.candidates:  # each candidate answers for itself
        return None
    return _choose(r, answers, r.metric in LOWER_IS_BETTER)


def _choose(r: Reported, answers: Sequence[Obtained], lower_is_better: bool = False) -> Obtained:
    """The best row's answer, or the worst's; a demo or trial among them makes it one."""
    sign = (-1 if lower_is_better else 1) * (-1 if r.take == "worst-row" else 1)
    return dataclasses.replace(
        max(answers, key=lambda entry: sign * entry.value),
        row=r.row,
        demo=any(entry.demo for entry in answers),
        overrides=next((entry.overrides for entry in answers if entry.overrides), ""),
    )


def _row_answer(r: Reported, runs: Sequence[Run]) -> Obtained | None:
    """The answer of one row's draws, taken the way the paper's number was."""
    class_name, take = r.class_name or None, r.question[-1]
    over_all = effect_of(runs, r.metric, class_name, r.split)
    effect = over_all
    if take == "best-validation":
        runs = [max(runs, key=_validation_accuracy)]
        effect = effect_of(runs, r.metric, class_name, r.split)
    if np.isnan(effect.values).any():
        return None
    value = effect.mean
    if take == "pooled" and metrics.is_metric(r.metric):
        value = measure(pool(runs).of(r.split), r.metric, class_name)
    elif take == "median":
        value = statistics.median_low(effect.values)
    found = _obtained(r, runs, effect, value)
    return dataclasses.replace(found, spread=_spread(r, over_all.values))


def _spread(r: Reported, values: Sequence[float]) -> Spread:
    """Of the draws, those that do not define the metric left out."""
    known = np.array([value for value in values if not np.isnan(value)])
    return spread_of(np.log(known) if r.metric in ON_LOG_SCALE else known)


def _validation_accuracy(run: Run) -> float:
    return float(np.nan_to_num(run.metric("accuracy", None, "validation"), nan=-1.0))


def _gain(r: Reported, sets: Sequence[Sequence[Run]]) -> Obtained | None:
    """Accuracy gained by the first row of each pair over the second: the greatest, or by take the least."""
    gains = []
    for better, worse in zip(sets[::2], sets[1::2], strict=False):
        try:
            found = difference(better, worse, "accuracy", r.class_name or None, r.split)
        except KeyError:  # no draw that both have
            return None
        relative = r.metric == "gain_relative"
        by = statistics.fmean(run.metric("accuracy", None, r.split) for run in worse) if relative else 1.0
        runs = [*better, *(run for run in worse if run.demo or run.overrides)]
        gains.append(_obtained(r, runs, found.divided(by)))
    return _choose(r, gains)


def _gain_over_others(r: Reported, runs: Sequence[Run], reported: Sequence[Reported]) -> Obtained | None:
    """A gain over the accuracy that others reported."""
    others = {o.label: o for o in reported if o.by == "others" and o.metric == "accuracy"}
    base = others.get(r.over)
    if base is None:
        return None
    by = base.number * base.scale
    gained = effect_of(runs, "accuracy", None, r.split).minus(by)
    return _obtained(r, runs, gained.divided(by if r.metric == "gain_relative" else 1.0))


def _obtained(r: Reported, runs: Sequence[Run], effect: Effect, value: float | None = None) -> Obtained:
    facts = runs[0].facts
    wanted = (facts.get("config") or {}).get("draws")
    value = effect.mean if value is None else value
    low, high = (end + value - effect.mean for end in effect.interval())
    if _exact(r.metric) and np.ptp(effect.values) == 0:
        low = high = value
    scored = runs[0].of(r.split)
    return Obtained(
        row=r.row,
        draw_count=len(effect.values),
        class_name=r.class_name,
        split=r.split,
        metric=r.metric,
        take=r.question[-1],
        value=value,
        std=statistics.stdev(effect.values) if len(effect.values) > 1 else float("nan"),
        low=low,
        high=high,
        n=int(noise.decided_on(scored, r.metric, r.class_name or None).sum()),
        unit="fraction" if r.unit in RATE_UNITS else r.unit,
        precision=", ".join(dict.fromkeys(str(run.facts.get("precision", "")) for run in runs)),
        overrides=",".join(dict.fromkeys(field for run in runs for field in run.overrides)),
        seconds=sum(float(run.facts.get("seconds") or 0) for run in runs),
        date=max(str(run.facts.get("started", ""))[:10] for run in runs),
        demo=any(run.demo for run in runs),
        wanted_draws=wanted if isinstance(wanted, int) else 0,
        other_data=other_data(runs),
        data_caveats=tuple(data_caveats(runs, _exact(r.metric))),
        values=effect.values,
        spread=_spread(r, effect.values),
        images=effect.images,
        covers=effect.covers,
    )


def _exact(metric: str) -> bool:
    """A number without noise: every draw gives the same."""
    return not (metrics.is_metric(metric) or metric in VARYING or metric.startswith("gain_"))
