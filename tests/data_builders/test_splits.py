"""Splits: who may stand where, checked on random and on hostile labels and groups."""

import numpy as np
import pytest

from data_builders import splits
from shared.base.errors import UserError

SEEDS = range(25)


def random_case(seed):
    """(labels, groups): any number of classes, groups of any size that may hold several classes."""
    rng = np.random.default_rng(seed)
    n, classes = int(rng.integers(20, 200)), int(rng.integers(1, 5))
    labels = rng.integers(classes, size=n)
    kind = seed % 5
    if kind == 0:  # many small groups
        groups = rng.integers(n, size=n).astype(str)
    elif kind == 1:  # a few groups that hold nearly everything
        groups = rng.choice(["a", "b", "c", "d", "e"], p=[0.6, 0.2, 0.1, 0.05, 0.05], size=n)
    elif kind == 2:  # each class has its own patients
        groups = np.array([f"{label}-{rng.integers(6)}" for label in labels])
    elif kind == 3:  # half of the patients unknown
        groups = np.where(rng.random(n) < 0.5, "", rng.integers(12, size=n).astype(str))
    else:  # one group of everything but a few
        groups = np.array(["all"] * (n - 6) + [str(i) for i in range(6)])
    return labels, groups


def assert_partition(parts, n):
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(n))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_patient_is_never_on_both_sides_of_a_holdout(seed):
    labels, groups = random_case(seed)
    try:
        train, held = splits.grouped_holdout(labels, groups, 0.25, seed)
    except UserError as error:
        assert "class" in str(error)  # refused, which shares no patient either
        return
    assert_partition((train, held), len(labels))
    assert not splits.shared_groups(groups, train, held)
    assert set(labels[held]) == set(labels[train]) == set(labels)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_patient_is_never_in_two_folds(seed):
    labels, groups = random_case(seed)
    folds = splits.grouped_k_fold(labels, groups, 3, seed)
    assert_partition([held for _, held in folds], len(labels))
    for train, held in folds:
        assert len(held)
        assert_partition((train, held), len(labels))
        assert not splits.shared_groups(groups, train, held)


def test_grouped_splits_come_near_the_share_asked_for():
    """A split that took the first groups until full would be off by whole patients."""
    rng = np.random.default_rng(0)
    labels, groups = rng.integers(3, size=600), rng.integers(150, size=600).astype(str)
    _, held = splits.grouped_holdout(labels, groups, 0.2, 0)
    for label in range(3):
        share = np.mean(np.isin(np.flatnonzero(labels == label), held))
        assert 0.16 < share <= 0.205
    for _, held in splits.grouped_k_fold(labels, groups, 5, 0):
        assert np.all(np.abs(np.bincount(labels[held]) / np.bincount(labels) - 0.2) < 0.05)


def test_wanted_counts_are_never_exceeded_while_groups_fit():
    labels, groups = np.repeat([0, 1, 2], 60), np.arange(180) // 3
    _, held = splits.grouped_holdout(labels, groups, {0: 9, 1: 20, 2: 20}, 1)
    assert np.bincount(labels[held]).tolist() == [9, 18, 18]


def test_one_patient_per_class_is_refused():
    with pytest.raises(UserError, match="class 0"):
        splits.grouped_holdout([0] * 10 + [1] * 10, ["a"] * 10 + ["b"] * 10, 0.2, 0)


def test_unknown_patients_are_not_one_patient():
    """Taking '' as a patient would put all unknown images on one side."""
    labels = np.repeat([0, 1], 20)
    _, held = splits.grouped_holdout(labels, [""] * 40, 0.25, 0)
    assert np.bincount(labels[held]).tolist() == [5, 5]


@pytest.mark.parametrize("draw", range(5))
def test_chunks_are_runs_of_consecutive_images_of_each_class(draw):
    labels = np.array([1] * 37 + [0] * 50 + [1] * 13)
    train, test = splits.contiguous_chunk(labels, 0.1, 7, draw)
    assert_partition((train, test), len(labels))
    for label in (0, 1):
        places = np.flatnonzero(np.isin(np.flatnonzero(labels == label), test))
        assert len(places) == 5
        assert np.ptp(places) == 4


def test_a_draw_depends_on_seed_and_draw_alone():
    """Drawing from one shared generator would make draw 3 depend on whether draws 0-2 were made."""
    labels = np.repeat([0, 1], [1230, 1252])
    alone = splits.contiguous_chunk(labels, 0.1, 0, 3)[1]
    draws = [splits.contiguous_chunk(labels, 0.1, 0, draw)[1] for draw in range(5)]
    assert np.array_equal(draws[3], alone)
    assert len({tuple(test) for test in draws}) == 5
    assert not np.array_equal(splits.contiguous_chunk(labels, 0.1, 1, 3)[1], alone)
    assert np.bincount(labels[alone]).tolist() == [123, 125]


def test_the_draw_of_a_class_does_not_depend_on_the_other_classes():
    one = splits.contiguous_chunk([0] * 100, 0.1, 5, 2)[1]
    two = splits.contiguous_chunk([0] * 100 + [1] * 40, 0.1, 5, 2)[1]
    assert np.array_equal(two[two < 100], one)


def test_chunks_reach_both_ends():
    """An off-by-one would never test the first or the last image."""
    tests = [splits.contiguous_chunk([0] * 10, 0.2, 0, draw)[1] for draw in range(80)]
    assert {int(test[0]) for test in tests} == set(range(9))


@pytest.mark.parametrize("k", [2, 5])
def test_k_fold_partitions_and_spreads_the_classes(k):
    labels = np.random.default_rng(0).choice(3, p=[0.7, 0.2, 0.1], size=101)
    folds = splits.k_fold(labels, k, (3, 1))
    assert_partition([held for _, held in folds], 101)
    for train, held in folds:
        assert_partition((train, held), 101)
        assert abs(len(held) - 101 / k) < 1
        assert np.all(np.abs(np.bincount(labels[held]) - np.bincount(labels) / k) < 1)
    assert not np.array_equal(folds[0][1], splits.k_fold(labels, k, (3, 2))[0][1])


def test_more_folds_than_images_or_groups_are_refused():
    with pytest.raises(UserError, match="3 groups do not make 5 folds"):
        splits.grouped_k_fold([0] * 30, np.arange(30) % 3, 5, 0)
    with pytest.raises(UserError):
        splits.k_fold([0, 1, 0], 5, 0)


def test_random_holdout_by_share_and_by_count():
    labels = np.repeat([0, 1, 2], [142, 300, 300])
    train, held = splits.random_holdout(labels, {0: 29, 1: 60, 2: 60}, 0)
    assert np.bincount(labels[train]).tolist() == [113, 240, 240]
    assert_partition((train, held), 742)
    assert np.bincount(labels[splits.random_holdout(labels, 0.1, 0)[1]]).tolist() == [14, 30, 30]
    with pytest.raises(UserError, match="142 images, 143 are wanted"):
        splits.random_holdout(labels, {0: 143}, 0)


def test_picks_are_counted_nested_by_class_and_differ_by_seed():
    labels = np.repeat([2, 0, 1], 50)
    picked = splits.pick_per_class(labels, 7, 0)
    assert np.bincount(labels[picked]).tolist() == [7, 7, 7]
    assert np.array_equal(picked, np.unique(picked))
    assert np.bincount(labels[splits.pick_per_class(labels, {1: 3}, 0)]).tolist() == [0, 3]
    assert not np.array_equal(picked, splits.pick_per_class(labels, 7, 1))


def test_a_pool_is_balanced_and_uses_every_image_equally():
    labels = np.array([0] * 3 + [1] * 7)
    rows = splits.pool_rows(labels, 84)
    assert np.bincount(labels[rows]).tolist() == [42, 42]
    assert np.bincount(rows).tolist() == [14] * 3 + [6] * 7
    assert np.array_equal(splits.pool_rows(labels, 20), rows[:20])


def test_shared_groups_names_them_and_ignores_the_unknown():
    assert splits.shared_groups(["b", "a", "", "a", "", "b"], [0, 1, 2], [3, 4]) == ["a"]


def test_folds_of_patients_follow_the_seed():
    """Fails when equally large patients are dealt in file order, whatever the seed."""
    labels, groups = np.arange(60) % 2, np.arange(60) // 3
    first, again, other = (splits.grouped_k_fold(labels, groups, 5, seed) for seed in (0, 0, 1))
    held = [[tuple(fold) for _, fold in folds] for folds in (first, again, other)]
    assert held[0] == held[1] != held[2]
