"""The pool and its two splits, the sources, the stopping rule, and the rows."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from data_builders import catalog, phantom
from data_builders.augment import Augment
from reproductions.elazhari import PAPER, data
from reproductions.elazhari.config import ROWS, Row, rule_met
from shared.base.errors import UserError
from shared.training.stages import Stages

TRUTH = np.repeat([0, 1], (30, 50))
SOURCES = np.arange(80) // 2  # each image twice
ROW = Row("ct-cnn", pool=1000)


def parts(protocol: str, seed=(0, 0)):
    return data.split(replace(ROW, protocol=protocol), TRUTH, SOURCES, seed)


def test_rows_are_6_models_random_or_frozen_on_2_modalities_under_2_protocols():
    assert Counter(row.protocol for row in ROWS) == {"as_published": 22, "clean": 22}
    assert len({row.id for row in ROWS}) == 44
    assert all(row.frozen == (row.weights == "imagenet") for row in ROWS)
    assert {row.learning_rate for row in ROWS if row.model == "vgg16"} == {1e-5}
    assert {row.learning_rate for row in ROWS if row.model != "vgg16"} == {1e-3}
    assert {(row.model, row.side) for row in ROWS if row.side != 224} == {("cnn", 200), ("inceptionv3", 299)}


def test_a_pool_of_90000_is_balanced_and_leaves_72000_for_an_epoch_of_either_protocol():
    full = replace(ROW, pool=90_000)
    assert (TRUTH[data.pool(full, TRUTH)] == 0).sum() == 45_000
    for protocol in ("as_published", "clean"):
        assert len(data.split(replace(full, protocol=protocol), TRUTH, SOURCES, (0, 0))["train"]) == 72_000


def test_as_published_uses_each_item_of_the_pool_once_and_puts_copies_on_both_sides():
    found = parts("as_published")
    keys = np.concatenate([found[name].keys for name in ("train", "validation", "test")])
    assert sorted(keys) == list(range(1000))
    assert [len(found[name]) for name in ("train", "validation", "test")] == [800, 100, 100]
    assert data.shared_sources(found, SOURCES) == 1.0


def test_clean_shares_no_source_and_augments_only_what_trains():
    """Fails when the pool is split before its images, or when a source's images are."""
    found = parts("clean")
    sources = [set(SOURCES[found[name].rows]) for name in ("train", "validation", "test")]
    assert not (sources[0] & sources[1] or sources[0] & sources[2] or sources[1] & sources[2])
    assert data.shared_sources(found, SOURCES) == 0.0
    assert [found[name].augmented for name in ("train", "validation", "test")] == [True, False, False]
    assert all(len(set(found[name].rows)) == len(found[name]) for name in ("validation", "test"))


def test_clean_trains_on_items_of_the_same_pool():
    """Features of the pool serve both protocols only if an item's key means the same in both."""
    train = parts("clean")["train"]
    np.testing.assert_array_equal(train.rows, data.pool(ROW, TRUTH)[train.keys])


@pytest.mark.parametrize("protocol", ["as_published", "clean"])
def test_a_split_is_a_function_of_its_seed(protocol):
    one, same, other = (parts(protocol, seed)["test"].rows for seed in ((0, 0), (0, 0), (0, 1)))
    assert one.tolist() == same.tolist() != other.tolist()


def test_an_unknown_protocol_is_named():
    with pytest.raises(UserError, match="protocol=cleen"):
        parts("cleen")


@pytest.mark.parametrize(
    ("accuracy", "loss", "stops"),
    [(0.89, 0.29, True), (0.95, 0.3, False), (0.8899, 0.1, False), (0.9, 0.2999, True), (1.0, 0.5, False)],
)
def test_stopping_rule_needs_accuracy_of_089_and_a_loss_below_03(accuracy, loss, stops):
    assert rule_met(ROW, accuracy, loss) is stops


def test_sample_ids_tell_copies_of_one_image_apart():
    items = data.Items(np.array([1, 1]), np.array([7, 9]), augmented=True)
    assert items.names(np.array(["a.png", "b.png"])) == ["b.png#7", "b.png#9"]


def test_augmentation_is_the_row_s_and_keras_zoom_factor_the_inverse_of_an_enlargement():
    """Fails when zoom_range 0.2 is read as an enlargement by 0.8 to 1.2, or a kind of warp is forgotten."""
    augmented, plain = (data.Items(np.arange(2), np.arange(2), augmented=yes) for yes in (True, False))
    assert data.augmentation(ROW, augmented).zoom == pytest.approx((1 / 1.2, 1.25))
    own = replace(ROW, rotation=7.0, zoom=(0.5, 2.0), flip=True, fill="reflect")
    assert data.augmentation(own, augmented) == Augment(7.0, zoom=(0.5, 2.0), flip=True, fill="reflect")
    assert data.augmentation(own, plain) is None


def test_a_dataset_of_ct_serves_no_x_ray_row(tmp_path):
    """Fails when `--set dataset=covid_ct` without `--row` puts CT into the X-ray rows."""
    xray = replace(PAPER.row("xray-cnn"), dataset="covid_ct")
    assert "covid_ct holds no X-ray images" in data.missing(xray, tmp_path)
    phantom.write("covid_ct", tmp_path, per_class=2, side=16)
    assert data.missing(replace(PAPER.row("ct-cnn"), dataset="covid_ct"), tmp_path) is None
    assert "covid_ct holds no X-ray images" in data.missing(xray, tmp_path)


def test_patients_that_become_known_are_one_source_each(tmp_path):
    """Fails when sources that were found without them are taken: a patient would be on both sides."""
    phantom.write("sars_cov2_ct", tmp_path / "data", per_class=4, side=32)
    table = catalog.build("sars_cov2_ct", tmp_path / "data", tmp_path)
    stages = Stages(tmp_path / "stages")
    assert len(set(data.sources(table, tmp_path, stages))) > 2
    known = replace(table, patient=np.array(["a", "b"])[table.label])
    assert len(set(data.sources(known, tmp_path, stages))) == 2


def test_the_audit_sees_the_splits_that_the_rows_are_trained_on(tmp_path):
    """Fails when the audit's draw or protocol differs from the row's."""
    phantom.write("sars_cov2_ct", tmp_path / "data", per_class=8, side=32)
    rows = [row for row in PAPER.rows if row.modality == "ct"]
    splits = data.published_splits(rows, tmp_path / "data", tmp_path)
    found = {split.name: split.pieces[0] for split in splits}
    assert set(found) == {f"ct-{p}-draw-{d}" for p in ("as_published", "clean") for d in range(3)}
    piece = found["ct-clean-draw-1"]
    groups = data.sources(piece.table, tmp_path, Stages(tmp_path / "stages"))
    own = data.split(PAPER.row("ct-cnn-clean"), data.labels(piece.table), groups, (0, 1))
    for name, part in data.PARTS.items():
        assert piece.parts[part].tolist() == own[name].rows.tolist()
        assert name != "train" or piece.keys[part].tolist() == own[name].keys.tolist()
    published = found["ct-as_published-draw-0"].parts
    assert set(published["training"]) & set(published["test"])
