"""What the log of Altaf's trainings shows of views, first steps and where weights are from."""

from __future__ import annotations

import numpy as np
import probe
from probe_marks import FIRST, LEVELS, STEP

KERNEL = "probe_conv/kernel"


def view(one: probe.Pass) -> str:
    """Whether the outer edge of an image's ring is in sight; turning and flipping do not move it."""
    grey, seen = probe.UNIT.grey(one.inputs), one.numbers(probe.UNIT)
    half = (grey.shape[1] - 1) / 2
    near, far, middle = (round(half * (1 + shift)) for shift in (-0.95, 0.95, 0))
    edges = np.stack(
        [grey[:, middle, near], grey[:, middle, far], grey[:, near, middle], grey[:, far, middle]]
    )
    ring = FIRST + STEP * (seen // LEVELS)
    share = np.mean(np.abs(edges - ring) < 4)
    assert share < 0.2 or share > 0.9, share
    return "the centre" if share > 0.9 else "whole"


def first_step(training: probe.Training) -> str:
    """How far Adam's first step moves the output layer: its rate, if its moments are new."""
    return f"{training.epochs[0].steps[0]['output/bias']:.2g}"


def came_from(training: probe.Training, scene, log) -> str:
    """Where the weights before the first step are from."""
    start, before = training.start, log.trainings[: log.trainings.index(training)]
    if np.array_equal(start[KERNEL], scene.published(gain=2.0)) and len(before) < 2:
        return "ImageNet's file"
    own = [path for path in start if not path.startswith("output/")]
    ended = [t for t in before if all(np.array_equal(t.end.get(p), start[p]) for p in own)]
    new = not any(np.array_equal(t.end["output/kernel"], start["output/kernel"]) for t in ended)
    return f"{ended[-1].title.split(' on ')[-1]}{', new output layer' * new}"
