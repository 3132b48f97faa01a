"""Grad-CAM against its closed form, and unchanged by what must not matter: nesting, precision, batching."""

import keras
import numpy as np
import pytest
from keras import layers

from shared.training.gradcam import grad_cam

SIDE = 6


def images(count=5, channels=1):
    return np.random.default_rng(0).normal(size=(count, SIDE, SIDE, channels)).astype("float32")


def head(x, softmax="dense", classes=3):
    x = layers.GlobalAveragePooling2D()(x)
    if softmax == "layer":
        return layers.Softmax()(layers.Dense(classes, name="scores")(x))
    if softmax == "op":
        return keras.ops.softmax(layers.Dense(classes, name="scores")(x))
    if softmax == "activation":
        return layers.Activation("softmax", dtype="float32")(layers.Dense(classes, name="scores")(x))
    return layers.Dense(classes, activation="softmax" if softmax == "dense" else softmax, name="scores")(x)


def flat(channels=1, **options):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((SIDE, SIDE, channels))
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="early")(inputs)
    x = layers.Conv2D(5, 3, padding="same", name="late")(x)
    return keras.Model(inputs, head(x, **options))


def nested(source):
    """The same weights, with both convolutions inside a model of their own."""
    inputs = keras.Input(source.input_shape[1:])
    inner = keras.Input(source.input_shape[1:])
    body = keras.Model(inner, source.get_layer("late")(source.get_layer("early")(inner)), name="backbone")
    x = layers.GlobalAveragePooling2D()(body(inputs))
    return keras.Model(inputs, source.get_layer("scores")(x))


def closed_form(model, x, wanted):
    """conv → GAP → dense: the gradient is the dense kernel / (h·w) everywhere, so no derivative is needed."""
    features = keras.Model(model.inputs, model.get_layer("late").output).predict(x, verbose=0)
    kernel = model.get_layer("scores").get_weights()[0][:, wanted].T
    return np.maximum(np.einsum("nhwc,nc->nhw", features, kernel), 0) / SIDE**2


@pytest.mark.parametrize("softmax", ["dense", "layer", "op", "activation", None])
def test_equals_its_closed_form_whatever_form_the_softmax_has(softmax):
    """Fails where the gradient is taken after the softmax, or the weights are summed instead of averaged."""
    model, x = flat(softmax=softmax), images()
    for wanted in (np.zeros(5, int), np.array([0, 1, 2, 1, 0])):
        np.testing.assert_allclose(
            grad_cam(model, x, wanted), closed_form(model, x, wanted), rtol=1e-4, atol=1e-7
        )


def test_predicted_class_is_the_default_and_one_index_serves_all():
    model, x = flat(channels=3), images(channels=3)
    scores = model.get_layer("scores")
    typical = np.log(model.predict(x, verbose=0)).mean(axis=0)
    scores.set_weights([scores.get_weights()[0], -typical])  # no class ahead of the others
    predicted = model.predict(x, verbose=0).argmax(axis=1)
    assert len(set(predicted)) > 1
    np.testing.assert_allclose(grad_cam(model, x), closed_form(model, x, predicted), rtol=1e-4, atol=1e-7)
    np.testing.assert_array_equal(grad_cam(model, x, 2), grad_cam(model, x, np.full(5, 2)))


def test_batches_join_without_a_seam():
    """Fails where the class of an image is looked up by its place in the batch."""
    model, x, wanted = flat(), images(), np.array([0, 1, 2, 1, 0])
    np.testing.assert_allclose(
        grad_cam(model, x, wanted, batch=2), grad_cam(model, x, wanted), rtol=1e-5, atol=1e-8
    )
    assert grad_cam(model, x[:0]).shape == (0, SIDE, SIDE)


def test_an_image_is_explained_as_it_is_scored_whatever_else_is_in_the_batch():
    """Fails when the model runs in training mode: it would see the other images, and dropout."""
    inputs = keras.Input((SIDE, SIDE, 1))
    x = layers.Conv2D(4, 3, padding="same", name="early")(inputs)
    x = layers.Dropout(0.5)(layers.BatchNormalization()(x))
    model = keras.Model(inputs, head(layers.Conv2D(5, 3, padding="same", name="late")(x)))
    x = images()
    together = grad_cam(model, x, 1, "late")
    assert together.max() > 0
    assert np.allclose(together[:1], grad_cam(model, x[:1], 1, "late"), atol=1e-6)


def test_nesting_and_frozen_layers_change_nothing():
    model, x = flat(), images()
    within = nested(model)
    within.trainable = False
    for layer in (None, "early", "late"):
        np.testing.assert_allclose(
            grad_cam(within, x, 1, layer), grad_cam(model, x, 1, layer), rtol=1e-5, atol=1e-8
        )
    twice = keras.Sequential([keras.Input((SIDE, SIDE, 1)), within])
    np.testing.assert_allclose(grad_cam(twice, x, 1), grad_cam(model, x, 1), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_gives_the_float32_maps_and_stays_mixed(policy):
    """Fails on overflow: the weighted features here exceed float16's largest number."""
    model, x = flat(), images()
    keras.config.set_dtype_policy(policy)
    try:
        mixed = flat(softmax="activation")
    finally:
        keras.config.set_dtype_policy("float32")
    mixed.set_weights(model.get_weights())
    np.testing.assert_allclose(grad_cam(mixed, x, 0), grad_cam(model, x, 0), rtol=1e-4, atol=1e-7)
    assert np.isfinite(grad_cam(mixed, x * 1e5, 0)).all()
    assert mixed.get_layer("late").compute_dtype == policy.removeprefix("mixed_")


def test_the_model_is_left_as_it_was():
    """Fails where the softmax stays removed or the caught layer keeps its hook."""
    model, x = flat(), images()
    before = model.predict(x, verbose=0)
    grad_cam(model, x)
    np.testing.assert_allclose(model(x).numpy(), before, rtol=1e-5)
    assert "call" not in vars(model.get_layer("late"))


def test_a_single_sigmoid_speaks_for_class_one_and_against_class_zero():
    model, x = flat(softmax="sigmoid", classes=1), images()
    both = [closed_form(model, x, np.zeros(5, int)), grad_cam(model, x, 1), grad_cam(model, x, 0)]
    np.testing.assert_allclose(both[1], both[0], rtol=1e-4, atol=1e-7)
    assert not np.any((both[1] > 0) & (both[2] > 0)) and both[2].any()


def test_a_coarse_map_is_drawn_out_without_steps():
    """The nearest value in place of the line between two, or a map that stands half a pixel off."""
    inputs = keras.Input((8, 8, 1))
    mean = layers.Conv2D(1, 2, strides=2, kernel_initializer=keras.initializers.Constant(0.25))
    model = keras.Model(inputs, layers.GlobalAveragePooling2D()(mean(inputs)))
    ramp = np.broadcast_to(np.arange(8.0)[:, None], (1, 8, 8, 1))
    # Each of the 16 means counts one sixteenth; beyond the outer ones nothing is known.
    by_hand = np.interp(np.arange(8), [0.5, 2.5, 4.5, 6.5], [0.5, 2.5, 4.5, 6.5]) / 16
    np.testing.assert_allclose(grad_cam(model, ramp, 1)[0], np.tile(by_hand, (8, 1)), rtol=1e-5)


def test_unknown_layers_and_models_without_convolution_are_named():
    with pytest.raises(ValueError, match="no layer named 'nowhere'"):
        grad_cam(flat(), images(), layer="nowhere")
    dense = keras.Sequential([keras.Input((SIDE, SIDE, 1)), layers.Flatten(), layers.Dense(2)], name="plain")
    with pytest.raises(ValueError, match="'plain' has no convolution"):
        grad_cam(dense, images())
