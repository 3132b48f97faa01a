"""Batches of flipped, turned and zoomed images: ours from the cache of decoded pixels, against others."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from shared.training import runtime
from tests.benchmarks.lines import LINES
from tests.benchmarks.measuring import Measured, Served, Taken, other_environment, seconds, tell, versus

N, SIDE, BATCH = 1024, 224, 32
LAYERS = {"keras-cv": "keras_cv", "layers": "keras"}
EPOCHS = 10
"""A training of so many epochs pays for the one decoding of its files."""


def write_images(folder: Path, channels: int) -> np.ndarray:
    """Soft shadows and grain, as in an X-ray, in two classes; the pixels are given back."""
    rng = np.random.default_rng(0)
    pixels = np.empty((N, SIDE, SIDE, channels), np.uint8)
    for number in range(N):
        soft = cv2.resize(rng.random((8, 8)).astype("float32"), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        grey = np.clip(200 * soft + rng.normal(0, 4, soft.shape), 0, 255).astype(np.uint8)
        pixels[number] = np.repeat(grey[..., None], channels, axis=-1)
        place = folder / str(number % 2) / f"{number:04d}.png"
        place.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(place), pixels[number])
    return pixels


def decoded(folder: Path, channels: int) -> np.ndarray:
    """The files' pixels, as a run decodes them once."""
    from data_builders.pixels import decode

    return np.stack([decode(path.read_bytes(), channels) for path in sorted(folder.rglob("*.png"))])


def drained(batches) -> Taken:
    """Seconds until the last batch is there."""
    return seconds(lambda: [None for _ in batches])


def ours(pixels: np.ndarray):
    """A function that times one epoch after the other."""
    from data_builders.augment import Augment
    from data_builders.pipeline import train_batches

    change = Augment(rotation=25, zoom=(0.8, 1.2), flip=True)
    numbers = iter(range(1000))

    def epoch() -> Taken:
        words = {"classes": 2, "batch": BATCH, "seed": 0, "epoch": next(numbers), "augment": change}
        return seconds(lambda: drained(train_batches(pixels, np.arange(len(pixels)) % 2, **words)))

    return epoch


def generator(folder: Path, channels: int):
    """Keras' old loader, which reads every file in every epoch."""
    import tensorflow as tf

    made = tf.keras.preprocessing.image.ImageDataGenerator(
        rotation_range=25, zoom_range=0.2, horizontal_flip=True, rescale=1 / 255, fill_mode="constant"
    )
    mode = "grayscale" if channels == 1 else "rgb"
    batches = made.flow_from_directory(folder, (SIDE, SIDE), color_mode=mode, batch_size=BATCH)
    return lambda: drained(batches[number] for number in range(len(batches)))


def with_share(taken: Taken, share: float) -> Taken:
    """An epoch with its share of the one decoding."""
    return Taken(taken + share, taken.cpu + share)


def torch_loader(folder: Path) -> Served:
    """PyTorch's, in its own environment."""
    return Served("torch_loader", folder, python=other_environment())


def measure(key: str) -> Measured:
    """One line of the table."""
    runtime.start()
    line = next(line for line in LINES if line.key == key)
    channels = 1 if key == "generator-1" else 3
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pixels = write_images(folder, channels)
        epoch, share = ours(pixels), 0.0
        if key in LAYERS:
            np.save(folder / "pixels.npy", pixels)
            theirs = Served("layers_loader", LAYERS[key], folder / "pixels.npy")
        else:
            share = seconds(lambda: decoded(folder, channels)) / EPOCHS
            theirs = torch_loader(folder) if key == "torch-loader" else generator(folder, channels)
        return versus(lambda: with_share(epoch(), share), theirs, line.more_is_better)


if __name__ == "__main__":
    tell({sys.argv[1]: measure(sys.argv[1])})
