"""A run from phantoms to pictures, and how rows share a training."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from probe import forget_models
from probe_keys import Told
from runtimes import ON_CPU
from zhao_by_hand import published
from zhao_by_hand import tiny as tiny_bit

from data_builders import phantom
from reproductions.zhao import PAPER, bit, data, experiment, figures, model
from reproductions.zhao.config import demo
from reproductions.zhao.schedule import learning_rate
from shared.base.errors import UserError
from shared.comparison import Predictions
from shared.paper import Context
from shared.training.stages import Stages


def tiny(row_id):
    """A demo's row of three steps: the first at rate zero, then the head moves, then all."""
    row = PAPER.row(row_id)
    few = {"schedule": (1, 3, 3, 3, 3), "block": 2, "batch": 6, "curve_share": 0.5}
    return replace(demo(row), rate=row.rate, momentum=row.momentum, **few)


@pytest.fixture(scope="module", autouse=True)
def one_unit():
    """BiT with one unit in place of sixteen: what is asked here does not depend on how many there are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bit, "bit_resnet50x1", tiny_bit)
        forget_models()
        yield
    forget_models()


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    root = tmp_path_factory.mktemp("zhao")
    phantom.write("covidx_ct", root / "data", per_class=24, side=64)
    stages = Stages(root / "cache" / "stages")
    return Context(root / "data", root, root / "cache", root / "run", ON_CPU, stages, seed=0, demo=True)


@pytest.fixture(scope="module")
def found(context):
    return PAPER.run(tiny("bit-m"), 0, context)


def stages(context):
    return sorted(context.stages.root.glob("bit-*/stage.json"))


def test_a_run_judges_both_official_splits_image_by_image(found):
    assert set(found.split) == {"validation", "test"}
    lengths = {len(column) for column in (found.split, found.sample, found.patient, found.true)}
    assert lengths == {len(found.probabilities)} and len(set(found.sample)) == len(found.sample)
    assert found.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    arrays = bit.arrays(tiny_bit(3))
    body = sum(np.prod(v.shape) for name, v in arrays.items() if "/head/" not in name)
    assert found.facts["parameters_before_the_head"] == body


def test_the_curve_stands_after_every_block(found):
    """Blocks of two steps in a training of three: steps 2 and 3, never 4."""
    assert [logs["step"] for logs in found.history] == [2, 3]
    assert all(0 <= logs["val_accuracy"] <= 1 for logs in found.history)


def test_the_whole_network_learns_not_only_its_head(found, context):
    """Frozen layers, or a head at zero that never lets a gradient through."""
    (stage,) = (path.parent for path in stages(context))
    network = keras.saving.load_model(stage / "model.keras", compile=False, safe_mode=True)
    trained = {name: np.asarray(variable) for name, variable in bit.arrays(network).items()}
    bit.initialise(network, "he_normal", experiment.seed_of(0, context))
    moved = {name: np.abs(trained[name] - np.asarray(v)).max() for name, v in bit.arrays(network).items()}
    for unit in ("root_block", "block1/unit01/a", "block1/unit01/c"):
        assert 0 < moved[f"resnet/{unit}/standardized_conv2d/kernel"] < 0.1
    assert moved["resnet/head/conv2d/kernel"] > 0


def test_a_training_keeps_its_model_but_no_checkpoints_and_no_momentum(found, context):
    (stage,) = (path.parent for path in stages(context))
    assert not (stage / "checkpoints").exists()
    assert not keras.saving.load_model(stage / "model.keras").compiled


def test_a_row_that_shows_the_same_training_does_not_train_again(found, context):
    other = PAPER.run(tiny("fig6-512x480-10000-mixup"), 0, context)
    assert len(stages(context)) == 1
    np.testing.assert_array_equal(other.probabilities, found.probabilities)
    assert context.stages.any_done("bit", dict(PAPER.work(tiny("bit-m"))[0].key) | {"seed": 0})


def test_other_labels_or_boxes_of_the_same_slices_are_another_training(context):
    """Fails when a training on the annotations of before is found again for corrected ones."""
    tables = data.load(context.data_dir, context.cache_dir)
    asked = replace(context, stages=Told(context.stages.root))

    def stage(table):
        return experiment.trained(tiny("bit-m"), 0, tables | {"train": table}, asked)

    train = tables["train"]
    box = train.extra["box"] + [0, 0, 1, 1]
    others = replace(train, label=np.roll(train.label, 1)), replace(train, extra=train.extra | {"box": box})
    assert len({stage(train), *map(stage, others)}) == 3


def test_the_pictures_are_those_the_row_shows(found):
    assert set(found.pictures) >= {"confusion", "curve", "tsne"}
    assert sum(map(sum, (c.values() for c in found.facts["counts"]["images"].values()))) == 72
    json.dumps(found.facts)


def test_grad_cam_shows_rightly_classified_images_of_each_class():
    """Figure 9: "All the predictions ... are the same as the actual detection results"."""
    true = np.repeat([0, 1, 2], 6)
    decided = np.where(np.arange(18) % 3 == 0, 0, true)
    decided[true == 2] = 1
    names = [str(i) for i in range(18)]
    test = Predictions(("a", "b", "c"), ["test"] * 18, names, names, true, np.eye(3)[decided])
    rows = figures.examples(test, 3, seed=0)
    assert true[rows].tolist() == [0, 0, 0, 1, 1, 1]
    assert (decided[rows] == true[rows]).all()


def test_a_start_takes_the_official_file_and_forgets_the_training_before(tmp_path):
    """A compiled model is shared by rows: weights or momentum of the row before would leak into the next."""
    row = replace(tiny("bit-m"), weights="bit-m")
    network = model.compiled(row, ON_CPU)
    bit.initialise(network, "he_normal", 1)
    arrays = published(1)
    np.savez(tmp_path / "BiT-M-R50x1.npz", **arrays)
    for variable in (*network.weights, *network.optimizer.variables):
        variable.assign(variable + 1)
    assert model.started(row, tmp_path, 0, ON_CPU) is network
    assert all(not np.asarray(v).any() for v in network.get_layer("head.conv2d").weights)
    for name, variable in bit.arrays(network).items():
        if "/head/" not in name:
            np.testing.assert_array_equal(np.asarray(variable), arrays[name])
    assert all(not np.asarray(v).any() for v in network.optimizer.variables)
    _, rates = model._compiled(row, ON_CPU)
    expected = [learning_rate(step, row.schedule, row.rate) for step in range(3)]
    assert np.asarray(rates(np.arange(3))).tolist() == pytest.approx(expected)


def test_a_damaged_weight_file_is_named(tmp_path):
    row = replace(tiny("bit-m"), weights="bit-s")
    (tmp_path / "BiT-S-R50x1.npz").write_bytes(b"not a zip file")
    with pytest.raises(UserError, match=r"BiT-S-R50x1\.npz"):
        model.started(row, tmp_path, 0, ON_CPU)
