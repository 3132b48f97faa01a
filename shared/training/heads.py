"""A small head on the features of a frozen network: trained within a second, each of its seeds apart."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from shared.training import fitting

HIDDEN, EPOCHS, BATCH, RATE = 64, 20, 32, 1e-3


def head(features: int, classes: int) -> keras.Model:
    """One hidden layer."""
    layers = [
        keras.layers.Input((features,)),
        keras.layers.Dense(HIDDEN, activation="relu"),
        keras.layers.Dense(classes, activation="softmax"),
    ]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(RATE), "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return model


def answers(
    model: keras.Model,
    features: np.ndarray,
    labels: np.ndarray,
    asked: Sequence[np.ndarray],
    *,
    weights: int = 0,
    order: int = 0,
) -> list[np.ndarray]:
    """The probabilities for each array of asked features, of the head trained on these.

    `weights` is the seed of the initial weights, `order` that of the order of images; features are scaled by
    the mean and spread of those that it is trained on.
    """
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    _start(model, weights)
    inputs, steps = (features - middle) / spread, np.random.default_rng(order)
    for _ in range(EPOCHS):
        for rows in _batches(steps.permutation(len(labels))):
            model.train_on_batch(inputs[rows], labels[rows])
    return [np.asarray(model((given - middle) / spread, training=False)) for given in asked]


def _start(model: keras.Model, seed: int) -> None:
    fitting.seed_initialisers(seed)
    fitting.reset(model, keras.models.clone_model(model).get_weights())


def _batches(order: np.ndarray) -> list[np.ndarray]:
    """Of one size, so that the step is traced once; the last images of an epoch sit it out."""
    size = min(BATCH, len(order))
    return [order[start : start + size] for start in range(0, len(order) - size + 1, size)]
