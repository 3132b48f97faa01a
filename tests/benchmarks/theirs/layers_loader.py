"""An epoch of cached pixels through three layers in tf.data: `layers_loader.py keras|keras_cv PIXELS.npy`."""

import importlib
import sys

import numpy as np
import tensorflow as tf
from served import seconds, serve

BATCH = 32


def batches(module, pixels):
    """Each layer sees whole batches, as its documentation advises."""
    stack = [
        module.RandomFlip("horizontal", dtype="float32"),
        module.RandomRotation(25 / 360, fill_mode="constant", dtype="float32"),
        module.RandomZoom((-0.2, 0.2), fill_mode="constant", dtype="float32"),
    ]

    def change(images, labels):
        images = tf.cast(images, tf.float32)
        for layer in stack:
            images = layer(images, training=True)
        return images / 255, labels

    found = tf.data.Dataset.from_tensor_slices((pixels, np.arange(len(pixels)) % 2))
    return found.shuffle(len(pixels)).batch(BATCH).map(change, tf.data.AUTOTUNE).prefetch(2)


def main(name, path):
    """Serves epochs."""
    epochs = batches(importlib.import_module(f"{name}.layers"), np.load(path))
    serve(lambda: seconds(lambda: [None for _ in epochs]))


main(*sys.argv[1:])
