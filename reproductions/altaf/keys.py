"""The inputs of each stage: no more, so that rows share it; no less, so that none is taken for another."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from reproductions.altaf.config import Row
from shared.base.sums import file_hash
from shared.paper import Context
from shared.training.backbones import BACKBONES, find_weights

INTERMEDIATE = (
    "backbone",
    "weights",
    "head",
    "momentum",
    "source_side",
    "side",
    "batch",
    "findings_per_class",
    "intermediate_epochs",
    "intermediate_rate",
    "rate_divisor",
    "central_crop",
    "rotation",
)
"""The fields that the intermediate model depends on: the backbone, not the method or the target."""
PREDICTION_ONLY = ("id", "method", "draws", "averages", "sparsity", "ridge", "code_norm", "blind")
"""The fields that do not affect the target training; how images are seen is in their fingerprint."""


def intermediate_key(row: Row) -> dict:
    """The row's part of the intermediate model's key."""
    return {name: getattr(row, name) for name in INTERMEDIATE}


def target_key(row: Row) -> dict:
    """The row's part of the target training's key; a plain transfer sees no radiographs."""
    values = {name: value for name, value in asdict(row).items() if name not in PREDICTION_ONLY}
    if not row.boosted:
        own = set(INTERMEDIATE) - {"backbone", "weights", "head", "momentum", "source_side", "batch"}
        values = {name: value for name, value in values.items() if name not in own}
    return values | {"boosted": row.boosted, "augmented": row.augmented}


def surroundings(row: Row, context: Context) -> dict:
    """The inputs of a training besides the row and the data."""
    weights = weights_of(row, context)
    start = file_hash(weights) if weights else "random"
    return {"seed": context.seed, "precision": context.runtime.precision, "start": start}


def weights_of(row: Row, context: Context) -> Path | None:
    """The file the source model is loaded from."""
    if row.weights == "random":
        return None
    return find_weights(context.weights_dir, row.backbone, BACKBONES[row.backbone].needs_top(row.head))
