"""Reported against obtained: verdicts on runs, from what the paper prints and what our draws give."""

import numpy as np
import pytest
import scipy.stats
from toy_runs import put, reported, verdict

from shared.comparison import compare
from shared.consistency.printed import PrintedSet

DRAWS = [800, 795, 805, 801, 799]


@pytest.mark.parametrize(
    ("value", "rights", "expected"),
    [
        ("80.0", DRAWS, "REPRODUCED"),
        ("81.5", DRAWS, "REPRODUCED"),  # 1.4 points: chance alone gives ±2.7 (1,000 images on each side)
        ("84.0", DRAWS, "CLOSE"),
        ("90.0", DRAWS, "NOT REPRODUCED"),
        ("80.0", [600, 900, 700, 990, 810], "INCONCLUSIVE"),  # no difference seen, but ±48 points
        ("20.0", [600, 900, 700, 990, 810], "NOT REPRODUCED"),
        ("80.0", [800], "INCONCLUSIVE"),  # nothing says how much runs differ
        ("20.0", [800], "INCONCLUSIVE"),
        ("100", [1000, 1000, 1000], "REPRODUCED"),
        ("95.0", [1000, 1000, 1000], "NOT REPRODUCED"),
    ],
)
def test_verdicts(tmp_path, value, rights, expected):
    assert verdict(reported(value), put(tmp_path, rights, n=1000)) == expected


def test_d_w_and_delta_are_shown_in_the_printed_unit(tmp_path):
    """By hand: five draws against one run, each with test images of its own."""
    rights = [800, 750, 850, 810, 790]
    (c,) = compare([reported("85.0", effect="8.0")], put(tmp_path, rights, n=1000))
    s = np.std(rights, ddof=1) / 10
    p = ((800 + 850) + 1) / 2002  # of both sides together, one image added on either
    alone = (801 / 1002) * (1 - 801 / 1002)
    s *= np.sqrt(p * (1 - p) / alone)
    t = scipy.stats.t.ppf(0.975, 4)
    assert c.distance == pytest.approx(80 - 84.95)
    assert c.w == pytest.approx(t * s * np.sqrt(1 / 5 + 1), rel=1e-3)
    assert c.delta == pytest.approx(5.0)
    assert (c.verdict, c.at_half, c.at_double) == ("INCONCLUSIVE", "INCONCLUSIVE", "INCONCLUSIVE")
    assert "8.0 points" in c.reason


def test_a_w_that_is_small_enough_and_not_sure_is_no_w_that_is_too_large(tmp_path):
    """Fails when ±4.4 points are said not to do where 5 points would be needed."""
    (c,) = compare([reported("80.0")], put(tmp_path, [800, 780, 820, 805, 795], n=1000))
    assert c.verdict == "INCONCLUSIVE" and c.w < c.delta
    assert "would be needed" not in c.reason and "allow a spread for which that is too little" in c.reason


def test_images_are_added_where_both_sides_have_different_ones(tmp_path):
    """Fails when the paper's test set is taken to be as large as ours, or the design is ignored."""
    runs = put(tmp_path, DRAWS, n=1000)
    sets = (PrintedSet(rows=("a",), counts={"COVID": 40, "non-COVID": 60}),)
    w = {d: compare([reported(design=d)], runs, sets)[0].w for d in ("own", "shared", "same", "selected")}
    assert w["same"] < w["own"] < w["shared"] < w["selected"]
    own_size = compare([reported(design="shared")], runs)[0].w
    assert own_size < w["shared"]
    images = 1.96**2 * 0.8 * 0.2 * (1 / 1000 + 1 / 100)
    assert (w["shared"] / 100) ** 2 - (w["same"] / 100) ** 2 == pytest.approx(images, rel=0.02)
    recall = reported(metric="recall", class_name="COVID", design="shared")
    total = compare([recall], runs, sets)[0].w
    assert total > w["shared"]  # 40 of the paper's images are COVID


def test_draws_of_few_images_are_compared_by_patients(tmp_path):
    """Fails when four images of one patient count as four."""
    alone = put(tmp_path / "1", DRAWS, n=1000)
    together = put(tmp_path / "2", DRAWS, n=1000, patients=True)
    shared = reported(design="shared")
    assert compare([shared], together)[0].w > 1.5 * compare([shared], alone)[0].w


def test_the_selected_run_is_one_and_all_folds_tell_the_spread(tmp_path):
    """Fails when the chosen run is compared as a mean of five, or one run has no spread."""
    runs = put(tmp_path, DRAWS, n=1000)
    (c,) = compare([reported(take="best-validation", design="selected")], runs)
    assert c.draws == 1 and np.isfinite(c.w)
    mean = compare([reported(design="shared")], runs)[0].w
    assert c.w > mean


def test_a_truncated_number_is_not_held_against_the_paper(tmp_path):
    """Fails when only rounding is allowed for: 2/3 is printed 66.67 or 66.66."""
    runs = put(tmp_path, [2000] * 3, n=3000)
    low, high = reported("66.66").window
    assert low < 200 / 3 < high
    assert verdict(reported("66.66"), runs) == "REPRODUCED"
    assert reported("66.7").window == pytest.approx((66.65, 66.8))
    assert reported("1", unit="fraction", decimals=2).window == pytest.approx((0.995, 1.01))
    assert reported("149", unit="count").window == (148.5, 149.5)  # nobody cuts off a whole number
    assert reported("14700000", unit="count", decimals=-5).window == (14.65e6, 14.8e6)


def test_one_test_image_off_is_no_difference(tmp_path):
    """Fails when 27 of 29 is called different from 28 of 29 because all draws agree."""
    runs = put(tmp_path, [28] * 5, n=29)
    (c,) = compare([reported("93.1", design="same")], runs)
    assert abs(c.distance) <= c.w


def test_fractions_and_per_cents_are_the_same_number(tmp_path):
    runs = put(tmp_path, DRAWS, n=1000)
    fraction = compare([reported("0.800", unit="fraction", decimals=3, effect="0.02")], runs)[0]
    percent = compare([reported("80.0", effect="2")], runs)[0]
    assert fraction.verdict == percent.verdict == "REPRODUCED"
    for name in ("mean", "distance", "w", "delta"):
        assert 100 * getattr(fraction, name) == pytest.approx(getattr(percent, name)), name


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        (">", "75", "REPRODUCED"),
        (">", "80", "REPRODUCED"),
        (">", "84", "CLOSE"),
        (">", "90", "NOT REPRODUCED"),
        ("<", "85", "REPRODUCED"),
        ("<", "70", "NOT REPRODUCED"),
        ("~", "81", "REPRODUCED"),  # "almost 81": a whole unit down
        ("most draws", "79", "REPRODUCED"),
        ("most draws", "80.0", "INCONCLUSIVE"),
        ("most draws", "90", "NOT REPRODUCED"),
    ],
)
def test_operators(tmp_path, operator, value, expected):
    runs = put(tmp_path, [*DRAWS, 796, 803], n=1000)
    assert verdict(reported(value, operator=operator), runs) == expected


def test_most_draws_needs_six(tmp_path):
    runs = put(tmp_path, [100] * 6)
    most = reported("99", operator="most draws")
    assert verdict(most, runs) == "REPRODUCED"
    assert verdict(most, runs[:5]) == "INCONCLUSIVE"


def test_a_draw_reaches_what_is_printed_where_it_would_be_printed_so(tmp_path):
    """Fails when 98.6% does not reach a printed 99%: it would be printed as that."""
    runs = put(tmp_path, [986] * 6, n=1000)
    assert verdict(reported("99", operator="most draws"), runs) == "REPRODUCED"
    assert verdict(reported("99.0", operator="most draws"), runs) == "NOT REPRODUCED"


def test_a_number_that_no_row_can_give_says_why(tmp_path):
    """Fails when it is said to be left open by a text that is plain."""
    (told, open_) = compare(
        [reported(row="", note="one collection serves for all"), reported(row="", unstated="m")], []
    )
    assert (told.verdict, told.reason) == ("NOT COMPARABLE", "one collection serves for all")
    assert open_.reason == "the text leaves open: m"
