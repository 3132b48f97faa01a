"""What the trials found: one sentence, one number with its interval, and the images behind it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from shared.base.text import fitted_table
from shared.comparison import Run, difference, interval_over_draws
from shared.trust.calibration import CALIBRATED, calibration, scaled
from shared.trust.leaks import Leak, apart
from shared.trust.part_of_sights import SEEN
from shared.trust.spread import components
from shared.trust.trial import BY_IMAGE, BY_SOURCE, LEVELS, SPREAD

WIDTH = 130
NAN = float("nan")
FAULT_TAIL = 0.005
"""A fault needs a 99% interval: of each set some twenty questions are asked."""
METRIC = "recall"
"""The mean over the classes: whatever their sizes, chance is one over their number."""
HEAD = ("Set", "Question", "Found", "Number (95%)", "Images (sources)", "Command")
Runs = Mapping[str, Sequence[Run]]
"""The runs of a set by the name of their trial; of most there is one."""


@dataclasses.dataclass(frozen=True)
class Found:
    """An answer to one question about one set."""

    set: str
    trial: str
    question: str
    sentence: str
    number: str
    images: int
    sources: int
    command: str
    fault: bool
    """Whether it says that something other than the disease decides, or that a result does not carry over."""
    demo: bool
    rate: tuple[float, float, float] = (NAN, NAN, NAN)
    """The number with its interval, where it is a rate; it is what a picture shows."""
    by_chance: float = NAN

    @property
    def line(self) -> tuple[str, ...]:
        """Under `HEAD`."""
        count = f"{self.images:,} ({self.sources:,})"
        name = f"DEMO {self.set}" if self.demo else self.set
        return (name, self.question, self.sentence, self.number, count, self.command)


def by_set(runs: Sequence[Run]) -> dict[str, dict[str, list[Run]]]:
    """Set -> the name of the trial -> its runs."""
    found: dict[str, dict[str, list[Run]]] = {}
    for run in sorted(runs, key=lambda run: run.draw):
        trials = found.setdefault(run.facts["config"]["set"], {})
        trials.setdefault(run.facts["config"]["name"], []).append(run)
    return found


def findings(runs: Sequence[Run]) -> list[Found]:
    """All that the trials of each set answer."""
    questions: tuple[Callable[[Runs], list[Found]], ...] = (
        *(as_it_is, leak, seen_before, shortcuts, scored_blind, chance),
        *(elsewhere, spread, calibrated),
    )
    return [found for trials in by_set(runs).values() for ask in questions for found in ask(trials)]


def found_page(runs: Sequence[Run]) -> str:
    """All of it for the terminal."""
    return fitted_table(HEAD[:-1], [found.line[:-1] for found in findings(runs)], WIDTH)


def _found(runs: Sequence[Run], question: str, sentence: str, number: str, fault: bool) -> Found:
    run, test = runs[0], runs[0].of("test")
    sources = len(np.unique(test.groups))
    config, command = run.facts["config"], run.facts["command"]
    what = config["set"], config["name"], question, sentence, number
    return Found(*what, len(test.true), sources, command, fault, run.demo)


def _rated(runs: Sequence[Run], question: str, sentence: str, fault: bool) -> Found:
    rate = float(np.mean([run.metric(METRIC) for run in runs])), *interval_over_draws(runs, METRIC)
    found = _found(runs, question, sentence, _shown(*rate), fault)
    return dataclasses.replace(found, rate=rate, by_chance=_by_chance(runs))


def _surely(runs: Sequence[Run]) -> tuple[float, float]:
    return interval_over_draws(runs, METRIC, tail=FAULT_TAIL)


def _surely_less(runs: Sequence[Run], others: Sequence[Run]) -> bool:
    """Whether the 99% interval of the difference says so: Newcombe's, for both have images of their own."""
    ours, theirs = (float(np.mean([run.metric(METRIC) for run in each])) for each in (runs, others))
    half = float(np.hypot(_surely(runs)[1] - ours, theirs - _surely(others)[0]))
    return theirs - ours > half


def _shown(value: float, low: float, high: float) -> str:
    return f"{100 * value:.1f}% ({100 * low:.1f} to {100 * high:.1f})"


def _by_chance(runs: Sequence[Run]) -> float:
    return 1 / len(runs[0].predictions.classes)


def as_it_is(trials: Runs) -> list[Found]:
    """How well a head on frozen features tells the classes apart: the yardstick for all else."""
    runs = trials.get("by-source")
    if not runs:
        return []
    sentence = "How well the classes are told apart, images of one source on one side of the split"
    return [_rated(runs, "As they are", sentence, False)]


def leak(trials: Runs) -> list[Found]:
    """How much better the classes are told apart where images of one source are on both sides."""
    runs, clean = trials.get("by-image"), trials.get("by-source")
    if not runs or not clean:
        return []
    found = difference(runs, clean, METRIC)
    low, high = found.interval()
    number = f"{100 * found.mean:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"
    least, most = found.interval(FAULT_TAIL)
    words = "raises" if least > 0 else "lowers" if most < 0 else "does not show a change of"
    sentence = f"A split by image, which leaves images of one source on both sides, {words} the result"
    return [_found(runs, "Leak", sentence, number, least > 0)]


def seen_before(trials: Runs) -> list[Found]:
    """How many images have another of their source in the set; how many of these are right, and of others."""
    runs = trials.get("by-image")
    if not runs:
        return []
    test = runs[0].of("test")
    several = np.bincount(test.groups)[test.groups] > 1
    if not several.any():
        return []
    names = frozenset(np.array(test.sample)[several].tolist())
    found = apart(test, Leak("", frozenset(test.sample), frozenset(), names, frozenset()))
    sentence = (
        f"{several.mean():.0%} of the images have another of their source in the set; split by image, so "
        "many of these are decided rightly, and of the others"
    )
    number = f"{100 * found.on_seen:.1f}%, {_shown(found.on_unseen, found.low, found.high)}"
    return [_found(runs, "Seen before", sentence, number, False)]


def shortcuts(trials: Runs) -> list[Found]:
    """Whether the classes are told from images that show little or nothing of the disease."""
    return [
        _against_chance(trials[f"only-{way}"], "Shortcut", f"Of {words}, trained and scored so, the classes")
        for way, words in SEEN.items()
        if f"only-{way}" in trials
    ]


def scored_blind(trials: Runs) -> list[Found]:
    """Whether what was learnt from whole images still tells the classes of such images."""
    return [
        _against_chance(trials[f"shown-{way}"], "Shown blind", f"Trained on whole images, of {words} they")
        for way, words in SEEN.items()
        if f"shown-{way}" in trials
    ]


def _against_chance(runs: Sequence[Run], question: str, subject: str) -> Found:
    told = _surely(runs)[0] > _by_chance(runs)
    are = "are told apart" if told else "are not shown to be told apart"
    sentence = f"{subject} {are}; chance is {100 * _by_chance(runs):.0f}%"
    return _rated(runs, question, sentence, told)


def chance(trials: Runs) -> list[Found]:
    """Whether labels that say nothing are learnt."""
    found = []
    for among in (BY_IMAGE, BY_SOURCE):
        for by in (BY_SOURCE, BY_IMAGE):
            runs = trials.get(f"shuffled-{among}s-by-{by}")
            if runs:
                deals = f", {len(runs)} times" if len(runs) > 1 else ""
                subject = f"With labels dealt at random to {among}s{deals}, split by {by}, made-up classes"
                found.append(_against_chance(runs, "Chance", subject))
    return found


def elsewhere(trials: Runs) -> list[Found]:
    """How much of the result is left on images of another set."""
    own = trials.get("by-source")
    found = []
    for runs in trials.values():
        config = runs[0].facts["config"]
        if config["elsewhere"] and own:
            less = _surely_less(runs, own)
            words = "less of it holds" if less else "no loss is shown"
            sentence = f"Trained on all of {config['set']} and scored on {config['elsewhere']}, {words}"
            found.append(_rated(runs, "Elsewhere", sentence, less))
    return found


def spread(trials: Runs) -> list[Found]:
    """How much of the spread between repetitions comes from what."""
    runs = trials.get(SPREAD)
    if not runs:
        return []
    found = components(cells(runs[0].history), tuple(LEVELS))
    parts = []
    for name, part in found.items():
        interval = f"{100 * part.low:.1f} to {100 * part.high:.1f}"
        parts.append(f"{name} {100 * part.sd:.1f} ({interval})")
    largest = max(found, key=lambda name: found[name].share)
    cause = "none of these alone" if largest == "rest" else f"one thing: {largest}"
    sentence = (
        f"{100 * found[largest].share:.0f}% of the variance between repetitions comes from {cause} "
        "(standard deviations in points)"
    )
    return [_found(runs, "Spread", sentence, ", ".join(parts), False)]


def cells(history: Sequence[Mapping]) -> np.ndarray:
    """The accuracies of a factorial, an axis for each factor."""
    values = np.full(tuple(LEVELS.values()), np.nan)
    for line in history:
        values[tuple(int(line[name]) for name in LEVELS)] = line["accuracy"]
    return values


def calibrated(trials: Runs) -> list[Found]:
    """Whether probabilities are as often right as they say, before and after temperature scaling."""
    runs = trials.get("by-source")
    if not runs or not len(runs[0].of("validation").true):
        return []
    test = runs[0].of("test")
    before = calibration(test, FAULT_TAIL)
    temperature, after = scaled(test, runs[0].of("validation"))
    then = calibration(after, FAULT_TAIL)
    sentence = f"Of its probabilities: {before.verdict}; at temperature {temperature:.1f}: {then.verdict}"
    number = f"error {100 * before.corrected:.1f}%, then {100 * then.corrected:.1f}%"
    return [_found(runs, "Calibration", sentence, number, before.verdict != CALIBRATED)]
