"""What holds of every split, whatever the labels, patients and seeds."""

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, reject, settings
from hypothesis import strategies as st

from data_builders import splits
from shared.base.errors import UserError

LABELS = st.lists(st.integers(0, 2), min_size=12, max_size=60).map(np.array)
SEEDS = st.one_of(st.integers(0, 2**31), st.tuples(st.integers(0, 9), st.integers(0, 9)))
FRACTIONS = st.floats(0.1, 0.9)


@st.composite
def patients(draw):
    """Labels, and for each image its patient, '' where unknown."""
    labels = draw(LABELS)
    names = st.sampled_from(["", "a", "b", "c", "d", "e", "f", "g"])
    return labels, np.array(draw(st.lists(names, min_size=len(labels), max_size=len(labels))))


def or_refused(function, *arguments):
    """What it gives; a refusal in one line is an answer too, and nothing else is."""
    try:
        return function(*arguments)
    except UserError as error:
        assert len(str(error).splitlines()) == 1
        event("refused")
        reject()


def assert_partition(n, train, held):
    assert np.array_equal(np.sort(np.concatenate([train, held])), np.arange(n))
    assert len(train) and len(held)
    assert np.array_equal(train, np.sort(train)) and np.array_equal(held, np.sort(held))


@given(LABELS, FRACTIONS, st.integers(0, 2**31), st.integers(0, 99))
def test_a_chunk_is_consecutive_in_each_class_and_of_the_size_asked_for(labels, fraction, seed, draw):
    train, held = or_refused(splits.contiguous_chunk, labels, fraction, seed, draw)
    assert_partition(len(labels), train, held)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        places = np.searchsorted(members, held[labels[held] == label])
        assert np.array_equal(places, np.arange(places[0], places[0] + round(len(members) * fraction)))


@given(LABELS, FRACTIONS, SEEDS)
def test_a_random_hold_out_has_its_share_of_each_class_and_is_the_seeds_own(labels, fraction, seed):
    train, held = or_refused(splits.random_holdout, labels, fraction, seed)
    assert_partition(len(labels), train, held)
    for label in np.unique(labels):
        assert (labels[held] == label).sum() == round((labels == label).sum() * fraction)
    assert np.array_equal(splits.random_holdout(labels, fraction, seed)[1], held)


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # few patients, so many refusals
@given(patients(), FRACTIONS, SEEDS)
def test_no_patient_is_on_both_sides_of_a_grouped_hold_out(data, fraction, seed):
    labels, groups = data
    train, held = or_refused(splits.grouped_holdout, labels, groups, fraction, seed)
    assert np.array_equal(np.sort(np.concatenate([train, held])), np.arange(len(labels)))
    assert splits.shared_groups(groups, train, held) == []
    assert set(labels[train]) == set(labels), "a class was left with nothing to train on"


@given(LABELS, st.integers(2, 7), SEEDS)
def test_folds_hold_out_every_image_once_and_spread_each_class(labels, k, seed):
    folds = or_refused(splits.k_fold, labels, k, seed)
    assert np.array_equal(np.sort(np.concatenate([held for _, held in folds])), np.arange(len(labels)))
    for train, held in folds:
        assert_partition(len(labels), train, held)
    for label in np.unique(labels):
        counts = [(labels[held] == label).sum() for _, held in folds]
        assert max(counts) - min(counts) <= 1


@given(patients(), st.integers(2, 5), SEEDS)
def test_no_patient_is_in_two_folds(data, k, seed):
    labels, groups = data
    folds = or_refused(splits.grouped_k_fold, labels, groups, k, seed)
    assert np.array_equal(np.sort(np.concatenate([held for _, held in folds])), np.arange(len(labels)))
    for train, held in folds:
        assert splits.shared_groups(groups, train, held) == []
        assert len(train) and len(held)


@given(LABELS, st.integers(1, 100))
def test_a_pool_takes_turns_over_classes_and_over_their_images(labels, size):
    rows = splits.pool_rows(labels, size)
    classes = np.unique(labels)
    assert np.array_equal(labels[rows], classes[np.arange(size) % len(classes)])
    for label in classes:
        own = rows[labels[rows] == label]
        times = np.unique(own, return_counts=True)[1]
        assert not len(times) or times.max() - times.min() <= 1


@given(LABELS, SEEDS, st.integers(0, 5))
def test_a_number_of_each_class_is_that_number(labels, seed, n):
    chosen = or_refused(splits.pick_per_class, labels, n, seed)
    assert len(np.unique(chosen)) == len(chosen)
    assert all((labels[chosen] == label).sum() == n for label in np.unique(labels))


def test_a_share_that_leaves_a_side_empty_is_refused():
    with pytest.raises(UserError, match="leaves one side empty"):
        splits.random_holdout([0, 0, 1, 1], 0.1, 0)
