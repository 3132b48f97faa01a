"""The CycleGAN's images as a stage: train it, watch it, let it translate normal images."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf

from data_builders.pipeline import train_batches
from reproductions.zebin.config import Row
from reproductions.zebin.cyclegan import CycleGAN
from reproductions.zebin.features import fingerprint
from shared.base import screen
from shared.paper import Context
from shared.training import fitting
from shared.training.replicas import one_device
from shared.training.runtime import Runtime
from shared.training.traced import one_at_a_time

SAMPLES = ("images", "test", "view", "collection", "protocol", "intensity", "synthetic")
"""The fields that decide which images it learns from and how many it makes."""
SHOWN = 6
"""Normal images whose translation is written at every stop."""


@dataclass(frozen=True)
class Generated:
    """Synthetic COVID-19 images, uint8 (n, side, side, 1), and which normal image each was made of."""

    images: np.ndarray
    sources: np.ndarray
    history: list[dict]
    device: str
    """Where it was trained, which may be another machine than the one that uses it."""


def generate(row: Row, normal: np.ndarray, covid: np.ndarray, seed: int, context: Context) -> Generated:
    """Trains the CycleGAN on these images and translates some of the normal ones; done once for all rows."""
    # In random order, and in turn again where more are wanted than there are.
    sources = np.resize(np.random.default_rng([seed, 0]).permutation(len(normal)), row.synthetic)
    key = settings(row) | {"pixels": fingerprint([normal, covid]), "seed": seed}
    key |= {"precision": context.runtime.precision}

    def make(work: Path) -> None:
        with one_device():  # a batch of one cannot be shared
            model, history = train(row, normal, covid, seed, work, context.runtime)
            np.save(work / "generated.npy", translate(model, normal[sources]))
        (work / "history.json").write_text(json.dumps(history))
        (work / "device.txt").write_text(f"{context.runtime}\n")

    folder = context.stages.folder("cyclegan", key, make)
    history = json.loads((folder / "history.json").read_text())
    device = (folder / "device.txt").read_text().strip()
    return Generated(np.load(folder / "generated.npy"), sources, history, device)


def train(
    row: Row, normal: np.ndarray, covid: np.ndarray, seed: int, folder: Path, runtime: Runtime
) -> tuple[CycleGAN, list[dict]]:
    """The trained CycleGAN and its losses; an epoch is a block of steps, after which samples are written."""
    model, start = compiled(architecture(row), row.gan_learning_rate, row.gan_beta_1, seed, runtime)
    fitting.reset(model, start)
    blocks = [
        min(row.gan_steps_shown, row.gan_steps - done)
        for done in range(0, row.gan_steps, row.gan_steps_shown)
    ]
    screen.once(f"CycleGAN: {row.gan_steps} steps; samples every {blocks[0]} in {folder / 'samples'}")

    def after_block(block: int, logs: dict) -> None:
        logs["step"] = sum(blocks[: block + 1])
        write_samples(folder / "samples" / f"step-{logs['step']:05d}.png", normal[:SHOWN], model)

    history = fitting.fit(
        model,
        lambda block: unpaired(normal, covid, blocks[block], seed, block),
        epochs=len(blocks),
        seed=seed,
        folder=folder / "checkpoints",
        title="CycleGAN",
        after_epoch=after_block,
    )
    return model, history


def settings(row: Row) -> dict:
    """The row's part of the synthetic images' key."""
    names = [name for name in vars(row) if name.startswith("gan_")]
    return {name: getattr(row, name) for name in (*names, *SAMPLES)}


def architecture(row: Row) -> tuple:
    """The arguments of the CycleGAN that a row asks for."""
    sizes = (row.gan_side, 1, row.gan_filters, row.gan_blocks, row.gan_pool)
    return (*sizes, row.gan_cycle_weight, row.gan_identity_weight)


@one_at_a_time
def compiled(
    arguments: tuple, rate: float, beta_1: float, seed: int, runtime: Runtime
) -> tuple[CycleGAN, list]:
    """A compiled CycleGAN and its initial weights, so that the protocols share one traced step."""
    keras.utils.set_random_seed(seed)
    model = CycleGAN(*arguments).ready(rate, beta_1, runtime)
    return model, model.get_weights()


def unpaired(normal: np.ndarray, covid: np.ndarray, steps: int, seed: int, block: int) -> tf.data.Dataset:
    """Batches of one random image of each domain."""

    def images(pixels, own_seed):
        labels = np.zeros(len(pixels), int)
        batches = train_batches(
            pixels, labels, classes=1, batch=1, seed=own_seed, epoch=block, steps=steps, finish=signed
        )
        return batches.map(lambda image, _: image)

    return tf.data.Dataset.zip(images(normal, seed), images(covid, seed + 1))


def signed(images):
    """0..255 to -1..1."""
    return images / 127.5 - 1


def translate(model: CycleGAN, normal: np.ndarray) -> np.ndarray:
    """The model's COVID-19 images of normal ones, uint8; one at a time, as in training."""
    translated = [np.asarray(model.to_target(signed(image[None].astype("float32")))) for image in normal]
    fitting.refuse_nan("CycleGAN", "the generated images", *translated)
    return np.rint((np.concatenate(translated) + 1) * 127.5).astype("uint8")


def write_samples(path: Path, normal: np.ndarray, model: CycleGAN) -> None:
    """Normal images above what the model makes of them."""
    path.parent.mkdir(exist_ok=True)
    sheet = np.concatenate([np.hstack(list(images)) for images in (normal, translate(model, normal))])
    cv2.imwrite(str(path), sheet)
