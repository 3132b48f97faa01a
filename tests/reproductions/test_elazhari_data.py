"""The pool and its two splits, the sources, the stopping rule, and the rows."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from reproductions.elazhari import data
from reproductions.elazhari.config import ROWS, Row, rule_met
from shared.base.errors import UserError

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


def test_sources_join_copies_and_patients_in_chains():
    """0 and 1 are copies, 1 and 2 one patient, 3 and 4 both of unknown patients and no copies."""
    copies, patients = np.array([0, 0, 1, 2, 3]), np.array(["", "a", "a", "", ""])
    assert data.joined(copies, patients).tolist() == [0, 0, 0, 3, 4]


@pytest.mark.parametrize(
    ("accuracy", "loss", "stops"),
    [(0.89, 0.29, True), (0.95, 0.3, False), (0.8899, 0.1, False), (0.9, 0.2999, True), (1.0, 0.5, False)],
)
def test_stopping_rule_needs_accuracy_of_089_and_a_loss_below_03(accuracy, loss, stops):
    assert rule_met(ROW, accuracy, loss) is stops


def test_sample_ids_tell_copies_of_one_image_apart():
    items = data.Items(np.array([1, 1]), np.array([7, 9]), augmented=True)
    assert items.names(np.array(["a.png", "b.png"])) == ["b.png#7", "b.png#9"]
