"""Figures 4 and 9 show the images that they name, as the network sees them."""

import dataclasses

import keras
import numpy as np
import pytest
from tiles import same, tiles
from zhao_by_hand import tiny

from data_builders.catalog import Table
from reproductions.zhao import bit, data, figures
from reproductions.zhao.config import CLASSES, ROWS, demo
from shared.comparison import Predictions
from shared.report.galleries import overlay
from shared.training.gradcam import grad_cam

ROW = demo(ROWS[0])


@pytest.fixture(scope="module")
def model():
    """BiT with one unit and a head that is not all zeros."""
    keras.utils.set_random_seed(0)
    network = tiny(3)
    head = network.get_layer("head.conv2d")
    head.set_weights([np.random.default_rng(0).normal(size=w.shape) for w in head.get_weights()])
    return network


def images(pixels):
    """Images of each class in turn."""
    labels, blank = np.arange(len(pixels)) % 3, np.array([""] * len(pixels))
    return data.Images(Table("covidx_ct", CLASSES, blank, labels, blank, {}, labels, None), pixels)


def test_pictures_look_at_the_layers_that_the_head_reads():
    """An earlier map for Grad-CAM, or other features than those that are decided by."""
    network = bit.bit_resnet50x1(3)
    features, last_map = network.get_layer(bit.FEATURES), network.get_layer(bit.LAST_MAP)
    assert network.get_layer("head.conv2d").input is features.output
    assert features.input is last_map.output and isinstance(last_map, keras.layers.ReLU)


def test_figure_9_explains_images_as_the_network_sees_them(model):
    """Raw pixels explained, a wrong image or name, an image that was misread."""
    shown = images(np.random.default_rng(1).integers(0, 256, (12, 32, 32, 1)).astype("uint8"))
    decided = shown.labels.copy()
    decided[:6] = (decided[:6] + 1) % 3  # of each class two are read rightly
    names = [str(place) for place in range(12)]
    test = Predictions(CLASSES, ["test"] * 12, names, names, shown.labels, np.eye(3)[decided])
    row = dataclasses.replace(ROW, examples=2)
    found = tiles(figures.figure9(row, model, shown, test, seed=0)["gradcam"][0])
    right = [6, 9, 7, 10, 8, 11]
    pixels = shown.pixels[right]
    seen = np.repeat(pixels / 127.5 - 1, 3, axis=-1).astype("float32")
    painted = overlay(pixels, grad_cam(model, seen, layer="last_map"))
    for number, image in enumerate(pixels):
        line, place = divmod(number, 2)
        title, tile = found[4 * line + place]
        assert title == CLASSES[line] and same(tile, image)
        assert np.abs(found[4 * line + 2 + place][1].astype(int) - painted[number]).max() <= 1


def test_figure_4_gives_every_image_the_mark_of_its_own_class(model):
    """Labels of other images than those that are laid out: here each class has its own stripes."""
    rows, columns = np.indices((32, 32)) // 4 % 2
    stripes = 160 * np.stack([rows, columns, rows ^ columns])[np.arange(60) % 3]
    noise = np.random.default_rng(1).integers(0, 64, (60, 32, 32))
    shown = images((stripes + noise).astype("uint8")[..., None])
    row = dataclasses.replace(ROW, tsne_images=45)
    (picture, text) = figures.figure4(row, model, shown, seed=0)["tsne"]
    places = [np.asarray(marks.get_offsets()) for marks in picture.axes[0].collections]
    classes = np.repeat(np.arange(3), [len(each) for each in places])
    everything = np.concatenate(places)
    apart = np.linalg.norm(everything[:, None] - everything, axis=-1) + np.diag([np.inf] * 45)
    assert (classes[apart.argmin(axis=1)] == classes).all()
    assert "45 random test images" in text
