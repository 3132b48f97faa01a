"""The probe itself: images keep their numbers on the way to a model, and a log misses nothing."""

import keras
import numpy as np
import probe
import probe_marks as marks
import pytest
import tensorflow as tf
from runtimes import ON_CPU

from data_builders.augment import Augment
from data_builders.pipeline import eval_batches, rescale, train_batches
from shared.training import fitting
from shared.training.backbones import BACKBONES, find_weights

NUMBERS = np.arange(0, 961, 37)
IMAGES = np.stack([marks.image(number, 64) for number in NUMBERS])[..., None]


@pytest.mark.parametrize(
    "augment",
    [
        Augment(rotation=25, zoom=(0.8, 1.25), flip=True),
        Augment(rotation=15, shift=0.1, flip=True, fill="nearest"),
        Augment(zoom=(0.9, 1.1), shift_pixels=5, flip=True),
        Augment(flip=True, crop=(52, 52)),
    ],
    ids=["turned and zoomed", "shifted", "by pixels", "cropped"],
)
def test_augmentation_leaves_the_numbers_readable_and_the_images_changed(augment):
    changed = np.concatenate(list(eval_batches(IMAGES, batch=7, augment=augment, finish=tf.identity)))
    assert np.array_equal(marks.numbers(changed[..., 0]), NUMBERS)
    if not augment.crop:
        assert not any(np.array_equal(a, b) for a, b in zip(changed, IMAGES, strict=True))


def test_a_shift_by_fractions_instead_of_pixels_a_mixture_or_another_scale_is_not_readable():
    away = np.concatenate(list(eval_batches(IMAGES, batch=7, augment=Augment(shift=5.0), finish=tf.identity)))
    assert np.mean(marks.numbers(away[..., 0]) == NUMBERS) < 0.2
    mixed = 0.6 * IMAGES + 0.4 * IMAGES[::-1]
    assert np.mean(marks.numbers(mixed[..., 0]) == NUMBERS) < 0.2
    assert np.array_equal(marks.numbers(probe.UNIT.grey(IMAGES / 255.0)), NUMBERS)
    with pytest.raises(AssertionError, match="is not 0 to 1"):
        probe.UNIT.grey(IMAGES.astype("float32"))
    with pytest.raises(AssertionError, match="is not 0 to 255"):
        probe.RAW.grey(IMAGES / 255.0)


@pytest.mark.parametrize(
    "name, scale", [("vgg16", probe.CAFFE), ("inceptionv3", probe.SIGNED), ("densenet121", probe.TORCH)]
)
def test_a_probe_backbone_with_its_file_hands_the_numbers_on(tmp_path, name, scale):
    """Fails when the file is not loaded, or the preprocessing is not the backbone's own."""
    grey = np.repeat(IMAGES, 3, axis=-1).astype("float32")
    with probe.scene(tmp_path, {}) as scene:
        folder = scene.write_weights(name)
        backbone = BACKBONES[name]
        ready = np.asarray(backbone.preprocess(tf.constant(grey)))
        assert np.array_equal(marks.numbers(scale.grey(ready)), NUMBERS)
        maps = backbone.build((64, 64, 3), "map", find_weights(folder, name)).predict(ready, verbose=0)
        assert np.array_equal(marks.numbers(scale.back(maps)[..., 0]), NUMBERS)
        keras.utils.set_random_seed(0)
        empty = backbone.build((64, 64, 3), "map").predict(ready, verbose=0)
        assert np.mean(marks.numbers(scale.back(empty)[..., 0]) == NUMBERS) < 0.2


def test_a_log_holds_every_batch_once_with_labels_rates_and_moves(tmp_path):
    images = keras.Input((64, 64, 1))
    scores = keras.layers.Dense(2, "softmax", name="out")(keras.layers.Flatten()(images))
    model = keras.Model(images, scores)
    fitting.compile_model(model, keras.optimizers.Adam(0.01), "categorical_crossentropy", ON_CPU)
    labels = NUMBERS % 2

    def batches(epoch):
        return train_batches(IMAGES, labels, classes=2, batch=8, seed=1, epoch=epoch)

    with probe.watch() as log:
        fitting.fit(
            model, batches, epochs=2, seed=3, folder=tmp_path, title="one", validation=lambda: batches(0)
        )
        fitting.predict(model, eval_batches(IMAGES, batch=8, finish=rescale), "scored")
    training = log.training("one")
    assert (training.seed, len(training.epochs), len(training.validations)) == (3, 2, 2)
    for one in training.epochs:
        assert sorted(one.numbers(probe.UNIT)) == NUMBERS.tolist()
        assert np.array_equal(one.labels, one.numbers(probe.UNIT) % 2)
        assert one.sizes == [8, 8, 8, 2] and one.rates == pytest.approx([0.01] * 4)
        assert one.moved == {"out/kernel", "out/bias"}
    assert training.epochs[0].steps[0]["out/bias"] == pytest.approx(0.01, rel=1e-3)
    (scored,) = log.predictions
    assert np.array_equal(scored.numbers(probe.UNIT), NUMBERS) and scored.title == "scored"
    assert not scored.moved and scored.outputs.shape == (26, 2)


def test_a_table_tells_parts_numbers_and_repeats_apart():
    parts = {"training": [1, 2], "test": [3, 4, 5]}
    assert probe.groups(np.array([1, 2]), parts) == "training, each once"
    assert (
        probe.groups(np.array([1, 2, 2, 3]), parts)
        == "training, each 1 to 2 times; 1 of 3 of test, each once"
    )
    assert probe.groups(np.array([1, 2, 9]), parts) == "training, each once; 1 others"
