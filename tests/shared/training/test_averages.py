"""Batch norm's averages taken anew, against means and variances computed by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from shared.training import averages

IMAGES = np.random.default_rng(0).normal(2, 3, (10, 4, 4, 2)).astype("float32")
IMAGES[8:] += 5  # the last, smaller batch looks otherwise
BATCHES = tf.data.Dataset.from_tensor_slices((IMAGES, np.zeros(10))).batch(4)


@pytest.fixture
def model():
    """One batch norm after another, the second in a nested model."""
    inner = keras.Sequential(
        [layers.Input((4, 4, 2)), layers.BatchNormalization(momentum=0.7, name="second")]
    )
    inputs = keras.Input((4, 4, 2))
    x = layers.BatchNormalization(name="first", epsilon=0.5)(inputs)
    return keras.Model(inputs, inner(layers.ReLU()(x)))


def moments(layer) -> list[np.ndarray]:
    return [np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)]


def test_averages_are_those_of_all_images_together(model):
    """Fails for the last batch's own, for a small batch counted like others, or for a mean of variances."""
    averages.retake(model, BATCHES, "anew")
    first, _ = averages.norms(model)
    assert first.name == "first"
    assert np.array(moments(first)) == pytest.approx(
        np.array([IMAGES.mean((0, 1, 2)), IMAGES.var((0, 1, 2))]), 1e-5
    )


def test_a_later_norm_sees_batches_normalised_by_themselves(model):
    """Fails where the norms before it have their old averages, as in prediction."""
    averages.retake(model, BATCHES, "anew")
    _, second = averages.norms(model)
    own = [b - b.mean((0, 1, 2)) for b in (IMAGES[:4], IMAGES[4:8], IMAGES[8:])]
    seen = np.concatenate([np.maximum(b / np.sqrt(b.var((0, 1, 2)) + 0.5), 0) for b in own])
    assert np.array(moments(second)) == pytest.approx(
        np.array([seen.mean((0, 1, 2)), seen.var((0, 1, 2))]), 1e-4
    )


def test_nothing_else_of_the_model_changes(model):
    """Fails when the momentum of later trainings is lost, or weights that are no averages move."""
    learned = [np.asarray(weight) for weight in model.trainable_weights]
    averages.retake(model, BATCHES, "anew")
    assert [norm.momentum for norm in averages.norms(model)] == [0.99, 0.7]
    assert all(map(np.array_equal, learned, map(np.asarray, model.trainable_weights)))
