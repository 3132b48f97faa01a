"""A training that stays at chance is stopped, with the remedy: days of it would not make it learn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reproductions.basu.config import Row
from shared.base.errors import NoResult

NEAR = 0.01
"""A loss within this part of that of guessing, with an accuracy no further above the largest class."""


def of_guessing(labels: np.ndarray) -> tuple[float, float]:
    """(cross-entropy, accuracy) of a network that knows the classes' shares and sees no image."""
    shares = np.unique(labels, return_counts=True)[1] / len(labels)
    return float(-(shares * np.log(shares)).sum()), float(shares.max())


def stop_at_chance(row: Row, labels: np.ndarray) -> Callable[[int, dict], None]:
    """Asked after each epoch: refuses to go on where so many steps have taught nothing."""
    loss, accuracy = of_guessing(labels)
    steps_per_epoch = -(-len(labels) // row.batch)

    def after_epoch(epoch: int, logs: dict) -> None:
        steps = (epoch + 1) * steps_per_epoch
        learns = logs["loss"] < (1 - NEAR) * loss or logs["accuracy"] > accuracy + NEAR
        if row.chance_steps and steps >= row.chance_steps and not learns:
            raise NoResult(
                f"{row.id}: {row.network} still guesses after {steps:,} steps (loss {logs['loss']:.3f}, that "
                f"of guessing is {loss:.3f}); --set warmup_epochs=5 raises the rate slowly, but a run with a "
                "field set by hand gets no verdict (deviation 3); --set chance_steps=0 trains on as it is"
            )

    return after_epoch
