"""Honest tables of unusual form are not accused, and none of them ends in an error or without an end."""

import dataclasses

import numpy as np
import pytest
from test_checks import THREE, TWO, cell, of

from shared.comparison import metrics
from shared.consistency.checks import FITS, PrintedSet, check, misfits

BY_NAME = {"class_from": "text"}


def named(number):
    """The same number of a class that the text names."""
    return dataclasses.replace(number, **BY_NAME)


def test_the_class_that_the_text_names_is_the_positive_one():
    """Taken for the other, smaller class, no whole number of images gives these."""
    sizes = PrintedSet(rows=("r*",), counts={"well": 30, "ill": 900})
    rates = [
        named(cell(f"r{k}", "sensitivity", hits / 900, "ill", 1))
        for k, hits in enumerate((858, 874, 853, 869))
    ]
    rates += [
        named(cell(f"r{k}", "specificity", hits / 30, "ill", 1)) for k, hits in enumerate((27, 29, 30, 28))
    ]
    assert misfits(check(rates, [sizes])) == []
    swapped = [dataclasses.replace(rate, class_name="well") for rate in rates]
    assert misfits(check(swapped, [sizes]))
    other = [named(cell("r9", "sensitivity", 29 / 30, "well", 1))]
    other.append(named(cell("r9", "specificity", 853 / 900, "well", 1)))
    assert misfits(check([*rates, *other], [sizes])) == []


def test_accuracies_are_asked_of_the_class_that_the_text_names():
    """Fails when the other class is tried as well, and finds a contradiction to be another reading."""
    rows = [
        named(cell("r", "sensitivity", 36 / 40, "ill")),
        named(cell("r", "specificity", 42 / 60, "ill")),
        cell("r", "accuracy", (36 + 42) / 100),
    ]
    one = dataclasses.replace(TWO, draws=1, whole={})
    assert misfits(check(rows, [one])) == []
    turned = [dataclasses.replace(rate, class_name=rate.class_name and "well") for rate in rows]
    (found,) = of(misfits(check(turned, [one])), "accuracy follows")
    assert "with well as the positive class in 0 of 1 rows" in found.text


def test_a_mean_over_classes_is_no_share_of_images():
    matrix = np.array([[40, 6, 4], [3, 44, 3], [1, 0, 49]])
    sizes = PrintedSet(rows=("m",), counts={"a": 50, "b": 50, "c": 50})
    rates = [cell("m", name, np.mean(metrics.rate(matrix, name, None))) for name in ("recall", "specificity")]
    assert misfits(check(rates, [sizes])) == []


def test_rows_that_print_recalls_in_two_ways_stand_side_by_side():
    """One of each class, the other sensitivity and specificity; a slip in either is found."""
    one = dataclasses.replace(TWO, draws=1, whole={})
    of_each = [cell("r0", "recall", 36 / 40, "ill"), cell("r0", "recall", 42 / 60, "well")]
    turned = [cell("r1", "sensitivity", 30 / 40, "ill"), cell("r1", "specificity", 48 / 60, "ill")]
    right = [cell(row, "accuracy", 78 / 100) for row in ("r0", "r1")]
    assert misfits(check([*of_each, *turned, *right], [one])) == []
    for row in ("r0", "r1"):
        wrong = [cell(r.row, "accuracy", 0.80) if r.row == row else r for r in right]
        (found,) = of(misfits(check([*of_each, *turned, *wrong], [one])), "accuracy follows")
        assert found.rows == (row,)


def test_a_class_that_is_never_decided_for_has_a_matrix():
    """Its precision has no value, and is commonly printed as 0."""
    sizes = PrintedSet(rows=("m",), counts={"a": 10, "b": 10})
    given = {("accuracy", ""): 0.5, ("precision", "a"): 0.5, ("recall", "a"): 1.0}
    given |= {("precision", "b"): 0.0, ("recall", "b"): 0.0}
    found = check([cell("m", name, value, c) for (name, c), value in given.items()], [sizes])
    (matrix,) = of(found, "confusion matrix")
    assert matrix.kind == FITS and "b: 0 of 0 decided right" in matrix.computation[0]


def test_a_search_that_would_not_end_is_not_begun():
    """Four classes of 250 images leave 10⁹ matrices to try."""
    sizes = PrintedSet(rows=("m",), counts=dict.fromkeys("abcd", 250))
    shares = [("accuracy", ""), *(("precision", c) for c in "abcd")]
    rates = [cell("m", name, 0.9, c, unit="fraction") for name, c in shares]
    assert of(check(rates, [sizes]), "confusion matrix") == []


def test_recalls_above_all_images_explain_no_accuracy():
    """98% and 100% of equal classes are 99.5% at the most, however the digits are cut."""
    sizes = PrintedSet(rows=("r",), counts={"ill": 4500, "well": 4500})
    recalls = [cell("r", "recall", 0.98, "ill", 0), cell("r", "recall", 1.0, "well", 0)]
    assert not misfits(check([*recalls, cell("r", "accuracy", 0.994, decimals=1)], [sizes]))
    assert misfits(check([*recalls, cell("r", "accuracy", 0.999, decimals=1)], [sizes]))


def test_small_classes_and_undefined_rates_are_no_error():
    few = dataclasses.replace(TWO, whole={"ill": 9, "well": 600})
    rates = [
        cell("r", name, value, "ill") for name, value in (("sensitivity", 0.123), ("specificity", 0.321))
    ]
    assert check([*rates, cell("r", "accuracy", 0.2222)], [few])
    half = PrintedSet(rows=("r",), counts={"ill": 50, "well": 50})
    all_ill = {"sensitivity": 1.0, "ppv": 0.5, "npv": 0.0}
    assert misfits(check([cell("r", name, value, "ill", 1) for name, value in all_ill.items()], [half])) == []


@pytest.mark.parametrize(("take", "contradict"), [("mean", True), ("pooled", False)])
def test_a_mean_over_folds_may_differ_from_all_folds_together(take, contradict):
    first = cell("r", "f1", 0.8810)
    second = dataclasses.replace(cell("r", "f1", 0.8834), place="Fig. 3", take=take)
    assert bool(of(misfits(check([first, second], [THREE])), "printed twice")) == contradict
