"""What augmentation costs: a fused warp, three core Keras layers, three keras-cv layers; CPU-ms per image."""

import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import keras_cv
import numpy as np
import tensorflow as tf

from data_builders.augment import Augment, augment_batch
from data_builders.pipeline import train_batches

BATCH, SIDE, ROUNDS = 32, 224, 8
AUGMENT = Augment(rotation=25, zoom=(0.8, 1.2), flip=True)


def fused(images, step):
    """Ours."""
    return augment_batch(images, AUGMENT, 0, 0, step * BATCH + tf.range(BATCH, dtype=tf.int64))


def layers(module, dtype="float32"):
    """The same three changes, one layer each."""
    stack = [
        module.RandomFlip("horizontal", dtype=dtype),
        module.RandomRotation(25 / 360, fill_mode="constant", dtype=dtype),
        module.RandomZoom((-0.2, 0.2), fill_mode="constant", dtype=dtype),
    ]

    def apply(images, step):
        images = tf.cast(images, tf.float32)
        for layer in stack:
            images = layer(images, training=True)
        return images

    return apply


def cost(change) -> tuple[float, float]:
    """(CPU-ms, wall-ms) per image inside tf.data, after one batch of warming up."""
    images = np.random.default_rng(0).integers(0, 256, (BATCH, SIDE, SIDE, 3), dtype=np.uint8)
    steps = tf.data.Dataset.range(ROUNDS + 1).map(lambda step: change(tf.constant(images), step))
    batches = iter(steps)
    next(batches)
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in batches:
        pass
    each = 1000 / (ROUNDS * BATCH)
    return (time.process_time() - cpu) * each, (time.perf_counter() - wall) * each


def throughput(**how) -> float:
    """Images per second that `train_batches` delivers from uint8 pixels in memory."""
    pixels = np.random.default_rng(0).integers(0, 256, (512, *how.pop("shape")), dtype=np.uint8)
    epochs = [
        train_batches(pixels, np.zeros(512, int), classes=3, batch=64, seed=0, epoch=epoch, **how)
        for epoch in range(2)
    ]
    for _ in epochs[0]:
        pass
    start = time.perf_counter()
    for _ in epochs[1]:
        pass
    return 512 / (time.perf_counter() - start)


def main() -> None:
    """Print both tables."""
    print(f"{'flip, rotation, zoom of ' + f'{SIDE}×{SIDE}×3':34} CPU-ms  wall-ms  per image")
    ways = {
        "one fused warp": fused,
        "three core Keras layers": layers(keras.layers),
        "three keras-cv layers": layers(keras_cv.layers),
    }
    for name, change in ways.items():
        print(f"{name:34} {'{:6.2f}  {:7.2f}'.format(*cost(change))}")
    print(f"\n{'train_batches, batches of 64':34} images/s ({os.cpu_count()} cores)")
    for name, how in {
        "224×224×1, no augmentation": {"shape": (224, 224, 1)},
        "224×224×1, all": {"shape": (224, 224, 1), "augment": AUGMENT},
        "448×448×1, all": {"shape": (448, 448, 1), "augment": AUGMENT},
        "512×512×1, flip, crop 480, mixup": {
            "shape": (512, 512, 1),
            "augment": Augment(flip=True, crop=(480, 480)),
            "mixup": 0.1,
        },
    }.items():
        print(f"{name:34} {throughput(**how):8.0f}")


if __name__ == "__main__":
    main()
