"""Grad-CAM: where in an image a class score comes from (Selvaraju et al. 2017, equations 1 and 2)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

_CONVOLUTIONS = (
    keras.layers.Conv2D,
    keras.layers.SeparableConv2D,
    keras.layers.DepthwiseConv2D,
    keras.layers.Conv2DTranspose,
)


def grad_cam(
    model: keras.Model,
    images: Any,
    class_index: Any = None,
    layer: str | keras.layers.Layer | None = None,
    batch: int = 32,
) -> np.ndarray:
    """Maps (n, h, w) of the images' size: the ReLU of the layer's maps weighted by their mean gradient.

    The gradient is that of the class score before a final softmax or sigmoid, computed in float32 whatever
    the model's precision. `class_index` is one class, one per image, or None for the predicted one; `layer`
    is a layer or its name, searched in nested models too, or None for the last convolution.
    The values are not normalised; the model is left as it was.
    """
    target = _find_layer(model, layer)
    wanted = (
        None if class_index is None else np.broadcast_to(np.asarray(class_index, "int32"), (len(images),))
    )
    maps = [np.zeros((0, *np.shape(images)[1:3]), "float32")]
    with contextlib.ExitStack() as changes:
        changes.enter_context(_in_float32(model))
        changes.enter_context(_without_last_activation(model))
        for start in range(0, len(images), batch):
            part = slice(start, start + batch)
            pixels = ops.convert_to_tensor(images[part], dtype="float32")
            maps.append(_maps(model, target, pixels, None if wanted is None else wanted[part]))
    return np.concatenate(maps)


def _maps(model: keras.Model, target: keras.layers.Layer, pixels: Any, wanted: Any) -> np.ndarray:
    """The maps of one batch, at the size of its images."""
    features, gradient = _features_and_gradient(model, target, pixels, wanted)
    weights = ops.mean(gradient, axis=(1, 2), keepdims=True)
    maps = ops.relu(ops.sum(features * weights, axis=-1, keepdims=True))
    maps = ops.image.resize(maps, pixels.shape[1:3], interpolation="bilinear", data_format="channels_last")
    return ops.convert_to_numpy(maps)[..., 0]


def _features_and_gradient(model: keras.Model, target: keras.layers.Layer, pixels: Any, wanted: Any) -> tuple:
    """The target's output and the gradient of the class score by it.

    keras.ops has no gradient, so this is the one function that needs TensorFlow. The output is caught while
    the whole model runs, so nesting makes no difference.
    """
    import tensorflow as tf

    caught: list[Any] = []

    def watched(*args, **kwargs):
        output = type(target).call(target, *args, **kwargs)
        tape.watch(output)
        caught.append(output)
        return output

    with tf.GradientTape(watch_accessed_variables=False) as tape, _replaced(target, call=watched):
        score = _class_score(model(pixels, training=False), wanted)
    return caught[-1], tape.gradient(score, caught[-1])


def _class_score(logits: Any, wanted: Any) -> Any:
    """The logit of each image's class; a single logit is for class 1, and its opposite for class 0."""
    if logits.shape[-1] == 1:
        logits = ops.concatenate([-logits, logits], axis=-1)
    wanted = ops.argmax(logits, axis=-1) if wanted is None else wanted
    return ops.sum(logits * ops.one_hot(wanted, logits.shape[-1], dtype=logits.dtype), axis=-1)


def _find_layer(model: keras.Model, layer: str | keras.layers.Layer | None) -> keras.layers.Layer:
    if isinstance(layer, keras.layers.Layer):
        return layer
    everything = list(_layers(model))
    if layer is None:
        found = [each for each in everything if isinstance(each, _CONVOLUTIONS)]
        missing = "no convolution to explain: name a layer"
    else:
        found = [each for each in everything if each.name == layer]
        missing = f"no layer named '{layer}'"
    if not found:
        raise ValueError(f"model '{model.name}' has {missing}")
    return found[-1]


def _layers(layer: keras.layers.Layer) -> Iterator[keras.layers.Layer]:
    """All layers below one, from input to output, those of nested models in their place."""
    for child in layer.layers if isinstance(layer, keras.Model) else layer._layers:
        yield child
        yield from _layers(child)


@contextlib.contextmanager
def _replaced(thing: Any, **attributes: Any) -> Iterator[None]:
    """Attributes of one object, replaced for a while."""
    before = {name: vars(thing)[name] for name in attributes if name in vars(thing)}
    for name, value in attributes.items():
        setattr(thing, name, value)
    try:
        yield
    finally:
        for name in attributes:
            if name in before:
                setattr(thing, name, before[name])
            else:
                delattr(thing, name)


@contextlib.contextmanager
def _in_float32(model: keras.Model) -> Iterator[None]:
    """The variables are float32 under a mixed policy already; only what is computed with them changes."""
    mixed = [each for each in (model, *_layers(model)) if each.compute_dtype in ("float16", "bfloat16")]
    before = [each.dtype_policy for each in mixed]
    for each in mixed:
        each.dtype_policy = "float32"
    try:
        yield
    finally:
        for each, policy in zip(mixed, before, strict=True):
            each.dtype_policy = policy


def _without_last_activation(model: keras.Model) -> contextlib.AbstractContextManager:
    """The model's scores before a final softmax or sigmoid, also where a nested model holds it."""
    last = model
    while isinstance(last, keras.Model):
        last = last.outputs[0]._keras_history.operation
    if getattr(last, "activation", None) in (keras.activations.softmax, keras.activations.sigmoid):
        return _replaced(last, activation=keras.activations.linear)
    if isinstance(last, keras.layers.Softmax) or type(last).__name__ in ("Softmax", "Sigmoid"):
        return _replaced(last, call=lambda scores, *args, **kwargs: scores)
    return contextlib.nullcontext()
