"""The arithmetic finds what printed numbers say about themselves, and is silent where they agree."""

import dataclasses

import numpy as np
import pytest

from shared.comparison import Reported, metrics
from shared.consistency.checks import FITS, MISFIT, READING, PrintedSet, check, misfits


def of(findings, check_name, start=""):
    return [f for f in findings if f.check == check_name and any(row.startswith(start) for row in f.rows)]


# --- made-up numbers -------------------------------------------------------------------------------------


def cell(row, metric, value, class_name="", decimals=2, unit="%", spread="", cut=False):
    """A number printed with so many decimals, rounded unless it is to be cut off."""
    scaled = value * (100 if unit == "%" else 1)
    scaled = np.floor(scaled * 10**decimals + 1e-9) / 10**decimals if cut else scaled
    return Reported(
        *("Table 1", row, row, class_name, "test", metric, "=", f"{scaled:.{decimals}f}", spread, unit),
        *(decimals, "table", "paper", "mean", "", ""),
    )


def two_class_rows(seed, draws=5, sizes=(40, 60), cut=False, rows=6):
    """Consistent rows: averages over draws of test sets with whole numbers of right decisions."""
    rng = np.random.default_rng(seed)
    numbers = []
    for i in range(rows):
        hits = np.stack([rng.binomial(n, 0.8, draws) for n in sizes], 1)
        matrices = np.array([[[a, sizes[0] - a], [sizes[1] - b, b]] for a, b in hits])
        for name in ("accuracy", "sensitivity", "specificity"):
            values = metrics.rate(matrices, name, 0)
            spread = f"{100 * values.std():.2f}"
            numbers.append(
                cell(
                    f"r{i}", name, values.mean(), (name != "accuracy" and "ill") or "", spread=spread, cut=cut
                )
            )
        shown = {n.metric: n.number / 100 for n in numbers[-3:]}
        tp, fp = shown["sensitivity"] * sizes[0], (1 - shown["specificity"]) * sizes[1]
        f1 = 2 * tp / (tp + fp + sizes[0])
        numbers.append(cell(f"r{i}", "f1", f1, "ill", unit="fraction"))
    return numbers


TWO = PrintedSet(rows=("r*",), counts={"ill": 40, "well": 60}, draws=5, whole={"ill": 400, "well": 600})


@pytest.mark.parametrize("seed", range(5))
def test_consistent_two_class_numbers_yield_no_finding(seed):
    """The control: whatever is found in the papers is not found in numbers that agree."""
    assert misfits(check(two_class_rows(seed), [TWO])) == []
    assert [f.kind for f in check(two_class_rows(seed), [TWO])] == [FITS] * 3


def test_digits_that_are_cut_off_are_told_from_rounded_ones():
    found = check(two_class_rows(0, draws=7, cut=True), [dataclasses.replace(TWO, draws=7)])
    assert misfits(found) == []
    assert next(f.check for f in found if f.kind == READING) == "cut off"


def test_the_wrong_class_as_positive_is_noticed():
    """Fails when the check believes the class column instead of the arithmetic."""
    swapped = [dataclasses.replace(r, class_name=r.class_name and "well") for r in two_class_rows(1)]
    (found,) = of(check(swapped, [TWO]), "accuracy follows")
    assert "with ill as the positive class in 6 of 6" in found.text


@pytest.mark.parametrize(("draws", "sizes"), [(3, (40, 60)), (5, (80, 120)), (8, (20, 30))])
def test_another_test_set_is_recovered_from_the_numbers(draws, sizes):
    """Fails when the search prefers large sizes, which anything fits, or hides that another is as good."""
    (found,) = of(check(two_class_rows(2, draws, sizes, rows=8), [TWO]), "whole images")
    assert found.kind == MISFIT and "24 of 24" in found.text
    drawn = f"{sum(sizes)} images ({sizes[0]}/{sizes[1]} ill/well), mean over {draws} draws"
    assert f"They fit {drawn}, {sum(sizes) // 10}%" in found.text or f"the rates fit as well {drawn}" in str(
        found
    )


def test_one_mistyped_accuracy_is_named():
    """Fails when one number may be off unseen."""
    numbers = two_class_rows(3)
    numbers[4] = dataclasses.replace(numbers[4], value=f"{numbers[4].number + 0.35:.2f}")
    (found,) = of(misfits(check(numbers, [TWO])), "accuracy follows")
    assert "5 of 6 rows" in found.text and "not in r1" in found.text


def test_a_spread_smaller_than_one_image_is_named():
    numbers = two_class_rows(4)
    uneven = next(i for i, r in enumerate(numbers) if r.metric == "sensitivity" and r.number % 2.5)
    numbers[uneven] = dataclasses.replace(numbers[uneven], spread="0.10")
    (found,) = of(misfits(check(numbers, [TWO])), "spread")
    assert found.rows == (numbers[uneven].row,)


MATRIX = np.array([[25, 3, 1], [2, 55, 3], [1, 4, 55]])
THREE = PrintedSet(rows=("*",), counts={"a": 29, "b": 60, "c": 60})


def three_class_row(decimals=3):
    """All rates of one confusion matrix."""
    numbers = [cell("m", "accuracy", metrics.rate(MATRIX, "accuracy"), decimals=decimals, unit="fraction")]
    for c, name in enumerate(THREE.counts):
        for metric in ("recall", "precision", "specificity", "npv"):
            value = metrics.rate(MATRIX, metric, c)
            numbers.append(cell("m", metric, value, name, decimals, "fraction"))
    return numbers


def test_a_real_confusion_matrix_yields_no_finding():
    found = check(three_class_row(), [THREE])
    assert misfits(found) == []
    (matrix,) = of(found, "confusion matrix")
    assert "a: 25 of 28 decided right, b: 55 of 62 decided right, c: 55 of 59" in matrix.computation[0]


@pytest.mark.parametrize("metric", ["accuracy", "recall", "precision", "specificity", "npv"])
def test_one_changed_rate_of_a_confusion_matrix_is_found(metric):
    """Fails when a check passes whatever it is given: each rate, changed alone by two images, is noticed."""
    numbers = three_class_row()
    i = next(i for i, r in enumerate(numbers) if r.metric == metric)
    numbers[i] = dataclasses.replace(numbers[i], value=f"{numbers[i].number - 2 / 35:.3f}")
    assert misfits(check(numbers, [THREE]))


def test_precisions_that_no_matrix_has_are_found_though_each_alone_is_possible():
    """Fails when classes are looked at one by one: the decided images must add up to all."""
    one = Reported(
        *(
            "T",
            "m",
            "m",
            "",
            "test",
            "accuracy",
            "=",
            "1.000",
            "",
            "fraction",
            3,
            "table",
            "paper",
            "mean",
            "",
            "",
        )
    )
    precisions = [
        cell("m", "precision", p, c, 3, "fraction") for c, p in zip("abc", (1, 1, 0.5), strict=True)
    ]
    (found,) = of(check([one, *precisions], [THREE]), "confusion matrix")
    assert found.kind == MISFIT


def test_a_missed_image_cannot_be_wrongly_decided_for_its_own_class():
    """Fails when the missed and the wrong are only counted: all five missed and all five wrong are a's."""
    tens = PrintedSet(rows=("*",), counts={"a": 10, "b": 10, "c": 10})
    numbers = [cell("m", "accuracy", 25 / 30, "", 3, "fraction")]
    for c, share in (("a", 0.5), ("b", 1), ("c", 1)):
        numbers += [cell("m", metric, share, c, 3, "fraction") for metric in ("recall", "precision")]
    (found,) = of(check(numbers, [tens]), "confusion matrix")
    assert found.kind == MISFIT and found.computation


def test_gains_are_checked_in_points_and_relative():
    ours, theirs = cell("new", "accuracy", 0.992, decimals=1), cell("old", "accuracy", 0.981, decimals=1)
    theirs = dataclasses.replace(theirs, row="", by="others")
    gain = cell("new", "gain_relative", 0.0112)
    gain = dataclasses.replace(gain, label="New over old", over="old")
    assert [f.kind for f in of(check([ours, theirs, gain]), "gain")] == [FITS]
    points = dataclasses.replace(gain, value="1.30", metric="gain_points")
    assert [f.kind for f in of(check([ours, theirs, points]), "gain")] == [MISFIT]


def test_folds_of_unequal_size_have_means_that_no_pooled_count_has():
    """Fails when a mean of folds is held against the grid of all images."""
    folds = PrintedSet(rows=("*",), counts={"a": 3, "b": 4}, folds=2)
    mean = cell("r", "accuracy", (3 / 4 + 2 / 3) / 2)
    assert misfits(check([mean], [folds])) == []
    assert misfits(check([dataclasses.replace(mean, take="pooled")], [folds]))
