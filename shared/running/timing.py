"""How long a step takes on this machine, from a few of them."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from shared.training.runtime import Runtime

TIMED_STEPS = 2
CPU_BATCHES = 2, 6
"""Images per timed step on a CPU, where a full batch of some models does not fit in memory."""


def seconds_per_image(model, batch: int, train: bool, runtime: Runtime) -> float:
    """From steps of the whole batch on a GPU, else from steps of two small batches."""
    if runtime.gpus or batch <= max(CPU_BATCHES):
        return step_seconds(model, (batch,), train)[0] / batch
    short, long = step_seconds(model, CPU_BATCHES, train)
    return of_whole_batch(short, long, batch)


def of_whole_batch(short: float, long: float, batch: int) -> float:
    """Seconds per image of a whole batch, from the times of the two small ones.

    A step costs a fixed part (of a large head almost all: its update) and a part for each image.
    """
    small, large = CPU_BATCHES
    each = max(long - short, 0) / (large - small)
    return (long + (batch - large) * each) / batch


def step_seconds(model, batches: Sequence[int], train: bool) -> list[float]:
    """The fastest of a few steps of each batch size, after one that traces: others may have been held up."""
    sizes = (batches[0], *[*batches] * TIMED_STEPS)
    seconds = training_seconds(model, sizes) if train else inference_seconds(model, sizes)
    timed = list(zip(sizes[1:], seconds[1:], strict=True))
    return [min(taken for size, taken in timed if size == wanted) for wanted in batches]


def training_seconds(model, sizes: Sequence[int]) -> list[float]:
    """Of steps of these sizes, one trace for all."""
    import keras
    import tensorflow as tf

    from shared.base.untuned import untuned

    seconds: list[float] = []

    class Stopwatch(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.began = time.perf_counter()

        def on_train_batch_end(self, batch, logs=None):
            keras.tree.map_structure(np.asarray, logs)  # a GPU hands its results on early
            seconds.append(time.perf_counter() - self.began)

    shapes = model.input_shape[1:], model.output_shape[1:]
    data = tf.data.Dataset.from_generator(
        lambda: (tuple(np.zeros((size, *shape), "float32") for shape in shapes) for size in sizes),
        output_signature=tuple(tf.TensorSpec((None, *shape)) for shape in shapes),
    )
    data = untuned(data.apply(tf.data.experimental.assert_cardinality(len(sizes))))
    model.fit(data, shuffle=False, verbose=0, callbacks=[Stopwatch()])
    return seconds


def inference_seconds(model, sizes: Sequence[int]) -> list[float]:
    """Of steps of these sizes, one trace for all."""
    import tensorflow as tf

    shape = model.input_shape[1:]
    forward = tf.function(lambda x: model(x, training=False), input_signature=[tf.TensorSpec((None, *shape))])
    seconds = []
    for size in sizes:
        images = tf.zeros((size, *shape))
        began = time.perf_counter()
        np.asarray(forward(images))
        seconds.append(time.perf_counter() - began)
    return seconds
