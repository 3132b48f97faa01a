"""From pixels to batches: order and augmentation are pure functions of (seed, epoch).

`rows` say which row of the pixels an item uses (a subset, a fold or a pool needs no copy); `ids` are the keys
of the items' augmentation (by default their rows). Neither the batch size nor the number of workers changes
an item.
"""

import functools
import os
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from data_builders.augment import Augment, augment_batch, uniform_draws
from data_builders.augment import mixup as mix_batch
from data_builders.pixels import Frame, load_pixels
from shared.base.untuned import untuned

__all__ = ["Frame", "eval_batches", "load_pixels", "repeat_grey", "rescale", "train_batches"]

CALLS = min(os.cpu_count() or 1, 16)
"""Batches that are made at once."""
KEPT = 16
"""So many traces are kept: a training has a few kinds of batches, and networks follow each other."""


def train_batches(
    pixels: np.ndarray,
    labels,
    *,
    classes: int,
    batch: int,
    seed: int,
    epoch: int,
    augment: Augment | None = None,
    finish: Callable | None = None,
    ids=None,
    rows=None,
    steps: int | None = None,
    fixed_pool: bool = False,
    mixup: float = 0.0,
) -> tf.data.Dataset:
    """One epoch of (float32 images, float32 one-hot labels); `labels` holds one label per row of `pixels`.

    Every item once, in an order from (seed, epoch); with `steps`, that many batches of items drawn uniformly
    with replacement. A fixed pool augments an item alike in every epoch. The batch dimension is unknown where
    the last batch may be smaller, so that a model is traced once. Mixup sees pixels 0..255; `finish` is last.
    """
    rows, ids = _items(pixels, rows, ids)
    labels = np.asarray(labels)
    if len(labels) != len(pixels):
        raise ValueError(f"{len(pixels)} rows of pixels but {len(labels)} labels: give one label per row")
    order, ids = _order(ids, batch, seed, epoch, steps)
    rows = rows[order]
    if not len(rows):
        raise ValueError("no images to train on")

    changed = _changed(augment, finish or rescale, classes, mixup)
    draws = _draws(augment, seed, 0 if fixed_pool else epoch, ids)
    return _batches(pixels, labels, rows, draws, batch, changed, (seed, epoch), static=steps is not None)


def eval_batches(
    pixels: np.ndarray,
    *,
    batch: int,
    finish: Callable | None = None,
    rows=None,
    augment: Augment | None = None,
    seed: int = 0,
    epoch: int = 0,
    ids=None,
) -> tf.data.Dataset:
    """Float32 images, each exactly once and in order.

    With `augment`, each image is changed as `train_batches` changes it in that epoch (0 for a fixed pool).
    """
    rows, ids = _items(pixels, rows, ids)
    changed = _changed(augment, finish or rescale, None, 0.0)
    none, draws = np.zeros(len(pixels), int), _draws(augment, seed, epoch, ids)
    return _batches(pixels, none, rows, draws, batch, changed, (seed, epoch), static=False)


def rescale(images):
    """0..255 to 0..1."""
    return images / 255.0


def repeat_grey(images):
    """One channel repeated to three."""
    return tf.repeat(images, 3, axis=-1)


def _items(pixels, rows, ids):
    rows = np.arange(len(pixels)) if rows is None else np.asarray(rows, np.int64)
    ids = rows if ids is None else np.asarray(ids, np.int64)
    if len(ids) != len(rows):
        raise ValueError(f"{len(rows)} items but {len(ids)} ids")
    return rows, ids


def _order(ids, batch: int, seed: int, epoch: int, steps: int | None):
    """(item of each place in the epoch, augmentation key of each place)."""
    generator = np.random.default_rng([seed, epoch])
    if steps is None:
        order = generator.permutation(len(ids))
        return order, ids[order]
    # An item may be drawn twice in one epoch and must not look alike: its place is the key.
    return generator.integers(len(ids), size=steps * batch), np.arange(steps * batch)


def _draws(augment: Augment | None, seed: int, epoch: int, ids: np.ndarray) -> np.ndarray:
    """What each item's change is drawn with; nothing where there is none."""
    return np.zeros((len(ids), 0), np.float32) if augment is None else uniform_draws(seed, epoch, ids)


@functools.lru_cache(maxsize=KEPT)
def _changed(augment: Augment | None, finish: Callable, classes: int | None, mixup: float) -> Callable:
    """The change of a batch between its pixels and a network, traced once for each shape.

    Seed and epoch are inputs of the trace, for a training asks for its batches anew in each epoch. Labels
    come out where the number of classes is given.
    """

    @tf.function(autograph=False)
    def changed(images, labels, draws, step, seed, epoch):
        images = augment_batch(images, augment, draws) if augment else tf.cast(images, tf.float32)
        if classes is None:
            return finish(images)
        targets = tf.one_hot(labels, classes, dtype=tf.float32)
        if mixup:
            images, targets = mix_batch(images, targets, mixup, seed, epoch, step)
        return finish(images), targets

    return changed


def _batches(
    pixels, labels, rows, draws, batch: int, changed: Callable, numbers: tuple[int, ...], static: bool
) -> tf.data.Dataset:
    """Batches gathered from the memory map by NumPy, so that no array becomes part of the graph."""

    def gather(step):
        places = slice(step * batch, (step + 1) * batch)
        return pixels[rows[places]], labels[rows[places]].astype(np.int64), draws[places]

    @tf.autograph.experimental.do_not_convert  # nothing in it to convert, which takes longer than tracing
    def load(step):
        types = (tf.as_dtype(pixels.dtype), tf.int64, tf.float32)
        images, row_labels, own_draws = tf.numpy_function(gather, [step], types, stateful=False)
        n = batch if static else None
        images.set_shape([n, *pixels.shape[1:]])
        row_labels.set_shape([n])
        own_draws.set_shape([n, draws.shape[1]])
        inputs = (tf.constant(number, tf.int64) for number in numbers)
        return changed(images, row_labels, own_draws, step, *inputs)

    steps = tf.data.Dataset.range(-(-len(rows) // batch))
    return untuned(steps.map(load, num_parallel_calls=CALLS, deterministic=True).prefetch(2))
