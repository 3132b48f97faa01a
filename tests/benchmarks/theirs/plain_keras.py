"""Training steps of keras.applications with `fit`: `plain_keras.py NAME BATCH STEPS`; 0 steps: the first."""

import sys

import keras
import numpy as np
from served import seconds, serve


def compiled(name):
    """A network as published, with an output layer for two classes."""
    base = getattr(keras.applications, name)(
        weights=None, include_top=False, pooling="avg", input_shape=(224, 224, 3)
    )
    output = keras.layers.Dense(2, activation="softmax")(base.output)
    model = keras.Model(base.input, output)
    model.compile(keras.optimizers.Adam(1e-4), "categorical_crossentropy", metrics=["accuracy"])
    return model


def main(name, batch, steps):
    """Serves rounds of so many steps."""
    batch, steps = int(batch), int(steps)
    n = batch * max(steps, 1)
    images = np.random.default_rng(0).random((n, 224, 224, 3), "float32")
    labels = np.eye(2, dtype="float32")[np.arange(n) % 2]
    if not steps:
        serve(lambda: seconds(lambda: compiled(name).fit(images, labels, batch_size=batch, verbose=0)))
    model = compiled(name)
    serve(lambda: seconds(lambda: model.fit(images, labels, batch_size=batch, verbose=0)))


main(*sys.argv[1:])
