"""A row end to end, at the smallest size that ResNet50 takes."""

import dataclasses

import numpy as np
import pytest
from runtimes import ON_CPU

from reproductions.altaf import data, experiment, keys
from reproductions.altaf.config import Row
from reproductions.altaf.dictionary import class_scores
from shared.paper import Context
from shared.training import fitting
from shared.training.stages import Stages

ROW = Row(
    id="ccd-resnet50-combined",
    dataset="ccd",
    backbone="resnet50",
    method="combined",
    weights="random",
    source_side=32,
    side=64,
    findings_per_class=2,
    intermediate_epochs=(1, 1, 1),
    epochs=1,
)


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    root = tmp_path_factory.mktemp("altaf")
    data.write_phantoms(root / "data")
    runtime = ON_CPU
    stages = Stages(root / "stages")
    return Context(root / "data", root, root / "cache", root / "run", runtime, stages, 0, demo=True)


@pytest.fixture(scope="module")
def combined(context):
    return experiment.run(ROW, 0, context)


def test_the_test_images_are_the_draws_chunk_under_their_own_names(context, combined):
    """Fails when predictions and names are in different orders, or training images are scored."""
    images = data.load_target(ROW, context.data_dir, context.cache_dir)
    _, test = data.split(ROW, images.labels, 0, 0)
    assert combined.sample == images.names[test].tolist()
    assert np.array_equal(combined.true, images.labels[test])
    assert combined.facts["test_images"] == len(test) == 8


def test_combined_adds_the_dictionary_to_the_softmax_of_the_same_model(context, combined):
    """boosted-aug is the same training: found, not repeated; only the decision differs."""
    before = sorted(path.name for path in context.stages.root.glob("*-*/stage.json"))
    plain = experiment.run(dataclasses.replace(ROW, id="x", method="boosted-aug"), 0, context)
    assert sorted(path.name for path in context.stages.root.glob("*-*/stage.json")) == before
    assert plain.scores is None
    assert np.array_equal(plain.probabilities, combined.probabilities)
    file = next(context.stages.root.glob("target-*/activations.npz"))
    activations, _ = fitting.load_arrays(file)
    images = data.load_target(ROW, context.data_dir, context.cache_dir)
    train, test = data.split(ROW, images.labels, 0, 0)
    added = class_scores(activations[train], images.labels[train], activations[test])
    assert combined.scores == pytest.approx(combined.probabilities + added)


def test_a_finished_stage_keeps_results_and_no_checkpoints(context, combined):
    names = {path.name for path in context.stages.root.glob("*-*/*")}
    assert names == {"stage.json", "activations.npz", "body.npz"}


def test_another_draw_is_another_training(context, combined):
    key = keys.target_key(ROW) | {"draw": 0} | keys.surroundings(ROW, context)
    assert context.stages.any_done("target", key)
    assert not context.stages.any_done("target", key | {"draw": 1})
