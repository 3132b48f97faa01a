"""Figures 2 and 6 show the images that they name; Grad-CAM paints what the head reads, and nothing else."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiles import same, tiles

from reproductions.zebin import figures, model
from reproductions.zebin.config import Row
from reproductions.zebin.data import Samples
from shared.report.galleries import overlay
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


def test_figure_6_shows_and_explains_the_surest_test_image_of_each_class(vgg16):
    """A training image, the surest of another class, a probability or a map of another image or class."""
    pixels = np.random.default_rng(1).integers(0, 256, (9, 160, 160, 1)).astype("uint8")
    labels, test = np.array([0, 1, 2] * 3), np.array([3, 4, 5, 6, 7, 8])
    blank = np.array([""] * 9)
    samples = Samples(pixels, labels, blank, blank, train=np.arange(3), test=test, **NOTHING_MADE)
    right = np.array([0.99, 0.99, 0.99, 0.6, 0.5, 0.8, 0.4, 0.9, 0.7])  # the first three are trained on
    probabilities = np.full((9, 3), 0.95)
    probabilities[np.arange(9), labels] = right
    row = Row(id="r", side=160)
    shown = tiles(figures.classes(row, vgg16, samples, probabilities)[0])
    assert [title for title, _ in shown[:3]] == ["Normal (0.90)", "Pneumonia (0.80)", "COVID-19 (0.60)"]
    chosen = [7, 5, 3]
    assert all(same(tile, pixels[place]) for (_, tile), place in zip(shown, chosen, strict=False))
    maps = figures.explained(row, vgg16, pixels[chosen], labels[chosen])
    np.testing.assert_array_equal([tile for _, tile in shown[3:]], overlay(pixels[chosen], maps))


NOTHING_MADE = {"synthetic": np.array([], int), "sources": np.array([], int)}


def test_figure_2_shows_each_generated_image_between_its_source_and_its_neighbour():
    """Sources and neighbours of other images, or the neighbour taken for the image's like place."""
    rng = np.random.default_rng(2)
    sources, real = (rng.integers(0, 256, (3, 24, 24, 1)).astype("uint8") for _ in range(2))
    fake = real[[2, 0, 1]]  # the generator copied three real images
    facts = {"synthetic_share_copied": 1, "kid_synthetic_to_covid": 0}
    facts |= {"kid_normal_to_covid": 0, "kid_covid_to_covid": 0}
    pictures = figures.synthetic(
        sources, fake, real, facts, [{"step": 1, "loss": 2.0}, {"step": 2, "loss": 1.0}]
    )
    neighbours = tiles(pictures["synthetic-neighbours"][0])
    for (_, tile), image in zip(neighbours, [*sources, *fake, *fake], strict=True):
        assert same(tile, image)
    assert [title for title, _ in neighbours[6:]] == ["nearest real (1.00)"] * 3
    beside = tiles(pictures["synthetic-beside-real"][0])
    assert [title for title, _ in beside] == ["COVID-19"] * 3 + ["generated"] * 3
    assert all(same(tile, image) for (_, tile), image in zip(beside, [*real, *fake], strict=True))
