"""Runs in memory with predictions of known calibration, for the tests of trust."""

from pathlib import Path

import numpy as np

from shared.comparison import Predictions, Run

CLASSES = ("Normal", "COVID")


def predictions(n=2000, too_sure=1.0, rolled=False, seed=0, split="test", validation=0, patients=False):
    """Of a model that is calibrated; `too_sure` sharpens its probabilities, `rolled` moves every label."""
    rng = np.random.default_rng(seed)
    total = n + validation
    of_covid = rng.beta(1.5, 1.5, total)
    true = (rng.random(total) < of_covid).astype(int)
    if rolled:
        true = 1 - true
    odds = (of_covid / (1 - of_covid)) ** too_sure
    shown = odds / (1 + odds)
    return Predictions(
        CLASSES,
        [split] * n + ["validation"] * validation,
        [f"{k}.png" for k in range(total)],
        [f"p{k // 10}" if patients else "" for k in range(total)],
        true,
        np.stack([1 - shown, shown], axis=1),
    )


def run(found, row="net", draw=0, scale="paper"):
    """A run of one draw."""
    return Run(Path(row), {"paper": "toy", "row": row, "draw": draw, "scale": scale}, found)


def decided(right, names=None, patient=None, seed=0):
    """Predictions of which these are right: one entry per image."""
    right = np.asarray(right, bool)
    n = len(right)
    true = np.arange(n) % 2
    shown = np.where(right, true, 1 - true)
    return Predictions(
        CLASSES,
        ["test"] * n,
        list(names) if names else [f"{k}.png" for k in range(n)],
        list(patient) if patient else [""] * n,
        true,
        np.where(np.eye(2)[shown] > 0, 0.9, 0.1),
    )
