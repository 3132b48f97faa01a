"""The averages by which batch norm normalises once a training has ended."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras
import numpy as np

from shared.base import screen


def norms(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    """Every batch norm of a model, those of nested models too."""
    return [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]


def retake(model: keras.Model, batches, title: str) -> None:
    """Puts mean and variance over all these images, with the weights as they are, in the averages' place.

    Keras' moving averages are of the last batches of a training, and of weights that have moved since.
    """
    layers = norms(model)
    in_training = InTraining(model)
    in_training.compile(jit_compile=model.jit_compile)
    sums = [np.zeros((2, *layer.moving_mean.shape)) for layer in layers]
    count = 0
    with _of_the_batch(layers):
        for images, *_ in screen.over(batches, title, len(batches)):
            in_training.predict_on_batch(images)
            count += len(images)
            for total, layer in zip(sums, layers, strict=True):
                mean, variance = np.array([layer.moving_mean, layer.moving_variance], "float64")
                total += len(images) * np.array([mean, variance + mean**2])
    for (mean, square), layer in zip((total / count for total in sums), layers, strict=True):
        layer.moving_mean.assign(mean)
        layer.moving_variance.assign(square - mean**2)


class InTraining(keras.Model):
    """Predicts as a training step does; traced, as Keras' predictions are: half the time of a plain call."""

    def __init__(self, model: keras.Model):
        super().__init__()
        self.model = model

    def call(self, images):
        return self.model(images, training=True)


@contextlib.contextmanager
def _of_the_batch(layers: list[keras.layers.BatchNormalization]) -> Iterator[None]:
    """The averages that a layer keeps are those of the last batch alone."""
    before = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = 0.0
    try:
        yield
    finally:
        for layer, momentum in zip(layers, before, strict=True):
            layer.momentum = momentum
