"""How well a row tells the classes of images that show little or nothing of the disease."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from shared.comparison import Run, interval_over_draws

FIELD = "blind"
"""The field of a row that says how its images are seen; '' is as they are."""


@dataclasses.dataclass(frozen=True)
class Sight:
    """The draws of a row on images that are seen in one way, beside the row's own."""

    row: str
    demo: bool
    others: str
    """What else was set by hand, alike in both."""
    way: str
    draws: int
    accuracy: float
    low: float
    high: float
    largest: float
    """The share of the test images in their largest class: as right as one is without looking."""
    as_they_are: float
    """The row's accuracy on the images as they are; NaN where that has not run."""

    @property
    def told(self) -> bool:
        """Whether even the low end of the interval beats always naming the largest class."""
        return self.low > self.largest


def sights(runs: Sequence[Run]) -> list[Sight]:
    """One for each row and way of which there are draws."""
    groups: dict[tuple[str, bool, str], dict[str, list[Run]]] = {}
    for run in runs:
        if len(run.of("test").true):
            others = " ".join(text for text in run.overrides if not text.startswith(f"{FIELD}="))
            seen = groups.setdefault((run.row, run.demo, others), {})
            seen.setdefault(run.by_hand.get(FIELD, ""), []).append(run)
    return [
        _sight(*key, way, seen[way], seen.get("", ())) for key, seen in groups.items() for way in seen if way
    ]


def _sight(row: str, demo: bool, others: str, way: str, blind: Sequence[Run], own: Sequence[Run]) -> Sight:
    low, high = interval_over_draws(blind, "accuracy")
    true = blind[0].of("test").true
    return Sight(
        *(row, demo, others, way, len(blind)),
        _mean(blind),
        low,
        high,
        float(np.bincount(true).max() / len(true)),
        _mean(own),
    )


def _mean(runs: Sequence[Run]) -> float:
    return float(np.mean([run.metric("accuracy") for run in runs])) if runs else float("nan")
