"""Tables 1 and 2 as they were typed in, and what their arithmetic says."""

from collections import Counter

import pytest

from reproductions.altaf import PAPER
from shared.consistency.checks import MISFIT, READING, check


@pytest.fixture(scope="module")
def findings():
    """What the checks find, computed once."""
    return check(PAPER.reported(), PAPER.printed_sets)


def of(findings, check_name, start=""):
    return [f for f in findings if f.check == check_name and any(row.startswith(start) for row in f.rows)]


def test_the_table_is_whole():
    """Fails when a row, a metric or the ± of a cell is missing."""
    reported = [r for r in PAPER.reported() if r.source == "table"]
    per_row = Counter(r.row for r in reported)
    assert len(per_row) == 20 and set(per_row.values()) == {4}
    assert all(r.spread for r in reported)
    cells = {(r.row, r.metric): (r.value, r.spread) for r in reported}
    assert cells["sc2c-vgg16-combined", "accuracy"] == ("84.27", "0.20")
    assert cells["sc2c-inceptionv3-boosted", "specificity"] == ("55.60", "3.2")
    assert cells["ccd-vgg16-combined", "sensitivity"] == ("87.45", "12.05")


def test_sensitivity_is_the_recall_of_non_covid_in_all_sixteen_rows(findings):
    (found,) = of(findings, "accuracy follows", "sc2c")
    assert found.kind == READING and len(found.rows) == 16
    assert "non-COVID as the positive class in 16 of 16 rows (to 0.008 points)" in found.text
    assert "with COVID as the positive class in none (off by 0.11 to 0.49 points)" in found.text


def test_rates_are_sixths_of_an_image_of_the_stated_test_set(findings):
    """Six draws of 10% or three of 20%: only with these are all printed spreads possible; CCD is 20% too."""
    (found,) = of(findings, "whole images", "sc2c")
    assert found.kind == MISFIT
    assert "mean over 5 draws only 13 of 48 rates" in found.text
    fitting = "496 images (246/250 non-COVID/COVID), mean over 3 draws, 20% of 2482: 48 of 48"
    assert f"They fit {fitting}" in found.text
    six = "the rates fit as well 248 images (123/125 non-COVID/COVID), mean over 6 draws; 2 printed"
    assert any(line.startswith(six) for line in found.computation)
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
    assert "non-COVID rounded 9" in found.text and "COVID cut off 0" in found.text
    (cut,) = of(findings, "cut off", "sc2c")
    assert "none only if it is rounded" in cut.text
