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
Runs = Mapping[str, Run]
"""The runs of a set by the name of their trial."""


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


def by_set(runs: Sequence[Run]) -> dict[str, dict[str, Run]]:
    """Set -> the name of the trial -> its run."""
    found: dict[str, dict[str, Run]] = {}
    for run in runs:
        found.setdefault(run.facts["config"]["set"], {})[run.facts["config"]["name"]] = run
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


def _found(run: Run, question: str, sentence: str, number: str, fault: bool) -> Found:
    test = run.of("test")
    sources = len(np.unique(test.groups))
    config, command = run.facts["config"], run.facts["command"]
    what = config["set"], config["name"], question, sentence, number
    return Found(*what, len(test.true), sources, command, fault, run.demo)


def _rated(run: Run, question: str, sentence: str, fault: bool) -> Found:
    rate = _rate(run)
    found = _found(run, question, sentence, _shown(*rate), fault)
    return dataclasses.replace(found, rate=rate, by_chance=_by_chance(run))


def _rate(run: Run) -> tuple[float, float, float]:
    return run.metric(METRIC), *interval_over_draws([run], METRIC)


def _surely(run: Run) -> tuple[float, float]:
    return interval_over_draws([run], METRIC, tail=FAULT_TAIL)


def _shown(value: float, low: float, high: float) -> str:
    return f"{100 * value:.1f}% ({100 * low:.1f} to {100 * high:.1f})"


def _by_chance(run: Run) -> float:
    return 1 / len(run.predictions.classes)


def as_it_is(trials: Runs) -> list[Found]:
    """How well a head on frozen features tells the classes apart: the yardstick for all else."""
    run = trials.get("by-source")
    if run is None:
        return []
    sentence = "How well the classes are told apart, images of one source on one side of the split"
    return [_rated(run, "As they are", sentence, False)]


def leak(trials: Runs) -> list[Found]:
    """How much better the classes are told apart where images of one source are on both sides."""
    run, clean = trials.get("by-image"), trials.get("by-source")
    if run is None or clean is None:
        return []
    found = difference([run], [clean], METRIC)
    low, high = found.interval()
    number = f"{100 * found.mean:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"
    higher = found.interval(FAULT_TAIL)[0] > 0
    words = "raises" if higher else "does not show a change of"
    sentence = f"A split by image, which leaves images of one source on both sides, {words} the result"
    return [_found(run, "Leak", sentence, number, higher)]


def seen_before(trials: Runs) -> list[Found]:
    """How many images have another of their source in the set; how many of these are right, and of others."""
    run = trials.get("by-image")
    if run is None:
        return []
    test = run.of("test")
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
    return [_found(run, "Seen before", sentence, number, False)]


def shortcuts(trials: Runs) -> list[Found]:
    """Whether the classes are told from images that cannot show the disease."""
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


def _against_chance(run: Run, question: str, subject: str) -> Found:
    told = _surely(run)[0] > _by_chance(run)
    sentence = f"{subject} are {'' if told else 'not '}told apart; chance is {100 * _by_chance(run):.0f}%"
    return _rated(run, question, sentence, told)


def chance(trials: Runs) -> list[Found]:
    """Whether labels that say nothing are learnt."""
    found = []
    for among in (BY_IMAGE, BY_SOURCE):
        for by in (BY_SOURCE, BY_IMAGE):
            run = trials.get(f"shuffled-{among}s-by-{by}")
            if run is not None:
                subject = f"With labels dealt at random to {among}s, split by {by}, made-up classes"
                found.append(_against_chance(run, "Chance", subject))
    return found


def elsewhere(trials: Runs) -> list[Found]:
    """How much of the result is left on images of another set."""
    own = trials.get("by-source")
    found = []
    for run in trials.values():
        other = run.facts["config"]["elsewhere"]
        if other and own is not None:
            less = _surely(run)[1] < _surely(own)[0]
            words = "less of it holds" if less else "it holds"
            sentence = f"Trained on all of {run.facts['config']['set']} and scored on {other}, {words}"
            found.append(_rated(run, "Elsewhere", sentence, less))
    return found


def spread(trials: Runs) -> list[Found]:
    """How much of the spread between repetitions comes from what."""
    run = trials.get(SPREAD)
    if run is None:
        return []
    found = components(cells(run.history), tuple(LEVELS))
    parts = []
    for name, part in found.items():
        interval = f"{100 * part.low:.1f} to {100 * part.high:.1f}"
        parts.append(f"{name} {100 * part.sd:.1f} ({interval})")
    largest = max(found, key=lambda name: found[name].share)
    sentence = (
        f"{100 * found[largest].share:.0f}% of the variance between repetitions comes from one thing: "
        f"{largest} (standard deviations in points)"
    )
    return [_found(run, "Spread", sentence, ", ".join(parts), False)]


def cells(history: Sequence[Mapping]) -> np.ndarray:
    """The accuracies of a factorial, an axis for each factor."""
    values = np.full(tuple(LEVELS.values()), np.nan)
    for line in history:
        values[tuple(int(line[name]) for name in LEVELS)] = line["accuracy"]
    return values


def calibrated(trials: Runs) -> list[Found]:
    """Whether probabilities are as often right as they say, before and after temperature scaling."""
    run = trials.get("by-source")
    if run is None or not len(run.of("validation").true):
        return []
    before = calibration(run.of("test"))
    temperature, after = scaled(run.of("test"), run.of("validation"))
    then = calibration(after)
    sentence = f"Of its probabilities: {before.verdict}; at temperature {temperature:.1f}: {then.verdict}"
    number = f"error {100 * before.corrected:.1f}%, then {100 * then.corrected:.1f}%"
    return [_found(run, "Calibration", sentence, number, before.verdict != CALIBRATED)]
