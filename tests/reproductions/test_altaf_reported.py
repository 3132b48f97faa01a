"""Tables 1 and 2 as they were typed in, and what their arithmetic says."""

import pytest

from reproductions.altaf import PAPER
from shared.consistency.checks import MISFIT, READING, check

TABLE_1 = """\
sc2c-inceptionv3-transfer 67.60±0.93 97.69±1.02 38.00±1.20 0.74±0.01
sc2c-inceptionv3-boosted 76.34±1.71 97.42±0.23 55.60±3.2 0.80±0.01
sc2c-inceptionv3-boosted-aug 78.36±1.91 96.88±0.62 60.13±4.23 0.81±0.01
sc2c-inceptionv3-combined 80.04±0.92 96.34±0.40 64.00±2.22 0.82±0.01
sc2c-resnet50-transfer 74.46±1.43 99.45±0.62 49.86±3.33 0.79±0.01
sc2c-resnet50-boosted 75.00±1.32 98.37±0.40 52.00±3.01 0.79±0.01
sc2c-resnet50-boosted-aug 78.89±0.76 98.10±1.17 60.00±2.22 0.82±0.01
sc2c-resnet50-combined 80.24±0.40 97.83±1.30 62.93±2.05 0.83±0.01
sc2c-densenet201-transfer 74.79±2.47 98.91±1.24 51.06±5.99 0.79±0.01
sc2c-densenet201-boosted 80.10±2.48 98.78±1.22 61.73±3.78 0.83±0.02
sc2c-densenet201-boosted-aug 81.31±1.34 99.05±1.02 63.86±1.89 0.84±0.01
sc2c-densenet201-combined 82.25±2.28 97.56±1.46 67.20±5.89 0.84±0.01
sc2c-vgg16-transfer 79.16±2.66 85.63±13.13 72.80±14.54 0.80±0.03
sc2c-vgg16-boosted 80.24±2.82 89.56±13.24 71.06±9.20 0.81±0.04
sc2c-vgg16-boosted-aug 83.40±0.61 98.37±1.86 68.66±2.34 0.85±0.01
sc2c-vgg16-combined 84.27±0.20 99.05±1.02 69.73±1.22 0.86±0.01
ccd-inceptionv3-combined 78.52±1.22 88.60±5.37 67.14±4.51 0.81±0.01
ccd-resnet50-combined 76.34±1.76 81.01±5.75 71.07±5.87 0.78±0.02
ccd-densenet201-combined 76.51±2.32 79.74±1.03 72.85±4.80 0.78±0.01
ccd-vgg16-combined 77.26±1.26 87.45±12.05 66.88±11.67 0.79±0.02"""
"""Table 1, typed from the paper's page once more: accuracy, sensitivity, specificity, F1."""


@pytest.fixture(scope="module")
def findings():
    """What the checks find, computed once."""
    return check(PAPER.reported(), PAPER.printed_sets)


def of(findings, check_name, start=""):
    return [f for f in findings if f.check == check_name and any(row.startswith(start) for row in f.rows)]


def test_the_table_is_as_it_was_read_a_second_time():
    """Fails when a digit of a value or of its ± is typed wrong, a cell is missing, or two are exchanged."""
    typed = {}
    for r in PAPER.reported():
        if r.source == "table":
            typed.setdefault(r.row, {})[r.metric] = f"{r.value}±{r.spread}"
    metrics = ("accuracy", "sensitivity", "specificity", "f1")
    read = {
        line.split()[0]: dict(zip(metrics, line.split()[1:], strict=True)) for line in TABLE_1.splitlines()
    }
    assert typed == read


def test_sensitivity_is_the_recall_of_non_covid_in_all_sixteen_rows(findings):
    (found,) = of(findings, "accuracy follows", "sc2c")
    assert found.kind == READING and len(found.rows) == 16
    assert "non-COVID as the positive class in 16 of 16 rows (to 0.008 points)" in found.text
    assert "with COVID as the positive class in none (off by 0.11 to 0.49 points)" in found.text


def test_rates_are_sixths_of_an_image_of_the_stated_test_set(findings):
    """Six draws of 10% or three of 20%: spreads are possible with the latter alone; CCD is 20% too."""
    (found,) = of(findings, "whole images", "sc2c")
    assert found.kind == MISFIT
    assert "mean over 5 draws only 13 of 48 rates" in found.text
    fitting = "496 images (246/250 non-COVID/COVID), mean over 3 draws, 20% of 2482: 48 of 48"
    assert f"They fit {fitting}" in found.text
    six = "the rates fit as well 248 images (123/125 non-COVID/COVID), mean over 6 draws; "
    assert any(line.startswith(f"{six}printed spreads too small for it: 1") for line in found.computation)
    assert "once in 9e+15 (an accuracy that follows" in found.computation[0]
    assert of(findings, "spread", "sc2c") == []


def test_ccd_test_set_is_149_images_not_ten_per_cent(findings):
    (found,) = of(findings, "whole images", "ccd")
    assert found.kind == MISFIT
    assert "They fit 149 images (79/70 non-COVID/COVID), 20% of 746" in found.text
    (accuracy,) = of(findings, "accuracy follows", "ccd")
    assert "3 of 4 rows" in accuracy.text and "not in ccd-vgg16-combined" in accuracy.text


def test_f1_is_of_non_covid_and_cut_off(findings):
    (found,) = of(findings, "f1 follows", "sc2c")
    assert "that of non-COVID, cut off, in 16 of 16 rows" in found.text
    assert "non-COVID rounded 12, non-COVID cut off 16, COVID rounded 1, COVID cut off 1" in found.text
    (cut,) = of(findings, "cut off", "sc2c")
    assert "none only if it is rounded" in cut.text
