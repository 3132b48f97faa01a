"""The demo's control: the pipeline must learn what is there, and nothing where nothing is.

A paper names the rows that prove its pipeline (`PAPER.control_rows`). A demo runs them on look-alikes that
carry a signal, and again on look-alikes of which the labels are shuffled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shared.base.text import text_table
from shared.comparison import Run

LEAST = 0.9
"""Share of held-out look-alikes that a right pipeline gets right."""
IMAGES = 60
"""Held-out look-alikes that it takes to tell."""
CHANCE = 0.99
"""Share of right pipelines whose rows all stay in chance's interval."""
SHUFFLES = 20_000


@dataclass(frozen=True)
class Scored:
    """A row's held-out look-alikes, each once: its true class and the class decided for."""

    row: str
    true: np.ndarray
    decided: np.ndarray

    @property
    def right(self) -> float:
        """The share that is decided rightly."""
        return float(np.mean(self.true == self.decided))


def scored(row: str, runs: Sequence[Run]) -> Scored:
    """The held-out images of all draws of a row; an image that several draws scored counts once."""
    found: dict[str, tuple[int, int]] = {}
    for run in runs:
        held_out = run.predictions.of("test")
        for sample, *classes in zip(held_out.sample, held_out.true, held_out.decided, strict=True):
            found.setdefault(sample, (int(classes[0]), int(classes[1])))
    pairs = np.array(list(found.values()), int).reshape(-1, 2)
    return Scored(row, pairs[:, 0], pairs[:, 1])


def chance(found: Scored, rows: int) -> tuple[float, float]:
    """The interval that the share of right decisions keeps to, were they dealt to the images at random.

    It is wide enough for this many rows to keep to theirs together.
    """
    dealt = np.random.default_rng(0).permuted(np.tile(found.true, (SHUFFLES, 1)), axis=1)
    tail = (1 - CHANCE) / rows / 2
    shares = np.mean(dealt == found.decided, axis=1)
    low, high = np.quantile(shares, tail, method="lower"), np.quantile(shares, 1 - tail, method="higher")
    return float(low), float(high)


def judge(true: Mapping[str, Sequence[Run]], shuffled: Mapping[str, Sequence[Run]]) -> tuple[bool, str]:
    """Whether both passes are as they must be, and the lines that say so."""
    learns = _judged(true, lambda found: (LEAST, 1.0))
    finds_nothing = _judged(shuffled, lambda found: chance(found, len(shuffled)))
    text = "\n\n".join(
        [
            _told("The pipeline learns what is there", learns, "at least"),
            _told("and nothing where nothing is (shuffled labels)", finds_nothing, "chance (99%)"),
        ]
    )
    return all(ok for ok, _ in [*learns, *finds_nothing]), text


def _judged(
    passes: Mapping[str, Sequence[Run]], range_of: Callable[[Scored], tuple[float, float]]
) -> list[tuple[bool, tuple[str, ...]]]:
    """For each row whether it is in its range, and its line."""
    found: list[tuple[bool, tuple[str, ...]]] = []
    for one in (scored(row, runs) for row, runs in passes.items()):
        images = len(one.true)
        if images < IMAGES:
            found.append((False, (one.row, "–", str(images), f"at least {IMAGES} images")))
            continue
        low, high = range_of(one)
        needed = f"{low:.1%}" if high == 1 else f"{low:.1%} to {high:.1%}"
        found.append((low <= one.right <= high, (one.row, f"{one.right:.1%}", str(images), needed)))
    return found


def _told(question: str, judged: Sequence[tuple[bool, tuple[str, ...]]], needed: str) -> str:
    answer = "yes" if judged and all(ok for ok, _ in judged) else "no"
    return f"{question}: {answer}\n" + text_table(
        ("row", "right", "look-alikes held out", needed), [line for _, line in judged]
    )
