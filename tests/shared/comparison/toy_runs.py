"""Runs of a toy paper on disk, and numbers that it may have printed."""

import dataclasses

import numpy as np

from shared.comparison import Predictions, Reported, compare, find_runs, folder_name, write_run

CLASSES = ("non-COVID", "COVID")
OTHER_DATA = {"a collection": {"use": "drawn", "part": {"images": 305, "published": 500}}}


def predictions(right=80, n=100, patients=False, seed=0, **extra):
    """n images of which `right` are decided right, alternately of each class."""
    true = np.arange(n) % 2
    wrong = np.random.default_rng(seed).permutation(n) >= right
    decided = np.where(wrong, 1 - true, true)
    probabilities = np.where(np.eye(2)[decided] > 0, 0.9, 0.1).astype(np.float32)
    names = [f"Covid, ({i}).png" for i in range(n)]
    owners = [f"p{i // 4}" for i in range(n)] if patients else [""] * n
    return Predictions(CLASSES, ["test"] * n, names, owners, true, probabilities, **extra)


def facts(row="a", draw=0, scale="paper", **extra):
    return {"paper": "someone", "row": row, "draw": draw, "scale": scale, **extra}


def put(out, rights, row="a", scale="paper", patients=False, n=100, **extra):
    """Runs of one row, one draw per number of images decided right."""
    base = out / "demo" if scale == "demo" else out
    for draw, right in enumerate(rights):
        place = folder_name(
            row, extra.get("overrides", {}), extra.get("seed", 0), "auto", bool(extra.get("fast"))
        )
        folder = base / "someone" / place / f"draw-{draw}"
        write_run(folder, predictions(right, n, patients, draw), facts(row, draw, scale, **extra))
    return find_runs(out)[0]


def reported(value="80.0", row="a", **changes):
    decimals = len(value.partition(".")[2])
    blank = Reported(
        *("Table 1", row, "A", "", "test", "accuracy", "=", value, "", "%", decimals),
        *("table", "paper", "mean", "", ""),
    )
    return dataclasses.replace(blank, **{"runs": 1, "design": "own", "setup_place": "section 3", **changes})


def verdict(r, runs):
    return compare([r], runs)[0].verdict
