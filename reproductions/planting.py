"""Trials on look-alikes: faults that are planted must be found, and sound look-alikes must pass."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from data_builders import phantom
from data_builders.blinding import blinded
from data_builders.trial_sets import Sample, TrialSet, sample
from reproductions import trials
from shared.base.text import text_table
from shared.comparison import Predictions, Run, read_run, write_run
from shared.training.stages import Stages
from shared.trust import trial as known
from shared.trust.calibration import CALIBRATED, calibration, tempered
from shared.trust.found import Found, findings
from shared.trust.spread import components
from shared.trust.trial import Trial

PER_CLASS, SIDE = 90, 64
MANY = 6
"""Images of a patient, where patients have several."""
ALIKE = 0.8
"""How much of a patient's images is the same."""
IMAGES = 400
"""Of the predictions that are made by hand."""
MARK = 5
"""Pixels of the mark's side."""
FROZEN = trials.Frozen("resnet50", SIDE, None, "random")
HEAD = ("Look-alike", "Question", "Must be", "Is", "Number (95%)", "")


@dataclasses.dataclass(frozen=True)
class LookAlike:
    """A synthetic set, with a fault or without."""

    name: str
    asks: tuple[tuple[str, bool], ...]
    """(trial, whether it must find a fault)."""
    copies: int = 1
    """How many images of a class are alike, as those of one patient are."""
    shuffled: bool = False
    """Whether its labels say nothing of the pictures."""
    dealt: bool = False
    """Whether its labels are dealt to patients at random."""
    marked: bool = False
    """Whether one class has a mark in a corner."""


SOUND, YARDSTICK, ELSEWHERE = "as it should be", "by-source", "elsewhere"
LOOK_ALIKES = (
    LookAlike(SOUND, (("by-image", False), ("shuffled-sources-by-image", False))),
    LookAlike("several images of each patient", (("shuffled-sources-by-image", True),), copies=MANY),
    LookAlike("labels of patients, not of pictures", (("by-image", True),), copies=MANY, dealt=True),
    LookAlike("labels that say nothing", (("only-border", False), ("shown-border", False)), shuffled=True),
    LookAlike("a mark in a corner", (("only-border", True),), shuffled=True, marked=True),
    LookAlike("the same signs elsewhere", ((ELSEWHERE, False),)),
    LookAlike("no such signs elsewhere", ((ELSEWHERE, True),), shuffled=True),
)


@dataclasses.dataclass(frozen=True)
class Changed(Sample):
    """A sample of which the pictures are changed, in whatever way they are seen."""

    look: LookAlike

    def pixels(self, side: int, cache_dir: Path, way: str = "") -> np.ndarray:
        pixels = super().pixels(side, cache_dir).astype(float)
        if self.look.copies > 1:
            _, first, of = np.unique(self.sources, return_index=True, return_inverse=True)
            pixels = ALIKE * pixels[first[of]] + (1 - ALIKE) * pixels
        if self.look.marked:
            pixels[self.labels == 0, :MARK, :MARK] = 255
        pixels = pixels.astype("uint8")
        return np.stack([blinded(image, way) for image in pixels]) if way else pixels


def firsts(labels: np.ndarray, copies: int) -> np.ndarray:
    """Per image the first of the images of its class that are alike."""
    place = np.zeros(len(labels), int)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        place[members] = members[np.arange(len(members)) // copies * copies]
    return place


def features_of(look: LookAlike, about: TrialSet, out: Path, number: int) -> trials.Features:
    """The look-alike's features, made once."""
    folder = out / look.name.replace(" ", "-")
    for dataset in about.datasets:
        if not (folder / "data" / dataset).exists():
            size = {"per_class": PER_CLASS, "patients": PER_CLASS, "side": SIDE}
            phantom.write(dataset, folder / "data", **size, seed=number, shuffled=look.shuffled)
    drawn = sample(about, folder / "data", folder / "cache", PER_CLASS, 0)
    changed = Changed(drawn.about, drawn.tables, drawn.labels, drawn.sources, look)
    if look.copies > 1:
        changed = dataclasses.replace(changed, sources=drawn.names[firsts(drawn.labels, look.copies)])
    if look.dealt:
        labels = trials.shuffled(drawn.labels, changed.sources, "source", 0)
        changed = dataclasses.replace(changed, labels=labels)
    return trials.Features(changed, FROZEN, folder / "cache", Stages(folder / "cache" / "stages"))


def run_look_alikes(about: TrialSet, out: Path) -> Iterator[tuple[LookAlike, bool, Found]]:
    """(look-alike, whether a fault must be found, what was found) for each question."""
    by_name = {one.name: one for one in known.trials(about.modality)}
    sound = features_of(LOOK_ALIKES[0], about, out, 0)
    for number, look in enumerate(LOOK_ALIKES):
        own = features_of(look, about, out, number)
        for name, fault in look.asks:
            if name == ELSEWHERE:
                trial, learnt, place = Trial(name, elsewhere=look.name), sound, SOUND
            else:
                trial, learnt, place = by_name[name], own, look.name
            asked = [(one, draw) for one in (by_name[YARDSTICK], trial) for draw in range(one.draws)]
            runs = [_run(one, draw, learnt, {look.name: own}, out, place) for one, draw in asked]
            yield look, fault, next(one for one in findings(runs) if one.trial == name)


def _run(trial: Trial, draw: int, own: trials.Features, others: dict, out: Path, name: str) -> Run:
    about = own.sample.about
    row = f"{about.name}.{trial.name}"
    folder = out / name.replace(" ", "-") / known.NAME / row / f"draw-{draw}"
    facts = {
        "paper": known.NAME, "row": row, "draw": draw, "scale": "demo", "seed": 0,
        "config": {"set": name, **dataclasses.asdict(trial)}, "command": "",
    }  # fmt: skip
    write_run(folder, trials.run(trial, own, others, draw), facts)
    return read_run(folder)


def planted(about: TrialSet, out: Path) -> tuple[bool, str]:
    """Whether all is found that is planted, and nothing else; and the table that says so."""
    answers = [
        (look.name, found.question, fault, found.fault, found.number)
        for look, fault, found in run_look_alikes(about, out)
    ]
    answers += by_hand()
    words = {True: "a fault", False: "none"}
    lines = [
        (f"DEMO {name}", question, words[fault], words[told], number, "✓" if fault == told else "✗")
        for name, question, fault, told, number in answers
    ]
    return all(fault == told for _, _, fault, told, _ in answers), text_table(HEAD, lines)


def by_hand() -> Iterator[tuple[str, str, bool, bool, str]]:
    """(look-alike, question, whether a fault must be found, whether one was, number) of numbers made here."""
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet((1.0, 1.0), IMAGES)
    true = (rng.random(IMAGES) < probabilities[:, 1]).astype(int)
    names = [f"{number}" for number in range(IMAGES)]
    honest = Predictions(("a", "b"), ["test"] * IMAGES, names, [""] * IMAGES, true, probabilities)
    boastful = dataclasses.replace(honest, probabilities=tempered(probabilities, 0.1))
    for name, predictions, fault in (
        ("as right as they say", honest, False),
        ("ten times as sure", boastful, True),
    ):
        found = calibration(predictions)
        yield name, "Calibration", fault, found.verdict != CALIBRATED, f"error {100 * found.corrected:.1f}%"
    noise = rng.normal(0.8, 0.01, tuple(known.LEVELS.values()))
    weights = noise + np.array([-0.05, 0.0, 0.05])[:, None, None]
    for name, values, fault in (("chance alone", noise, False), ("initial weights matter", weights, True)):
        parts = components(values, tuple(known.LEVELS))
        told = [factor for factor in known.LEVELS if parts[factor].low > 0]
        yield name, "Spread", fault, "weights" in told, ", ".join(told) or "none"


def set_of(datasets: Sequence[str], sets: Sequence[TrialSet]) -> TrialSet | None:
    """The first set that is made of these datasets alone."""
    return next((one for one in sets if set(one.datasets) <= set(datasets)), None)
