"""A paper's claims: which row beats which on what, tested on run folders, draw against the same draw."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from shared import metrics
from shared.runs import Predictions, Run, class_index, measure

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
    real = real_runs(runs)
    return [(claim, _check(claim, real)) for claim in claims]


def _check(claim: Claim, real: RunsByRow) -> ClaimResult:
    try:
        return claim.test(real)
    except KeyError as error:
        return ClaimResult(NOT_RUN, reason=f"no real run of {error.args[0]}")


def real_runs(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Row id -> its runs on real data with the row's own config, by draw."""
    found: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: run.draw):
        if not run.demo and not run.overrides:
            found.setdefault(run.row, []).append(run)
    return found


# --- differences -----------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Difference:
    """A metric of one row minus that of another, draw by draw."""

    values: tuple[float, ...]
    mean: float
    low: float
    high: float
    p_t: float
    p_sign: float
    p_mcnemar: float
    """Of the pooled decisions; NaN where the two rows were not scored on the same images."""

    def __str__(self) -> str:
        tests = [("paired t", self.p_t), ("sign", self.p_sign), ("McNemar", self.p_mcnemar)]
        shown = ", ".join(f"{name} p={p:.3g}" for name, p in tests if not np.isnan(p))
        interval = f"{_signed(self.low)} to {_signed(self.high)}"
        return f"{_signed(self.mean)} ({interval}), {_draws(len(self.values))}; {shown}"


def difference(
    better: Sequence[Run],
    worse: Sequence[Run],
    metric: str = "accuracy",
    class_name: str | None = None,
    split: str = "test",
) -> Difference:
    """The paired difference over the draws that both rows have; raises KeyError where they share none."""
    pairs = _pairs(better, worse)
    values = [a.metric(metric, class_name, split) - b.metric(metric, class_name, split) for a, b in pairs]
    low, high = metrics.t_interval(values)
    if len(values) < 3 or np.ptp(values) == 0:
        image_low, image_high = _image_interval(pairs[0], metric, class_name, split)
        low, high = np.fmin(low, image_low), np.fmax(high, image_high)
    return Difference(
        tuple(values),
        float(np.mean(values)),
        float(low),
        float(high),
        metrics.paired_t(values),
        metrics.sign_test(values) if len(values) > 2 else float("nan"),
        _mcnemar(pairs, split) if metric == "accuracy" else float("nan"),
    )


def _pairs(better: Sequence[Run], worse: Sequence[Run]) -> list[tuple[Run, Run]]:
    of_draw = {run.draw: run for run in worse}
    pairs = [(run, of_draw[run.draw]) for run in better if run.draw in of_draw]
    if not pairs:
        raise KeyError(f"{better[0].row} and {worse[0].row} with the same draw")
    return pairs


def _same_images(a: Predictions, b: Predictions) -> bool:
    return a.sample == b.sample and a.classes == b.classes and np.array_equal(a.true, b.true)


def _mcnemar(pairs: Sequence[tuple[Run, Run]], split: str) -> float:
    both = [(a.of(split), b.of(split)) for a, b in pairs]
    if not all(_same_images(a, b) for a, b in both):
        return float("nan")
    right = [np.concatenate([p.decided == p.true for p in side]) for side in zip(*both, strict=True)]
    return metrics.mcnemar(*right)


def _image_interval(
    pair: tuple[Run, Run], metric: str, class_name: str | None, split: str
) -> tuple[float, float]:
    """How far the test images alone let the difference of one draw vary."""
    if not metrics.is_metric(metric):
        return float("nan"), float("nan")
    a, b = (run.of(split) for run in pair)
    if not _same_images(a, b):
        ends = [interval_of_images(p, metric, class_name) for p in (a, b)]
        return ends[0][0] - ends[1][1], ends[0][1] - ends[1][0]
    if metric == "accuracy" and not all(a.patient):
        return metrics.paired_accuracy_interval(a.decided == a.true, b.decided == b.true)
    groups = a.groups
    if metric in metrics.CONFUSION_METRICS:
        return metrics.percentiles(_resampled_difference(a, b, groups, metric, class_name))
    return metrics.bootstrap(
        groups, lambda i: measure(_at(a, i), metric, class_name) - measure(_at(b, i), metric, class_name)
    )


def _resampled_difference(
    a: Predictions, b: Predictions, groups: np.ndarray, metric: str, class_name: str | None
) -> np.ndarray:
    """Bootstrapped differences on the same images: cells of (true, decided by a, decided by b)."""
    k, positive = len(a.classes), class_index(a.classes, class_name)
    cells = (a.true * k + a.decided) * k + b.decided
    counts = metrics.resampled_counts(cells, k**3, groups).reshape(-1, k, k, k)
    of_a, of_b = (metrics.rate(counts.sum(axis), metric, positive) for axis in (3, 2))
    return of_a - of_b


def _at(p: Predictions, indices: np.ndarray) -> Predictions:
    """What a resample needs of predictions: truth and numbers, no names."""
    scores = None if p.scores is None else p.scores[indices]
    return Predictions(p.classes, [], [], [], p.true[indices], p.probabilities[indices], scores)


# --- the usual tests -------------------------------------------------------------------------------------


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


def above(
    row: str, metric: str, threshold: float, class_name: str | None = None, split: str = "test"
) -> Callable[[RunsByRow], ClaimResult]:
    """row's metric exceeds a number, such as one that others reported (a fraction)."""

    def test(runs: RunsByRow) -> ClaimResult:
        values = [run.metric(metric, class_name, split) for run in runs[row]]
        low, high = interval_over_draws(runs[row], metric, class_name, split)
        verdict = HOLDS if low > threshold else FAILS if high <= threshold else INCONCLUSIVE
        mean = float(np.mean(values))
        reason = (
            f"{row}, {_named(metric, class_name)}: {mean:.4g} against {threshold:.4g}, {_draws(len(values))}"
        )
        return ClaimResult(verdict, mean - threshold, low - threshold, high - threshold, reason, len(values))

    return test


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


def in_most_draws(
    row: str, metric: str, class_name: str | None, threshold: float, split: str = "test"
) -> Callable[[RunsByRow], ClaimResult]:
    """The metric reaches the threshold in more than half of the draws."""

    def test(runs: RunsByRow) -> ClaimResult:
        values = [run.metric(metric, class_name, split) for run in runs[row]]
        reached = sum(value >= threshold for value in values)
        share, n = reached / len(values), len(values)
        verdict = INCONCLUSIVE if n < 3 else HOLDS if share > 0.5 else FAILS
        reason = f"{row}, {_named(metric, class_name)} ≥ {threshold:.4g} in {reached} of {_draws(n)}"
        return ClaimResult(verdict, share, *metrics.wilson(share, n), reason, n)

    return test


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


# --- intervals over draws --------------------------------------------------------------------------------


def interval_over_draws(
    runs: Sequence[Run], metric: str, class_name: str | None = None, split: str = "test"
) -> tuple[float, float]:
    """95% interval of the mean over draws: Student's; widened to that of one draw's images where needed.

    One or two draws, or draws that all give the same value, say too little about the spread.
    """
    values = [run.metric(metric, class_name, split) for run in runs]
    low, high = metrics.t_interval(values)
    if len(values) < 3 and not metrics.is_metric(metric):  # epochs, seconds: no images to widen it by
        return float("nan"), float("nan")
    if len(values) < 3 or np.ptp(values) == 0:
        image_low, image_high = interval_of_images(
            runs[0].of(split), metric, class_name, float(np.mean(values))
        )
        low, high = np.fmin(low, image_low), np.fmax(high, image_high)
    if metrics.is_metric(metric):
        low, high = max(low, 0.0), (high if metric == "brier" else min(high, 1.0))
    return float(low), float(high)


def interval_of_images(
    predictions: Predictions, metric: str, class_name: str | None = None, value: float | None = None
) -> tuple[float, float]:
    """95% interval of one set of predictions: Wilson's for a share, else bootstrap; over known patients."""
    if not metrics.is_metric(metric) or not len(predictions.true):
        return float("nan"), float("nan")
    value = measure(predictions, metric, class_name) if value is None else value
    positive = class_index(predictions.classes, class_name)
    groups = predictions.groups
    by_patient = groups.max() + 1 < len(groups)
    n = share_of(predictions, metric, class_name)
    if n is not None and not by_patient:
        return metrics.wilson(value, n)
    if metric not in metrics.CONFUSION_METRICS:
        return metrics.bootstrap(groups, lambda i: measure(_at(predictions, i), metric, class_name))
    low, high = metrics.percentiles(metrics.rate(predictions.resampled, metric, positive))
    if low == high:  # all right or all wrong: resampling cannot show it, the number of patients can
        return metrics.wilson(value, groups.max() + 1)
    return low, high


def share_of(predictions: Predictions, metric: str, class_name: str | None = None) -> float | None:
    """How many images the metric is a share of; None where it is no simple share."""
    if metric not in metrics.CONFUSION_METRICS:
        return None
    return metrics.denominator(predictions.counts, metric, class_index(predictions.classes, class_name))


def _named(metric: str, class_name: str | None) -> str:
    return f"{metric} of {class_name}" if class_name else metric


def _signed(value: float) -> str:
    return f"{value:+.4f}"


def _draws(n: int) -> str:
    return "1 draw" if n == 1 else f"{n} draws"
