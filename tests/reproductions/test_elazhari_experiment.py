"""Frozen bases stay as they are, their features are computed once, and a run is a function of its seed."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from runtimes import ON_CPU

from data_builders import phantom
from data_builders.pipeline import rescale
from reproductions.elazhari import PAPER, experiment, inputs
from reproductions.elazhari import model as models
from reproductions.elazhari.config import demo
from shared.paper import Context
from shared.training.stages import Stages

FROZEN = replace(
    demo(PAPER.row("ct-vgg16-pretrained")), pool=40, batch=16, max_epochs=1, hidden=8, learning_rate=1e-2
)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    phantom.write("sars_cov2_ct", folder, per_class=24, side=96)
    return folder


@pytest.fixture(scope="module")
def context(data_dir, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    runtime = ON_CPU
    return Context(data_dir, data_dir, cache, cache / "run", runtime, Stages(cache / "stages"), 0, True)


def run(row, context, folder: str, draw: int = 0):
    return experiment.run(row, draw, replace(context, run_dir=context.cache_dir / folder))


def features_stages(context):
    return {path.name for path in context.cache_dir.glob("stages/features-*") if path.is_dir()}


def test_training_changes_no_weight_of_a_frozen_base_moving_averages_included():
    """Fails when the base runs in training mode: batch norm's averages would follow the X-rays."""
    base = models.backbone("resnet50", 32, frozen=True)
    head = models.classifier(base.output_shape[1:], hidden=4)
    model = models.joined(base, head)
    before, head_before = base.get_weights(), head.get_weights()
    model.compile("adam", "categorical_crossentropy", run_eagerly=True)
    images = np.random.default_rng(0).random((4, 32, 32, 3), dtype="float32")
    model.train_on_batch(images, np.eye(2)[[0, 1, 0, 1]])
    assert all(np.array_equal(a, b) for a, b in zip(before, base.get_weights(), strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(head_before, head.get_weights(), strict=True))


def test_stored_features_and_features_of_every_step_give_the_same_predictions(context):
    """Fails when an item's warp differs between the stored pool and the training, or its row does."""
    stored = run(FROZEN, context, "stored")
    fresh = run(replace(FROZEN, store_features=False), context, "fresh")
    assert stored.sample == fresh.sample
    np.testing.assert_allclose(stored.probabilities, fresh.probabilities, atol=2e-3)
    assert stored.facts["parameters"] == fresh.facts["parameters"]
    assert stored.facts["trainable_parameters"] == fresh.facts["trainable_parameters"]


def test_copies_of_an_image_have_one_name_where_patients_are_counted(context):
    """Fails when intervals take the copies of an image for evidence of their own, or all images for one."""
    found = run(replace(FROZEN, pool=60), context, "copies")
    images = [sample.partition("#")[0] for sample in found.sample]
    assert len(set(images)) < len(images)
    assert len(set(zip(images, found.patient, strict=True))) == len(set(images))
    assert len(set(found.patient)) > 2  # look-alikes that are near copies of each other are one source


def test_both_protocols_read_the_same_features_of_the_pool(context):
    """Fails when `clean` has the whole pool computed again; its untouched images are its own."""
    run(FROZEN, context, "published")
    published = features_stages(context)
    found = run(replace(FROZEN, protocol="clean"), context, "clean")
    assert len(features_stages(context) - published) == 2  # validation and test
    assert found.facts["test_items_with_source_in_training"] == 0.0
    assert not any("#" in sample for sample in found.sample)


def test_a_draw_is_the_same_after_another_has_used_the_compiled_model(context):
    """Fails when weights or optimizer state of the draw before shine through."""
    first, other, again = (run(FROZEN, context, f"draw-{n}", draw) for n, draw in enumerate((0, 1, 0)))
    assert np.array_equal(first.probabilities, again.probabilities)
    assert other.sample != first.sample


def test_features_go_on_where_a_kill_left_them(tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "BLOCK", 4)
    base = keras.Sequential([keras.layers.Input((2, 2, 3)), keras.layers.MaxPooling2D()])
    pixels = np.random.default_rng(0).integers(0, 256, (10, 2, 2, 3), dtype=np.uint8)
    asked = []

    def batches(block: slice, killed_at: int | None = None):
        if block.start == killed_at:
            raise KeyboardInterrupt
        asked.append(block.start)
        places = np.arange(10)[block]
        part = inputs.Part(pixels, np.zeros(10, int), places, places, None, rescale)
        return part.ordered(FROZEN, 0)

    with pytest.raises(KeyboardInterrupt):
        inputs.write_features(tmp_path, base, 10, lambda block: batches(block, killed_at=4))
    inputs.write_features(tmp_path, base, 10, batches)
    assert asked == [0, 4, 8]
    written = np.load(tmp_path / "features.npy")
    np.testing.assert_allclose(written[:, 0, 0], pixels.max(axis=(1, 2)) / 255, atol=5e-4)


def test_demo_keeps_every_row_and_shrinks_no_cnn():
    assert [demo(row).id for row in PAPER.rows] == [row.id for row in PAPER.rows]
    assert {demo(row).side for row in PAPER.rows if row.model == "cnn"} == {200}
    assert all(demo(row).weights == "random" for row in PAPER.rows)
