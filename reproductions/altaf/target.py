"""Section 3, target model: the whole network is fine-tuned on a draw's CT images."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from data_builders.pipeline import eval_batches, repeat_grey, rescale, train_batches
from reproductions.altaf import data
from reproductions.altaf.config import Row
from reproductions.altaf.intermediate import intermediate_model
from reproductions.altaf.keys import weights_of
from reproductions.altaf.model import (
    LOSS,
    OUTPUT,
    Network,
    build,
    features,
    load_body,
    network_of,
    renew_output,
)
from shared.paper import Context
from shared.training import averages, fitting, optimizers
from shared.training.backbones import BACKBONES
from shared.training.runtime import Runtime
from shared.training.traced import one_at_a_time
from shared.training.trained import WEIGHTS, restored

ACTIVATIONS = "activations.npz"


def train_target(
    row: Row, draw: int, images: data.Images, train: np.ndarray, context: Context, work: Path
) -> None:
    """Fine-tunes the whole model and keeps the activations and probabilities of every image."""
    seed = target_seed(draw, context)
    ready = start(row, seed, context)
    history = fitting.fit(
        ready.model,
        functools.partial(batches, row, images, train, seed),
        epochs=row.epochs,
        seed=seed,
        folder=work / "checkpoints",
        title=title(row, draw),
    )
    facts = {
        **fitting.sizes(ready.model),
        "epochs": len(history),
        "image_steps": len(train) * len(history),
    }
    keep(row, ready, images, {"history": history, "facts": facts}, work)


def retake_averages(
    row: Row, draw: int, images: data.Images, train: np.ndarray, context: Context, stage: Path, work: Path
) -> None:
    """Deviation 14: the model of a trained stage, with batch norm's averages over one epoch more."""
    ready = compiled(row, context)
    restored(ready.model, stage)
    one_more = batches(row, images, train, target_seed(draw, context), row.epochs)
    averages.retake(ready.model, one_more, f"batch norm's averages, {title(row, draw)}")
    _, note = fitting.load_arrays(stage / ACTIVATIONS, with_note=True)
    keep(row, ready, images, note, work)


def target_seed(draw: int, context: Context) -> int:
    """The seed of a draw's order of images, augmentation and output layer."""
    return context.seed + 1000 * (draw + 1)


def batches(row: Row, images: data.Images, train: np.ndarray, seed: int, epoch: int):
    """One epoch of the target training."""
    return train_batches(
        images.pixels,
        images.labels,
        classes=len(data.CLASSES),
        batch=row.batch,
        seed=seed,
        epoch=epoch,
        augment=data.target_augmentation(row),
        finish=intensity(row),
        rows=train,
    )


def keep(row: Row, ready: Ready, images: data.Images, note: dict, work: Path) -> None:
    """Writes the activations and probabilities of every image, what the training said, and the weights."""
    shown = eval_batches(images.pixels, batch=row.batch, finish=intensity(row))
    activations = fitting.predict(ready.features, shown, title="activations")
    probabilities = np.asarray(ready.model.get_layer(OUTPUT)(activations))
    fitting.save_arrays(work / ACTIVATIONS, [activations, probabilities], json.dumps(note))
    ready.model.save_weights(work / WEIGHTS)


@dataclass(frozen=True)
class Ready:
    """A compiled target model, its activations before the logits, and the weights it was built with."""

    model: keras.Model
    features: keras.Model
    start: list


def start(row: Row, seed: int, context: Context) -> Ready:
    """The model before its first step: the source's or the intermediate weights, and a new output layer."""
    ready = compiled(row, context)
    fitting.reset(ready.model, ready.start)
    if row.boosted:
        load_body(ready.model, intermediate_model(row, context))
    renew_output(ready.model, seed)
    return ready


def compiled(row: Row, context: Context) -> Ready:
    """The row's model, with whatever weights its last training left."""
    network = network_of(row, len(data.CLASSES))
    return target_model(network, weights_of(row, context), *rates(row), context.runtime)


@one_at_a_time
def target_model(
    network: Network, weights: Path | None, rate: float, output_rate: float, runtime: Runtime
) -> Ready:
    """Traced once for all draws, methods and datasets that share it."""
    fitting.seed_initialisers(0)
    model = build(network, weights)
    optimizer = optimizers.Adam(rate, layer_rates={OUTPUT: output_rate})
    fitting.compile_model(model, optimizer, LOSS, runtime)
    return Ready(model, features(model), model.get_weights())


def rates(row: Row) -> tuple[float, float]:
    """The learning rate, and the output layer's multiple of it."""
    return row.rate, row.output_rate


@functools.cache
def intensity(row: Row) -> Callable:
    """Deviation 3: grey / 255 for the boosted models, the backbone's own preprocessing for the plain one.

    One function for all epochs, so that it is traced once.
    """
    if row.boosted:
        return rescale
    return lambda images: BACKBONES[row.backbone].preprocess(repeat_grey(images))


def title(row: Row, draw: int) -> str:
    """A training's name in the log: boosted-aug and combined are one training."""
    method = "boosted-aug" if row.augmented else row.method
    return f"{row.dataset} {row.backbone} {method}, draw {draw}"
