"""A run's trained model as files: its weights, and some held-out images as its last layer reads them."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from shared.base.errors import UserError

WEIGHTS, HELD_OUT = "model.weights.h5", "held-out.npy"
MOST = 500
"""Held-out images whose features are kept: more would tell no more of what is far from them."""

Files = Mapping[str, Callable[[Path], object]]


def kept(save: Callable[[Path], object], held_out: Callable[[], np.ndarray]) -> Files:
    """The files of a run's model: its weights by `save`, and the features that `held_out` gives."""
    return {WEIGHTS: save, HELD_OUT: lambda path: np.save(path, held_out().astype("float32"))}


def kept_in(stage: Path, held_out: Callable[[], np.ndarray]) -> Files:
    """The same of a model whose weights a stage has; one that was made before models were kept has none."""
    file = stage / WEIGHTS
    return kept(functools.partial(shutil.copyfile, file), held_out) if file.is_file() else {}


def spread(count: int) -> np.ndarray:
    """The places of so many held-out images whose features are kept, spread evenly: classes lie in blocks."""
    return np.linspace(0, count - 1, min(count, MOST)).round().astype(int)


def restored(model: keras.Model, folder: Path) -> keras.Model:
    """The model with the weights of a run folder."""
    path = folder / WEIGHTS
    try:
        model.load_weights(path)
    except (ValueError, OSError, KeyError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"{path} does not fit the row's model ({reason}): run the draw again") from error
    return model


def outside(step: Callable[[Any], Any]) -> Callable[[np.ndarray], np.ndarray]:
    """A pipeline's last step, for a batch of images that comes from no pipeline."""
    return lambda pixels: np.asarray(step(np.asarray(pixels, "float32")))


def activations(model: keras.Model) -> keras.Model:
    """The values that the last layer with weights reads, also where a nested model holds that layer."""
    tensor = model.outputs[0]
    while True:
        operation, node, _ = tensor._keras_history
        tensor = operation._inbound_nodes[node].input_tensors[0]
        if isinstance(operation, keras.Model):
            return keras.Model(model.input, activations(operation)(tensor))
        if getattr(operation, "weights", ()):
            return keras.Model(model.input, tensor)


def features(reads: keras.Model, batches: Iterable[Any]) -> np.ndarray:
    """One line per image. Not traced: that would take longer than a few batches do."""
    return np.concatenate([flat(np.asarray(reads(batch, training=False), "float32")) for batch in batches])


def flat(values: np.ndarray) -> np.ndarray:
    """One line of numbers per image."""
    return values.reshape(len(values), -1)
