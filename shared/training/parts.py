"""A batch that does not fit into a device's memory: trained in parts whose gradients are summed."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from shared.base.errors import NoResult, UserError

MOST = 64
"""Into more parts no batch is cut."""


def train_in_parts(model: keras.Model, parts: int) -> None:
    """Makes each step of a compiled model go over its batch in parts; the update is that of the whole batch.

    Models with a step of their own are left as they are.
    """
    if parts == 1 or _has_own_step(model):
        return
    if _has_batch_norm(model):
        raise UserError(
            f"--parts {parts}: {model.name} trains batch norm, whose statistics are those of a whole batch; "
            "use a GPU with more memory, or --set batch=N, which is a deviation"
        )
    model.train_step = functools.partial(_step, model, parts)


def _has_own_step(model: keras.Model) -> bool:
    return type(model).train_step is not keras.Model.train_step


def _has_batch_norm(model: keras.Model) -> bool:
    """Whether a batch norm is trained; a frozen one normalises each image by stored statistics."""
    layers = model._flatten_layers()
    return any(isinstance(layer, keras.layers.BatchNormalization) and layer.trainable for layer in layers)


def _step(model: keras.Model, parts: int, data: tuple[tf.Tensor, tf.Tensor]) -> dict[str, Any]:
    """One update from the gradients of all parts, each weighed by its share of the images."""
    x, y = data
    images = tf.shape(x)[0]
    used = tf.minimum(parts, images)

    def add_part(part: tf.Tensor, *sums: tf.Tensor) -> tuple[tf.Tensor, ...]:
        chosen = slice(images * part // used, images * (part + 1) // used)
        return part + 1, *map(tf.add, sums, _gradients(model, x[chosen], y[chosen], images))

    start = (tf.constant(0), *map(tf.zeros_like, model.trainable_weights))
    # One after another: parts side by side would need the memory of the whole batch.
    _, *gradients = tf.while_loop(lambda part, *_: part < used, add_part, start, parallel_iterations=1)
    model.optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
    return model.get_metrics_result()


def _gradients(model: keras.Model, x: tf.Tensor, y: tf.Tensor, images: tf.Tensor) -> list[tf.Tensor]:
    """A part's share of the whole batch's gradients; loss and metrics count it."""
    own = tf.shape(x)[0]
    with tf.GradientTape() as tape:
        predicted = model(x, training=True)
        loss = model.compute_loss(x=x, y=y, y_pred=predicted, training=True)
        share = tf.cast(own, loss.dtype) / tf.cast(images, loss.dtype)
        scaled = model.optimizer.scale_loss(loss * share)
    model._loss_tracker.update_state(loss, sample_weight=own)
    model.compute_metrics(x, y, predicted)
    return tape.gradient(scaled, model.trainable_weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)


@contextlib.contextmanager
def naming_what_fits(model: keras.Model, batches: tf.data.Dataset, title: str) -> Iterator[None]:
    """Out of memory is one line that says which batch would fit, and how to go on with the paper's own."""
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        if _has_own_step(model):
            raise
        x, y = next(iter(batches))
        remedy = _remedy(model, x, y)
        raise NoResult(f"{title}: a batch of {len(x)} does not fit into memory; {remedy}") from error


def _remedy(model: keras.Model, x: tf.Tensor, y: tf.Tensor) -> str:
    larger = "use a GPU with more memory"
    parts = _parts_that_fit(model, x, y)
    if not parts:
        return f"a single image does not fit either: {larger}"
    fits = f"one of {-(-len(x) // parts)} does"
    if _has_batch_norm(model):
        return f"{fits}, but batch norm needs the whole one: {larger}, or --set batch=N, which is a deviation"
    return f"{fits}: add --parts {parts} to the command, which trains each batch in {parts} parts and resumes"


def _parts_that_fit(model: keras.Model, x: tf.Tensor, y: tf.Tensor) -> int:
    """The fewest parts, by doubling, of which one can be trained; 0 where none can."""
    gradients = tf.function(functools.partial(_gradients, model), reduce_retracing=True)
    parts = 2
    while parts <= min(MOST, 2 * len(x)):
        size = -(-len(x) // parts)
        try:
            gradients(x[:size], y[:size], tf.constant(size))
            return parts
        except tf.errors.ResourceExhaustedError:
            parts *= 2
    return 0
