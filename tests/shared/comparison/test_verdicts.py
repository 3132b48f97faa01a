"""Reported against obtained: verdicts on runs, from what the paper prints and what our draws give."""

import dataclasses

import numpy as np
import pytest
import scipy.stats
from toy_runs import facts, predictions, put, reported, verdict

from shared.comparison import compare, find_runs, read_as, write_run
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


def test_the_papers_runs_and_spread_make_w_narrower(tmp_path):
    """Fails when m is ignored, or a usable spread adds no degree of freedom, or an unusable one does."""
    runs = put(tmp_path, [800, 750, 850, 810, 790], n=1000)
    of_one, of_five = reported(), reported(runs=5)
    known = reported(runs=5, spread="1.30")
    unusable = reported(runs=5, spread="1.30", spread_unusable="no unit")
    w = [compare([r], runs)[0].w for r in (of_one, of_five, known, unusable)]
    assert w[1] == pytest.approx(w[0] * np.sqrt(0.4 / 1.2))
    assert w[2] != w[1] == w[3]
    alone = compare([known], runs[:1])[0]
    assert np.isfinite(alone.w)  # one draw of ours, but the paper says how much its runs differ


def test_spreads_are_pooled_over_the_rows_of_a_table_and_no_other(tmp_path):
    put(tmp_path, [700, 690, 720, 705, 712], row="b", n=1000)
    put(tmp_path, [300, 500, 900, 650, 100], row="c", n=1000)
    runs = put(tmp_path, [800, 780, 830, 805, 790], n=1000)
    alone = compare([reported()], runs)[0].w
    together = compare([reported(), reported("70.5", row="b")], runs)[0].w
    elsewhere = compare([reported(), reported("70.5", row="b", place="Table 2")], runs)[0].w
    assert together < alone == elsewhere
    (contradicted, *_) = compare([reported(), reported("50", row="c")], runs)
    assert contradicted.w == alone and "contradict" in contradicted.reason


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


def test_demos_trials_and_others_work_get_no_verdict(tmp_path):
    runs = put(tmp_path, [80] * 3, scale="demo")
    (c,) = compare([reported()], runs)
    assert (c.verdict, c.demo) == ("NOT COMPARABLE", True) and "demo" in c.reason
    runs = put(tmp_path, [80] * 3, row="b", overrides={"head": "gap"})
    (c,) = compare([reported(row="b")], runs)
    assert c.verdict == "NOT COMPARABLE" and "head=gap" in c.reason
    assert verdict(reported(by="others"), runs) == "NOT COMPARABLE"
    assert verdict(reported("", source="figure"), runs) == "NOT COMPARABLE"
    assert verdict(reported(row="never"), runs) == "NOT RUN"
    time = reported("18", metric="seconds_per_epoch", unit="s", row="d")
    assert verdict(time, put(tmp_path, [80], row="d", seconds_per_epoch=18.0)) == "NOT COMPARABLE"


def test_a_mark_on_any_draw_is_a_mark_on_the_row(tmp_path):
    """Fails when only the first draw is asked whether its data are the paper's."""
    runs = put(tmp_path, [80] * 3, row="c")
    runs[2].facts["not_comparable"] = "other data: 305 images of one collection"
    assert "305" in compare([reported(row="c")], runs)[0].reason
    size = {"row": "e", "metric": "parameters", "unit": "count", "runs": 0, "design": ""}
    runs_of_e = put(tmp_path, [80] * 3, row="e", not_comparable="other data: 305 images", parameters=7)
    assert verdict(reported("7", **size), runs_of_e) == "REPRODUCED"


def test_real_runs_go_before_trials_and_demos(tmp_path):
    """Fails when draws of different configs are averaged."""
    put(tmp_path, [10] * 5, scale="demo")
    put(tmp_path, [20] * 5, overrides={"head": "gap"})
    (c,) = compare([reported()], put(tmp_path, [800, 801, 799], n=1000))
    assert (c.draws, c.mean, c.verdict) == (3, pytest.approx(80), "REPRODUCED")


def test_fewer_draws_than_the_paper_took_are_named(tmp_path):
    runs = put(tmp_path, [800, 801, 799], n=1000, config={"draws": 5})
    assert "3 of 5 draws" in compare([reported()], runs)[0].reason


def test_takes(tmp_path):
    """Fails when the pooled accuracy is a mean of folds, or the test set chooses the best draw."""
    folder = tmp_path / "someone" / "a"
    for draw, (n, right) in enumerate([(100, 90), (300, 150)]):
        p = predictions(right, n)
        p.split = ["test"] * n + ["validation"] * n
        for name in ("sample", "patient"):
            setattr(p, name, getattr(p, name) * 2)
        p.true = np.concatenate([p.true, p.true])
        reverse = p.probabilities[:, ::-1]  # on validation right where the test is wrong
        p.probabilities = np.concatenate([p.probabilities, reverse])
        write_run(folder / f"draw-{draw}", p, facts("a", draw))
    runs, _ = find_runs(tmp_path)
    takes = {"mean": "own", "pooled": "pooled", "best-validation": "selected"}
    compared = {take: compare([reported(take=take, design=d)], runs)[0] for take, d in takes.items()}
    means = {take: c.mean for take, c in compared.items()}
    assert means == pytest.approx({"mean": 70.0, "pooled": 60.0, "best-validation": 50.0})
    # Beside the chosen draw stand all: 0.9 and 0.5 are 0.7 with a standard deviation of 0.4 / sqrt(2).
    assert "mean of all 2 draws 70.00 ± 28.28" in compared["best-validation"].reason
    assert "mean of all" not in compared["mean"].reason


def test_each_row_that_the_text_may_mean_is_a_candidate_until_all_have_run(tmp_path):
    """Fails when one modality's result counts as the paper's although the other may be meant."""
    put(tmp_path, DRAWS, row="ct", n=1000)
    runs = put(tmp_path, [900, 901, 899, 905, 895], row="xray", n=1000)
    open_row = reported("90.0", row="ct xray", unstated="modality")
    (c,) = compare([open_row], [run for run in runs if run.row == "ct"])
    assert c.verdict == "NOT RUN" and "xray" in c.reason
    assert [(k.reported.row, k.verdict) for k in c.candidates] == [("ct", "NOT REPRODUCED")]
    assert "candidate ct: not reproduced (80.0" in c.reason
    (c,) = compare([open_row], runs)
    assert (c.verdict, c.mean) == ("REPRODUCED", pytest.approx(90))
    assert "favours agreement" in c.reason and "modality" in c.reason
    assert [k.verdict for k in c.candidates] == ["NOT REPRODUCED", "REPRODUCED"]
    alone = compare([reported("90.0", row="xray")], runs)[0]
    assert c.w == alone.w  # no draw counts twice


def test_the_best_or_worst_of_rows_is_taken_where_the_line_says_so(tmp_path):
    put(tmp_path, DRAWS, row="ct", n=1000)
    runs = put(tmp_path, [900, 901, 899], row="xray", n=1000)
    for take, mean in (("best-row", 90.0), ("worst-row", 80.0)):
        (c,) = compare([reported("90.0", row="ct xray", take=take)], runs)
        assert c.mean == pytest.approx(mean) and f"{take.replace('-', ' ')} of 2" in c.reason


def test_the_best_number_of_epochs_is_the_smallest(tmp_path):
    put(tmp_path, [80] * 3, row="ct", epochs=8)
    runs = put(tmp_path, [80] * 3, row="xray", epochs=30)
    epochs = reported("8", row="ct xray", metric="epochs", unit="count", take="best-row", design="same")
    assert compare([epochs], runs)[0].mean == 8


def test_epochs_are_compared_as_factors(tmp_path):
    """Fails when 405 epochs are asked to agree to five, or 8 may be 13."""
    for draw, epochs in enumerate((398, 410, 402, 407, 400)):
        write_run(tmp_path / "someone" / "a" / f"draw-{draw}", predictions(), facts("a", draw, epochs=epochs))
    runs, _ = find_runs(tmp_path)
    epochs = reported("405", metric="epochs", unit="count", design="same")
    (c,) = compare([epochs], runs)
    assert c.verdict == "REPRODUCED" and c.delta <= 0.25 and "factor" in c.reason
    assert verdict(dataclasses.replace(epochs, value="800"), runs) == "NOT REPRODUCED"


def test_counts_are_exact_when_the_model_fixes_them_and_need_draws_when_not(tmp_path):
    runs = put(tmp_path, [80], parameters=14_747_715, epochs=7, weights_bytes=58_990_860)
    exact = {"runs": 0, "design": ""}
    parameters = reported("14700000", metric="parameters", unit="count", decimals=-5, **exact)
    assert verdict(parameters, runs) == "REPRODUCED"
    assert verdict(dataclasses.replace(parameters, value="15100000"), runs) == "CLOSE"
    assert verdict(reported("7", metric="epochs", unit="count", design="same"), runs) == "INCONCLUSIVE"
    below = reported("100", metric="weights_mb", unit="MB", operator="<", **exact)
    assert verdict(below, runs) == "REPRODUCED"
    assert verdict(dataclasses.replace(below, value="50"), runs) == "NOT REPRODUCED"


def test_gains(tmp_path):
    """Fails when a gain is taken between means of different draws, or the wrong way round."""
    put(tmp_path, [900, 910, 905], row="new", n=1000)
    runs = put(tmp_path, [850, 861, 854], row="old", n=1000)
    gain = reported("5", row="new old", metric="gain_points", unit="points", design="same", effect="5")
    (c,) = compare([gain], runs)
    assert c.mean == pytest.approx(5.0) and c.verdict == "REPRODUCED"
    pairs = dataclasses.replace(gain, row="new old old new", operator=">", take="worst-row")
    assert compare([pairs], runs)[0].mean == pytest.approx(-5.0)
    theirs = reported("80.0", row="", label="Net 1", by="others")
    over = reported("13.13", row="new", over="Net 1", metric="gain_relative", decimals=2, design="same")
    (c,) = compare([theirs, over], runs)[1:]
    assert c.mean == pytest.approx(100 * (0.905 / 0.8 - 1))
    assert c.w == pytest.approx(
        compare([reported("90.5", row="new", design="same")], runs)[0].w / 0.8, rel=0.01
    )


def test_an_undefined_metric_or_class_is_inconclusive_and_breaks_nothing(tmp_path):
    p = predictions(50)
    p.probabilities = np.tile(np.float32([0.9, 0.1]), (100, 1))  # never COVID
    write_run(tmp_path / "someone" / "a" / "draw-0", p, facts())
    runs, _ = find_runs(tmp_path)
    precision = reported(metric="precision", class_name="COVID")
    assert verdict(precision, runs) == "INCONCLUSIVE"
    assert verdict(dataclasses.replace(precision, class_name="CP"), runs) == "INCONCLUSIVE"
    assert verdict(reported(metric="epochs", unit="count"), runs) == "INCONCLUSIVE"


def test_both_orientations_can_be_shown(tmp_path):
    """Fails when reading the other class as positive does not exchange sensitivity and specificity."""
    runs = put(tmp_path, [77])
    as_printed = [
        reported(metric=name, class_name="non-COVID", unstated="positive class", class_from="inferred")
        for name in ("sensitivity", "specificity")
    ]
    ours = [c.mean for c in compare(as_printed, runs)]
    other = [c.mean for c in compare(read_as(as_printed, "COVID"), runs)]
    assert ours == pytest.approx(other[::-1]) and ours[0] != ours[1]
    assert "positive class" in compare(as_printed, runs)[0].reason


def test_numbers_have_one_digit_more_than_is_printed():
    """Fails when a 1 of a column of hundredths is shown beside 0.9, or an image has thousandths."""
    assert reported("1", unit="fraction", decimals=2).text(0.94123) == "0.941"
    assert reported("67.60").text(67.123456) == "67.12"
    assert reported("98").text(97.96) == "98.0"
    assert reported("405", unit="count").text(399.6) == "400"
    assert reported("8", unit="count").text(7.5) == "7.5"
    assert reported("14700000", unit="count", decimals=-5).text(14714688) == "14,714,688"
