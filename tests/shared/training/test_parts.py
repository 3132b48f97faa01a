"""Batches trained in parts: the update of the whole batch; and the line that names what fits into memory."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hungry import Hungry

from shared.base.errors import NoResult, UserError
from shared.training import fitting, optimizers
from shared.training.runtime import Runtime, start

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.random((24, 6, 6, 1), "float32"), np.eye(2, dtype="float32")[RNG.integers(0, 2, 24)]


def network(parts: int, *more: keras.layers.Layer, policy: str = "float32") -> keras.Model:
    keras.utils.set_random_seed(7)
    layers = [keras.layers.Conv2D(4, 3, activation="relu", kernel_regularizer="l2", dtype=policy), *more]
    layers += [
        keras.layers.Flatten(),
        keras.layers.Dense(2, activation="softmax", dtype="float32", name="output"),
    ]
    model = keras.Sequential([keras.layers.Input((6, 6, 1)), *layers])
    runtime = Runtime("CPU", gpus=0, precision=policy, jit_compile=False, parts=parts)
    return fitting.compile_model(model, optimizers.Adam(1e-2), "categorical_crossentropy", runtime)


def batches(epoch: int) -> tf.data.Dataset:
    """Of ten images, and one of four."""
    order = np.random.default_rng((3, epoch)).permutation(len(IMAGES))
    return tf.data.Dataset.from_tensor_slices((IMAGES[order], LABELS[order])).batch(10)


def fit(model: keras.Model, folder) -> list[dict]:
    history = fitting.fit(model, batches, epochs=3, seed=5, folder=folder, title="toy")
    return [{name: value for name, value in logs.items() if name != "seconds"} for logs in history]


@pytest.mark.parametrize(("parts", "policy"), [(3, "float32"), (7, "float32"), (3, "mixed_float16")])
def test_parts_give_the_weights_of_the_whole_batch(parts, policy, tmp_path):
    """Fails when unequal parts weigh alike, an empty part is a NaN, or Adam steps once for each part."""
    whole, cut = network(1, policy=policy), network(parts, policy=policy)
    expected, found = fit(whole, tmp_path / "whole"), fit(cut, tmp_path / "cut")
    near = 1e-5 if policy == "float32" else 1e-2
    for left, right in zip(whole.get_weights(), cut.get_weights(), strict=True):
        assert np.allclose(left, right, rtol=0, atol=near)
    for left, right in zip(expected, found, strict=True):
        assert right == pytest.approx(left, abs=near)


def test_a_trained_batch_norm_is_refused_and_a_frozen_one_is_not():
    """Fails when statistics of a part stand for those of a batch."""
    frozen = keras.layers.BatchNormalization(trainable=False)
    network(2, frozen)
    with pytest.raises(UserError, match="trains batch norm, whose statistics are those of a whole batch"):
        network(2, keras.layers.BatchNormalization())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "toy: a batch of 10 does not fit into memory; one of 5 does: add --parts 2 to the command"),
        ((keras.layers.BatchNormalization(),), "one of 5 does, but batch norm needs the whole one"),
    ],
)
def test_out_of_memory_names_the_batch_that_fits_and_the_way_on(more, said, tmp_path):
    with pytest.raises(NoResult, match=said):
        fit(network(1, Hungry(), *more), tmp_path)


def test_what_did_not_fit_goes_on_in_parts(tmp_path):
    assert len(fit(network(2, Hungry()), tmp_path)) == 3


def test_parts_on_several_devices_are_refused():
    with pytest.raises(UserError, match="exclude each other"):
        start(devices=2, parts=2)
