"""Stage 1: a network from scratch on Data-A, once for all rows and folds that start from it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from data_builders.catalog import Table
from data_builders.pixels import Frame, load_pixels
from reproductions.basu import data, model, recipe
from reproductions.basu.chance import stop_at_chance
from reproductions.basu.config import Row
from reproductions.basu.images import Images
from shared.paper import Context
from shared.training import fitting
from shared.training.stages import listed
from shared.training.trained import WEIGHTS

FIELDS = (
    *("network", "kernels", "side", "batch", "dropout", "learning_rate", "epochs", "warmup_epochs"),
    *("rotation", "zoom", "flip", "protocol", "normal_a", "diseased_a", "validation_a", "pneumonia_a"),
)
"""The fields of a row that its weights depend on."""
BODY, VALIDATION, FACTS = "body.weights.h5", "validation.npy", "facts.json"


def stage_one(row: Row, nih: Table, split: data.SplitA, context: Context) -> Path:
    """The folder with the weights below the last layer, the validation probabilities and the facts."""
    key = {name: getattr(row, name) for name in FIELDS} | {
        "training": nih.take(split.train).fingerprint(),
        "validation": nih.take(split.validation).fingerprint(),
        "findings": nih.take(np.concatenate([split.train, split.validation])).hash_of("findings"),
        "seed": context.seed,
        "precision": context.runtime.precision,
        **listed(context.split_list),
    }
    return context.stages.folder("data-a", key, lambda work: _train(row, nih, split, context, work))


def read_facts(folder: Path) -> dict:
    """The facts of a finished stage, its history among them."""
    return json.loads((folder / FACTS).read_text())


def _train(row: Row, nih: Table, split: data.SplitA, context: Context, work: Path) -> None:
    pixels = load_pixels(nih, Frame(row.side, row.side), context.cache_dir)
    images = Images(row, pixels, split.labels, data.CLASSES_A)
    how = recipe.from_scratch(row, len(split.train))
    network = recipe.compiled(row, len(images.classes), how, context.runtime)
    fitting.reset(network, model.initialise(network, context.seed).get_weights())
    history = fitting.fit(
        network,
        lambda epoch: images.training(split.train, context.seed, epoch),
        epochs=row.epochs,
        seed=context.seed,
        folder=work / "checkpoints",
        title=f"{row.network} on Data-A ({row.protocol})",
        validation=lambda: images.validation(split.validation),
        after_epoch=stop_at_chance(row, split.labels[split.train]),
        keep_best="val_accuracy",
    )
    np.save(work / VALIDATION, fitting.predict(network, images.ordered(split.validation)))
    model.without_head(network).save_weights(work / BODY)
    network.save_weights(work / WEIGHTS)
    facts = recipe.size(network, len(history), len(split.train)) | data.counts_a(split)
    facts["best_epoch"] = fitting.best_epoch(history, "val_accuracy") + 1
    (work / FACTS).write_text(json.dumps(facts | {"history": history}))
