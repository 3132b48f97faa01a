"""The classifier's sizes and parts, and the fold economy: stored features against whole models."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from runtimes import ON_CPU

from data_builders.augment import Augment
from data_builders.pipeline import repeat_grey, train_batches
from reproductions.zebin import data, experiment, model
from reproductions.zebin.config import Row
from reproductions.zebin.data import Samples
from reproductions.zebin.features import Features, Inputs
from shared.paper import Context
from shared.training import fitting, runtime
from shared.training.stages import Stages

ROW = Row(id="tiny", folds=3, draws=3, epochs=2, batch=4, learning_rate=1e-2, dropout=0.5)


@pytest.fixture(autouse=True, scope="module")
def as_in_a_run():
    """Deterministic ops and no graph rewriting, as the command line sets them: equal bits need both."""
    runtime.start(precision="float32")


@pytest.mark.parametrize(
    ("backbone", "parameters", "trainable"),
    [("vgg16", 14_747_715, 33_027), ("resnet50", 23_719_043, 131_331), ("efficientnetb0", 4_131_750, 82_179)],
)
def test_sizes_are_the_stated_ones(backbone, parameters, trainable):
    """Another head, a backbone that is not frozen, or a published top that is not ImageNet's."""
    whole = model.build(backbone)
    published = {"vgg16": 138_357_544, "resnet50": 25_636_712, "efficientnetb0": 5_330_571}[backbone]
    assert model.published_parameters(backbone, model.features_of(whole).count_params()) == published
    assert whole.count_params() == parameters
    assert sum(v.shape.num_elements() for v in whole.trainable_variables) == trainable
    assert model.head_of(whole).count_params() == trainable


def finish(images):
    return tf.round(repeat_grey(images))


def tiny() -> keras.Model:
    """A frozen base whose sums are exact, so that no bit depends on which images share a batch."""
    rng = np.random.default_rng(3)
    image = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(6, 3, strides=2, activation="relu", name="exact")(image)
    x = keras.layers.BatchNormalization(epsilon=0.0)(x)
    whole = model.with_head(keras.Model(image, x), pool=2, hidden=8, dropout=0.5, classes=3)
    kernel, bias = whole.get_layer("exact").weights
    kernel.assign(rng.integers(-4, 5, kernel.shape) / 1024)
    bias.assign(rng.integers(-4, 5, bias.shape) / 8)
    return whole


def twenty_four_images() -> Samples:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (30, 16, 16, 1)).astype("uint8")
    labels = np.arange(30) % 3
    names, patients = (np.array([f"{kind}{i}" for i in range(30)]) for kind in ("image", "patient"))
    nothing = np.zeros(0, int)
    return Samples(pixels, labels, names, patients, np.arange(6, 30), np.arange(6), nothing, nothing)


def context(folder) -> Context:
    return Context(folder, folder, folder, folder / "run", ON_CPU, Stages(folder / "stages"), 0, True)


def inputs_of(whole, samples, folder) -> Inputs:
    augment = Augment(rotation=15, shift=0.1, flip=True, fill="nearest")
    extractor = model.features_of(whole)
    return Inputs(samples, Features(extractor, "tiny", finish, augment, 5, Stages(folder / "stages"), ON_CPU))


def economical(samples, draw, folder):
    """The head's history and weights by the way of a run: features of all training images, then the fold."""
    whole = tiny()
    head = fitting.compile_model(model.head_of(whole), keras.optimizers.Adam(1e-2), model.LOSS, ON_CPU)
    network = model.Network(whole, model.features_of(whole), head)
    fold = dataclasses.replace(data.fold(ROW, samples, draw, 0), seed=5)
    run = dataclasses.replace(context(folder), run_dir=folder / f"draw-{draw}")
    history = experiment.fit(ROW, network, inputs_of(whole, samples, folder), fold, run, "head")
    return fold, history, head.get_weights()


def alone(samples, fold, folder):
    """The same by training the whole model on the fold's images and nothing else."""
    whole = tiny()
    head = model.head_of(whole)
    head.set_weights(model.fresh_weights(head, fold.seed))
    fitting.compile_model(whole, keras.optimizers.Adam(1e-2), model.LOSS, ON_CPU)
    augment = Augment(rotation=15, shift=0.1, flip=True, fill="nearest")

    def batches(epoch):
        options = {"classes": 3, "batch": ROW.batch, "augment": augment, "finish": finish, "rows": fold.train}
        return train_batches(samples.pixels, samples.labels, seed=fold.seed, epoch=epoch, **options)

    history = fitting.fit(whole, batches, epochs=2, seed=fold.seed, folder=folder / "alone", title="alone")
    return history, head.get_weights()


@pytest.mark.parametrize("draw", [0, 2])
def test_a_fold_on_shared_features_has_the_bits_of_the_fold_alone(draw, tmp_path):
    """Augmentation keyed by the place in the fold, another order, or batch norm that learns."""
    samples = twenty_four_images()
    fold, shared_history, shared_weights = economical(samples, draw, tmp_path)
    history, weights = alone(samples, fold, tmp_path)
    for one, other in zip(shared_weights, weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [logs["loss"] for logs in shared_history] == [logs["loss"] for logs in history]


def test_features_are_computed_once_for_all_folds_and_with_synthetic_images(tmp_path, monkeypatch):
    """Features keyed by fold, or those of real images lost when synthetic ones are added."""
    samples, predict = twenty_four_images(), fitting.predict
    whole, made = tiny(), []
    monkeypatch.setattr(fitting, "predict", lambda *a: made.append(1) or predict(*a))
    first = inputs_of(whole, samples, tmp_path).augmented(0)
    again = inputs_of(whole, samples, tmp_path).augmented(0)
    more = samples.with_synthetic(ROW, samples.pixels[:2], samples.train[:2])
    both = inputs_of(whole, more, tmp_path).augmented(0)
    assert len(made) == 2
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(both[6:30], first[6:])
    assert np.isfinite(both[6:]).all()
    assert np.isnan(both[:6]).all(), "features of test images are at hand in training"


def test_features_are_means_of_the_upper_left_cells():
    """The largest in place of the mean, another corner, or cells that a border is added to."""
    image = keras.Input((7, 7, 2))
    base = keras.Model(image, keras.layers.Activation("linear")(image))
    whole = model.with_head(base, pool=3, hidden=4, dropout=0.25, classes=3)
    cells = np.random.default_rng(0).normal(size=(5, 7, 7, 2)).astype("float32")
    by_hand = cells[:, :6, :6].reshape(5, 2, 3, 2, 3, 2).mean(axis=(2, 4)).reshape(5, -1)
    np.testing.assert_allclose(model.features_of(whole)(cells), by_hand, atol=1e-6)
    assert whole.get_layer("dropout").rate == 0.25
    assert whole.get_layer("hidden").activation is keras.activations.relu


def test_whole_model_and_its_parts_agree_after_training(tmp_path):
    """Grad-CAM would explain another model than the one that was scored."""
    whole = tiny()
    head = model.head_of(whole)
    head.set_weights([w + 0.1 for w in head.get_weights()])
    images = np.random.default_rng(1).uniform(0, 1, (4, 16, 16, 3)).astype("float32")
    np.testing.assert_allclose(whole(images), head(model.features_of(whole)(images)), atol=1e-6)
