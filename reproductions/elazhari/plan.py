"""The needs of a row and the amount of work, before anything starts."""

from __future__ import annotations

import functools
from dataclasses import asdict

from data_builders.sources import wanted
from reproductions.elazhari import data
from reproductions.elazhari.config import Row, features_key
from reproductions.elazhari.model import build, compiled
from shared.paper import Need, Work, imagenet_weights


def needs(row: Row) -> tuple[Need, ...]:
    """The row's images, and ImageNet weights where its base starts from them."""
    facts = functools.partial(data.facts, row)
    images = Need(row.dataset, lambda data_dir, _: data.missing(row, data_dir), facts, wanted(row.dataset))
    return (images, imagenet_weights(row.model)) if row.weights == "imagenet" else (images,)


def work(row: Row) -> tuple[Work, ...]:
    """The row's training, up to its last allowed epoch; before it the features of the pool, if stored."""
    epoch = round(row.pool * (1 - row.validation_fraction - row.test_fraction))
    kind = f"{row.model} {'frozen' if row.frozen else 'trained'} {row.side}"
    training_work = Work(
        f"training, at most {row.max_epochs} epochs",
        asdict(row),
        epoch * row.max_epochs * row.draws,
        lambda runtime: compiled(row, runtime).trained,
        row.batch,
        speed=kind,
        epoch=epoch,
        at_most=True,
    )
    if not (row.frozen and row.store_features):
        return (training_work,)
    features = Work(
        "features of the pool",
        features_key(row) | {"augmented": True},
        row.pool,
        lambda runtime: build(row).base,
        row.batch,
        train=False,
        stage="features",
        speed=f"{kind} base",
    )
    return features, training_work
