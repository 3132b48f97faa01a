"""Published networks: sizes, heads, preprocessing, and weights that are the file's."""

import hashlib
from pathlib import Path

import keras
import numpy as np
import pytest

from shared.base.errors import UserError
from shared.training import weight_files
from shared.training.backbones import BACKBONES, find_weights, load_weights, weights_missing

PARAMETERS = {
    "vgg16": 14_714_688,
    "resnet50": 23_587_712,
    "resnet101v2": 42_626_560,
    "inceptionv3": 21_802_784,
    "densenet121": 7_037_504,
    "densenet201": 18_321_984,
    "efficientnetb0": 4_049_571,
}
"""Without the top, as keras.io prints them or by subtraction of the top."""
GREY = np.full((1, 2, 2, 3), 128.0, "float32")
READY = {
    "vgg16": [128 - 103.939, 128 - 116.779, 128 - 123.68],
    "resnet50": [128 - 103.939, 128 - 116.779, 128 - 123.68],
    "resnet101v2": [128 / 127.5 - 1] * 3,
    "inceptionv3": [128 / 127.5 - 1] * 3,
    "densenet121": [(128 / 255 - m) / s for m, s in ((0.485, 0.229), (0.456, 0.224), (0.406, 0.225))],
    "densenet201": [(128 / 255 - m) / s for m, s in ((0.485, 0.229), (0.456, 0.224), (0.406, 0.225))],
    "efficientnetb0": [128.0] * 3,
}
"""Grey 128 as each network's published weights expect it, by hand."""
FILES = {
    "vgg16": "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "resnet50": "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "resnet101v2": "resnet101v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "inceptionv3": "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "densenet121": "densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "densenet201": "densenet201_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "efficientnetb0": "efficientnetb0_notop.h5",
}
"""As keras.applications calls what it downloads."""


def test_every_backbone_is_tested_here():
    assert PARAMETERS.keys() == READY.keys() == FILES.keys() == BACKBONES.keys()


@pytest.mark.parametrize("name", BACKBONES)
def test_pixels_reach_the_weights_as_these_expect_them(name):
    """Fails under the preprocessing of a relative, such as ResNet's for ResNetV2."""
    ready = np.asarray(BACKBONES[name].preprocess(GREY.copy()))
    assert ready[0, 0, 0] == pytest.approx(READY[name], abs=1e-4)


@pytest.mark.parametrize("name", BACKBONES)
def test_files_have_the_names_that_keras_gives_them(name, tmp_path):
    """Fails when one network's weights are looked for under the name of another."""
    assert FILES[name] in weights_missing(tmp_path, name)
    (tmp_path / FILES[name]).touch()
    assert find_weights(tmp_path, name) == tmp_path / FILES[name]
    assert weights_missing(tmp_path, name) is None


@pytest.mark.parametrize("name", ["vgg16", "densenet121", "efficientnetb0"])
def test_heads_end_where_their_names_say(name):
    """Fails when the average is a maximum, or a map is not the last one."""
    backbone, side = BACKBONES[name], 64
    maps, gap = (backbone.build((side, side, 3), head) for head in ("map", "gap"))
    assert maps.count_params() == gap.count_params() == PARAMETERS[name]
    gap.set_weights(maps.get_weights())
    images = np.random.default_rng(0).random((2, side, side, 3), "float32")
    averaged = np.asarray(maps(images)).mean(axis=(1, 2))  # traced, they would take ten times as long
    np.testing.assert_allclose(np.asarray(gap(images)), averaged, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", sorted(BACKBONES.keys() - {"densenet201"}))
def test_grad_cam_looks_at_the_last_maps(name):
    """A layer that has the name of another one: blocks and mixtures are counted."""
    maps = BACKBONES[name].build((75, 75, 3), "map")
    last = maps.layers[-1]
    if name == "vgg16":  # which ends in a pool
        last = maps.layers[-2]
    assert BACKBONES[name].last_conv == last.name


def test_vgg16_as_published_ends_in_its_second_dense_layer():
    """Fails when the thousand classes of ImageNet stay below the new output layer."""
    whole = BACKBONES["vgg16"].build((32, 32, 3), "published")
    assert whole.output_shape == (None, 4096) and whole.layers[-1].name == "fc2"


def test_weights_are_the_files(tmp_path):
    """Fails when a file is found and not loaded."""
    start = keras.applications.MobileNet  # another network's file must not fit
    source = BACKBONES["vgg16"].build((32, 32, 3), "map")
    rng = np.random.default_rng(0)
    values = [rng.normal(size=w.shape).astype("float32") for w in source.get_weights()]
    source.set_weights(values)
    path: Path = tmp_path / FILES["vgg16"]
    source.save(path)
    loaded = BACKBONES["vgg16"].build((32, 32, 3), "map", path).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(loaded, values, strict=True))
    start(weights=None, input_shape=(32, 32, 3), include_top=False).save(path)
    with pytest.raises(UserError, match="does not hold the weights of vgg16"):
        BACKBONES["vgg16"].build((32, 32, 3), "map", path)


def tiny() -> keras.Model:
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(number, tmp_path):
    """Fails when a damaged file trains for hours towards NaN."""
    path, model = tmp_path / "tiny.weights.h5", tiny()
    model.layers[0].kernel.assign(np.full((3, 2), number))
    model.save_weights(path)
    with pytest.raises(UserError, match=r"tiny.weights.h5 holds NaN or infinity"):
        load_weights(tiny(), path)


def test_a_flipped_byte_in_published_weights_is_said(tmp_path, capsys, monkeypatch):
    """The loader itself notices nothing: the numbers have no checksum in the file."""
    path, model = tmp_path / "vgg16.weights.h5", tiny()
    model.save_weights(path)
    whole = path.read_bytes()
    hashed = hashlib.md5(whole, usedforsecurity=False).hexdigest()
    monkeypatch.setitem(weight_files.PUBLISHED_MD5, path.name, hashed)
    load_weights(tiny(), path)
    assert capsys.readouterr().out == ""
    flipped = bytearray(whole)
    flipped[whole.index(model.layers[0].kernel.numpy().tobytes())] ^= 1
    path.write_bytes(flipped)
    load_weights(tiny(), path)
    assert capsys.readouterr().out.startswith(f"{path} is not the file that Keras publishes")
