"""Training on several devices at once: how a batch is shared, and what runs on one device alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras
import tensorflow as tf

from shared.base.errors import UserError
from shared.training import averages


def count() -> int:
    """How many devices a training is mirrored over."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def synchronise(model: keras.Model) -> None:
    """Makes batch norm count the images of all devices: the paper's batch is the whole one, not a share."""
    if count() > 1:
        for norm in averages.norms(model):
            norm.synchronized = True


def shared_evenly(batches: tf.data.Dataset, title: str) -> tf.data.Dataset:
    """The same batches; the last one is cut to a multiple of the number of devices.

    A device without images would end the training, and one with fewer than the others would weigh them more.
    So an epoch leaves out fewer images than there are devices: others in each epoch.
    """
    devices = count()
    if devices == 1:
        return batches

    def cut(*parts: tf.Tensor) -> tuple[tf.Tensor, ...]:
        kept = tf.shape(parts[0])[0] // devices * devices
        return tuple(part[:kept] for part in parts)

    def size(index: int) -> int:
        return len(tf.data.experimental.at(batches, index)[0])

    if size(0) < devices:
        raise UserError(f"{title}: its batches hold fewer images than there are devices: leave out --devices")
    if len(batches) > 1 and size(0) % devices:
        shares = " or ".join(str(n) for n in range(1, size(0) + 1) if not size(0) % n)
        uneven = f"{devices} devices cannot share a batch of {size(0)} evenly"
        raise UserError(f"{title}: {uneven}: give --devices {shares}")
    # The number of batches must stay known: otherwise Keras makes a step of nothing at the end of an epoch.
    last = len(batches) - 1
    return (batches.take(last) if size(last) < devices else batches).map(cut)


@contextlib.contextmanager
def one_device() -> Iterator[None]:
    """Builds and trains what is inside on the first device alone."""
    if not tf.distribute.has_strategy():
        yield
        return
    strategy = tf.distribute.get_strategy()
    tf.distribute.experimental_set_strategy(None)
    try:
        yield
    finally:
        tf.distribute.experimental_set_strategy(strategy)
