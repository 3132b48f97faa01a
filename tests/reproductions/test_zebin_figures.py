"""Grad-CAM paints what the head reads, and nothing else."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from reproductions.zebin import figures, model
from reproductions.zebin.config import Row
from shared.training import fitting


@pytest.fixture(scope="module")
def vgg16():
    """A last map of 5 × 5 (10 × 10 before its pooling), of which a pooling of 4 reads 4 × 4."""
    fitting.seed_initialisers(0)
    return model.build("vgg16", side=160)


def test_only_cells_with_a_gradient_are_painted(vgg16):
    """The whole image painted, or another corner, or the edge counted in cells of another map."""
    row = Row(id="r", side=160)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 160, 160, 1)).astype("uint8").repeat(3, axis=0)
    until = keras.Model(vgg16.input, vgg16.get_layer("block5_conv3").output)
    with tf.GradientTape() as tape:
        cells = until(figures.inputs(row, pixels))
        tape.watch(cells)
        score = tf.reduce_sum(rest(vgg16, cells))
    has_gradient = np.abs(tape.gradient(score, cells)).max(axis=(0, 3)) > 0
    assert has_gradient[:8, :8].any()
    assert not has_gradient[8:].any()
    assert not has_gradient[:, 8:].any()
    painted = figures.explained(row, vgg16, pixels, np.arange(3))
    assert painted.shape == (3, 160, 160)
    assert not painted[:, 128:].any()
    assert not painted[:, :, 128:].any()
    assert painted[:, 64:128, 64:128].any(), "a corner that is read stays unpainted"
    assert len({one.tobytes() for one in painted}) > 1, "every class is explained by the predicted one"


def rest(whole, cells):
    """The first class' logits from the last convolution on, by the layers' own weights."""
    x = cells
    for name in ("block5_pool", "pooled", "features", "hidden"):
        x = whole.get_layer(name)(x)
    kernel, bias = whole.get_layer("classes").get_weights()
    return x @ kernel[:, :1] + bias[:1]


def test_captions_say_what_is_not_read(vgg16):
    """The sentence lost, or there where the head reads all."""
    assert "upper left 4 × 4 of 5 × 5 cells (deviation 5)" in figures.unread(vgg16)
    base = keras.Model(vgg16.input, vgg16.get_layer("block5_pool").output)
    assert figures.unread(model.with_head(base, pool=5, hidden=2, dropout=0.0, classes=3)) == ""
