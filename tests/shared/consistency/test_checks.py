"""The arithmetic finds what printed numbers say about themselves, and is silent where they agree."""

import dataclasses

import numpy as np
import pytest

from reproductions.altaf.test_sets import TEST_SETS as ALTAF
from reproductions.basu.test_sets import TEST_SETS as BASU
from reproductions.elazhari.test_sets import TEST_SETS as ELAZHARI
from reproductions.zebin.test_sets import TEST_SETS as ZEBIN
from reproductions.zhao.test_sets import TEST_SETS as ZHAO
from shared.comparison import Reported, load_reported, metrics
from shared.consistency.checks import FITS, MISFIT, READING, TestSet, check, misfits, stated_sizes

SETS = {"altaf": ALTAF, "basu": BASU, "elazhari": ELAZHARI, "zebin": ZEBIN, "zhao": ZHAO}


@pytest.fixture(scope="module")
def findings(request):
    """Paper -> its findings, computed once."""
    root = request.config.rootpath / "reproductions"
    return {
        paper: check(load_reported(root / paper / "reported.csv"), sizes) for paper, sizes in SETS.items()
    }


def of(findings, check_name, start=""):
    return [f for f in findings if f.check == check_name and any(row.startswith(start) for row in f.rows)]


# --- what the papers' numbers say ------------------------------------------------------------------------


def test_altaf_sensitivity_is_the_recall_of_non_covid_in_all_sixteen_rows(findings):
    (found,) = of(findings["altaf"], "accuracy follows", "sc2c")
    assert found.kind == READING and len(found.rows) == 16
    assert "non-COVID as the positive class in 16 of 16 rows (to 0.008 points)" in found.text
    assert "with COVID as the positive class in none (off by 0.11 to 0.49 points)" in found.text


def test_altaf_rates_are_sixths_of_an_image_of_the_stated_test_set(findings):
    """Six draws of 10% or three of 20%: only with these are all printed spreads possible; CCD is 20% too."""
    (found,) = of(findings["altaf"], "whole images", "sc2c")
    assert found.kind == MISFIT
    assert "mean over 5 draws only 13 of 48 rates" in found.text
    fitting = "496 images (246/250 non-COVID/COVID), mean over 3 draws, 20% of 2482: 48 of 48"
    assert f"They fit {fitting}" in found.text
    six = "the rates fit as well 248 images (123/125 non-COVID/COVID), mean over 6 draws; 2 printed"
    assert any(line.startswith(six) for line in found.computation)
    assert of(findings["altaf"], "spread", "sc2c") == []


def test_altaf_ccd_test_set_is_149_images_not_ten_per_cent(findings):
    (found,) = of(findings["altaf"], "whole images", "ccd")
    assert found.kind == MISFIT
    assert "They fit 149 images (79/70 non-COVID/COVID), 20% of 746" in found.text
    (accuracy,) = of(findings["altaf"], "accuracy follows", "ccd")
    assert "3 of 4 rows" in accuracy.text and "not in ccd-vgg16-combined" in accuracy.text


def test_altaf_f1_is_of_non_covid_and_cut_off(findings):
    (found,) = of(findings["altaf"], "f1 follows", "sc2c")
    assert "that of non-COVID, cut off, in 16 of 16 rows" in found.text
    assert "non-COVID rounded 9" in found.text and "COVID cut off 0" in found.text
    (cut,) = of(findings["altaf"], "cut off", "sc2c")
    assert "none only if it is rounded" in cut.text


def test_zebin_efficientnet_fits_no_29_60_60(findings):
    by_row = {f.rows[0]: f for f in of(findings["zebin"], "confusion matrix")}
    assert by_row["efficientnetb0"].kind == MISFIT
    shown = " ".join(by_row["efficientnetb0"].computation)
    assert "144/149 = 0.96644 and 145/149 = 0.97315" in shown
    assert "28/29 = 0.96552, 28/30 = 0.93333" in shown and "not 0.950" in shown
    assert {row for row, f in by_row.items() if f.kind != MISFIT} == {"vgg16-v1", "vgg16-v2", "resnet50"}


def test_zebin_prints_one_precision_twice(findings):
    (found,) = of(findings["zebin"], "printed twice")
    assert "0.82 in Table 2 and 0.88 in section 4.2" in found.text


def test_basu_82_98_is_no_whole_number_but_the_others_are(findings):
    (found,) = of(findings["basu"], "whole images")
    shown = " ".join(found.computation)
    assert found.rows == ("alexnet-detl",) and found.kind == MISFIT
    assert "1059/1277 = 82.9287% and 1060/1277 = 83.0070%" in shown
    assert "1151/1277 = 90.1331%" in shown and "1098/1277 = 85.9828%" in shown


def test_basu_spreads_are_too_small_for_points(findings):
    (found,) = of(findings["basu"], "spread")
    assert found.kind == MISFIT and "alexnet-detl" in found.rows


def test_zhao_table_1_follows_from_table_2_in_all_six_rows(findings):
    first, third = of(findings["zhao"], "accuracy follows")
    assert first.kind == FITS and len(first.rows) == 6
    assert "accuracies of Table 1 follow from the recalls of Table 2" in first.text and "6 of 6" in first.text
    assert "Table 3" in third.text and third.kind == MISFIT  # another run, as the paper says
    (rates,) = of(findings["zhao"], "rates follow")
    assert rates.kind == FITS and "36 of 36" in rates.text
    assert [f.kind for f in of(findings["zhao"], "gain")] == [FITS] * 3


def test_elazhari_prints_too_few_digits_to_say_anything(findings):
    assert findings["elazhari"] == []


def test_every_finding_shows_its_computation_and_accuses_nobody(findings):
    for found in (f for paper in findings.values() for f in paper):
        assert found.text.endswith(".") and found.rows
        assert found.computation, found.text
        words = f"{found.text} {' '.join(found.computation)}".lower()
        assert not any(word in words for word in ("fraud", "fake", "wrong", "error in", "false"))


def test_each_paper_hands_over_its_test_sets():
    for paper, sizes in SETS.items():
        assert stated_sizes(f"reproductions.{paper}") == sizes


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


TWO = TestSet(rows=("r*",), counts={"ill": 40, "well": 60}, draws=5, whole={"ill": 400, "well": 600})


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
THREE = TestSet(rows=("*",), counts={"a": 29, "b": 60, "c": 60})


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
    tens = TestSet(rows=("*",), counts={"a": 10, "b": 10, "c": 10})
    numbers = [cell("m", "accuracy", 25 / 30, "", 3, "fraction")]
    for c, share in (("a", 0.5), ("b", 1), ("c", 1)):
        numbers += [cell("m", metric, share, c, 3, "fraction") for metric in ("recall", "precision")]
    (found,) = of(check(numbers, [tens]), "confusion matrix")
    assert found.kind == MISFIT and found.computation


def test_gains_are_checked_in_points_and_relative():
    ours, theirs = cell("new", "accuracy", 0.992, decimals=1), cell("old", "accuracy", 0.981, decimals=1)
    theirs = dataclasses.replace(theirs, row="", by="others")
    gain = cell("new", "gain_relative", 0.0112)
    gain = dataclasses.replace(gain, label="New over old")
    assert [f.kind for f in of(check([ours, theirs, gain]), "gain")] == [FITS]
    points = dataclasses.replace(gain, value="1.30", metric="gain_points")
    assert [f.kind for f in of(check([ours, theirs, points]), "gain")] == [MISFIT]


def test_folds_of_unequal_size_have_means_that_no_pooled_count_has():
    """Fails when a mean of folds is held against the grid of all images."""
    folds = TestSet(rows=("*",), counts={"a": 3, "b": 4}, folds=2)
    mean = cell("r", "accuracy", (3 / 4 + 2 / 3) / 2)
    assert misfits(check([mean], [folds])) == []
    assert misfits(check([dataclasses.replace(mean, take="pooled")], [folds]))
