"""Tables of known truth: how often a row is judged rightly whose spread is pooled with that of others.

Every row of a table is what the paper ran and what we run, without any difference between the two. The paper
prints a share of the spread that its runs had.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import numpy as np

from shared.comparison.prediction import OWN, images_of_share, predict, spread_of
from shared.comparison.rule import CLOSE, NOT_REPRODUCED, REPRODUCED, verdicts
from shared.comparison.setup import Known, sides
from shared.comparison.tables import Obtained, Reported

IMAGES, RUNS, TIMES = 248, 5, 1000
"""Test images, printed runs, repetitions."""
DRAWS = (1, 2, 3, 5)
RATES = (0.9, 0.85, 0.8, 0.75)


@dataclasses.dataclass(frozen=True)
class Table:
    """What a table is like; its first row is judged."""

    name: str
    training: tuple[float, ...]
    """How much training alone lets each row's draws vary (standard deviations)."""
    printed: float | None = 1.0
    """What part of its runs' spread the paper prints; None where it prints none."""


TABLES = (
    Table("one row, its ± true", (0.03,)),
    Table("four rows that vary alike, their ± true", (0.03,) * 4),
    Table("four rows that vary alike, no ±", (0.03,) * 4, None),
    Table(
        "four rows, the judged one's training varies four times as much, their ± true", (0.04, *[0.01] * 3)
    ),
    Table("one row, its ± a fifth of the truth", (0.03,), 0.2),
    Table("four rows that vary alike, their ± a fifth of the truth", (0.03,) * 4, 0.2),
)


class _TestSet:
    """The paper's, which is as large as that of each of our draws."""

    counts = MappingProxyType({"a": IMAGES // 2, "b": IMAGES - IMAGES // 2})
    folds = 1

    def covers(self, row: str) -> bool:
        return True


def shares(table: Table, draws: int, times: int = TIMES) -> tuple[float, float]:
    """How often the first row is called different, and how often REPRODUCED."""
    rng = np.random.default_rng([*table.name.encode(), draws])
    found = np.array([str(verdicts(predict(*_judged(table, draws, rng)))) for _ in range(times)])
    return float(np.isin(found, (CLOSE, NOT_REPRODUCED)).mean()), float((found == REPRODUCED).mean())


def lines() -> Iterator[tuple[str, ...]]:
    """A line for each table: called different / REPRODUCED in per cent, for each number of draws."""
    for table in TABLES:
        each = (shares(table, draws) for draws in DRAWS)
        yield table.name, *(f"{100 * different:.0f} / {100 * same:.0f}" for different, same in each)


def _judged(table: Table, draws: int, rng: np.random.Generator) -> tuple:
    known = [
        _row(str(number), rate, training, table.printed, draws, rng)
        for number, (rate, training) in enumerate(zip(RATES, table.training, strict=False))
    ]
    printed, ours, _ = sides(known[0], known, (_TestSet(),))
    return printed, ours


def _row(
    row: str, rate: float, training: float, part: float | None, draws: int, rng: np.random.Generator
) -> Known:
    theirs, ours = (_accuracies(rate, training, count, rng) for count in (RUNS, draws))
    spread = "" if part is None else f"{100 * part * theirs.std(ddof=1):.2f}"
    asked: dict[str, Any] = {
        "class_name": "",
        "split": "test",
        "metric": "accuracy",
        "take": "mean",
        "row": row,
    }
    reported = Reported(
        **asked,
        place="Table 1",
        label=row,
        operator="=",
        value=f"{100 * theirs.mean():.2f}",
        spread=spread,
        unit="%",
        decimals=2,
        source="",
        by="paper",
        unstated="",
        note="",
        runs=RUNS,
        design=OWN,
    )
    mean = float(ours.mean())
    images = images_of_share(mean, IMAGES)
    obtained = Obtained(
        **asked,
        draw_count=draws,
        value=mean,
        std=0.0,
        low=0.0,
        high=1.0,
        n=IMAGES,
        unit="fraction",
        spread=spread_of(ours),
        images=images,
    )
    return Known(reported, obtained)


def _accuracies(rate: float, training: float, count: int, rng: np.random.Generator) -> np.ndarray:
    """Of trainings that differ, each on test images of its own."""
    return rng.binomial(IMAGES, np.clip(rng.normal(rate, training, count), 0, 1)) / IMAGES
