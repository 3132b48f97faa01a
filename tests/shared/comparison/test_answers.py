"""Which runs answer a printed number, and how: takes, rows, gains, epochs, sizes."""

import dataclasses

import numpy as np
import pytest
from toy_runs import OTHER_DATA, facts, predictions, put, reported, verdict

from shared.comparison import best_verdicts, compare, find_runs, read_as, write_run
from shared.consistency.printed import PrintedSet

DRAWS = [800, 795, 805, 801, 799]


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
    runs[2].facts["data"] = OTHER_DATA
    assert "305" in compare([reported(row="c")], runs)[0].reason
    size = {"row": "e", "metric": "parameters", "unit": "count", "runs": 0, "design": ""}
    runs_of_e = put(tmp_path, [80] * 3, row="e", data=OTHER_DATA, parameters=7)
    assert verdict(reported("7", **size), runs_of_e) == "REPRODUCED"


def test_real_runs_go_before_trials_and_demos(tmp_path):
    """Fails when draws of different configs are averaged."""
    put(tmp_path, [10] * 5, scale="demo")
    put(tmp_path, [20] * 5, overrides={"head": "gap"})
    put(tmp_path, [30] * 5, fast=True)
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


def test_draws_that_stop_at_the_same_epoch_may_still_differ_by_one(tmp_path):
    """Three times 8 epochs have no spread: as they stand they would tell 8 from 9 for sure."""
    put(tmp_path, [80] * 3, epochs=8)
    runs = put(tmp_path, [80] * 3, row="long", epochs=400)
    epochs = reported("10", metric="epochs", unit="count")
    (few,) = compare([epochs], runs)
    assert few.verdict == "INCONCLUSIVE"
    (many,) = compare([dataclasses.replace(epochs, row="long", value="400")], runs)
    assert many.verdict == "REPRODUCED"
    for found, count in ((few, 8), (many, 400)):
        assert np.log1p(found.w) == pytest.approx(1.96 / count * (1 + 1 / 3) ** 0.5, rel=0.01)
    planned = [dataclasses.replace(epochs, value="2", design="shared")]
    ((_, best, why),) = best_verdicts(planned, {"a": 3})
    assert best == "INCONCLUSIVE" and "no number of draws" in why and "images would" not in why


def test_counts_are_exact_when_the_model_fixes_them_and_need_draws_when_not(tmp_path):
    runs = put(tmp_path, [80], parameters=14_747_715, epochs=7, weights_bytes=58_990_860)
    exact = {"runs": 0, "design": ""}
    parameters = reported("14700000", metric="parameters", unit="count", decimals=-5, **exact)
    assert verdict(parameters, runs) == "REPRODUCED"
    more = dataclasses.replace(parameters, value="15100000")
    assert verdict(more, runs) == "CLOSE"
    (told,) = compare([more], runs)  # of the printed number, not of the edge of what is printed so
    assert told.reason.startswith("ours is 352,285 lower; the number has no noise")
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


def test_the_plan_tells_the_best_verdict_of_each_number():
    """Fails when one fold, five "most draws" or 149 images promise a verdict that they cannot give."""
    sets = (PrintedSet(rows=("small", "a", "b"), counts={"COVID": 29, "other": 120}),)
    numbers = {
        "small": reported("90.0", row="small", design="shared"),
        "a": reported("90.0", design="same", effect="3.0"),
        "most": reported("99", operator="most draws"),
        "size": reported("77253", metric="parameters", unit="count", runs=0, design=""),
        "known": reported("80.0", row="b", runs=5, spread="3.00", place="Table 2"),
    }

    def best(draws):
        found = best_verdicts(numbers.values(), dict.fromkeys(("small", "a", "b"), draws), sets)
        return {name: v for (name, _), (_, v, _) in zip(numbers.items(), found, strict=True)}

    few, many = best(1), best(50)
    assert few == dict.fromkeys(numbers, "INCONCLUSIVE") | {"size": "REPRODUCED"}
    assert many == dict.fromkeys(numbers, "REPRODUCED") | {"small": "INCONCLUSIVE"}
    assert best_verdicts([reported(row="a c")], {"a": 5}) == []


def test_a_plan_leaves_out_printed_spreads_that_contradict_the_rows_own():
    """Fails when a row is promised nothing because another one's runs are printed to differ wildly."""
    own = reported(runs=5, spread="1.00")
    wild = [reported("70.0", row=row, runs=5, spread="30.00") for row in "bc"]
    best = {r.row: verdict for r, verdict, _ in best_verdicts([own, *wild], dict.fromkeys("abc", 5), ())}
    assert best == {"a": "REPRODUCED", "b": "INCONCLUSIVE", "c": "INCONCLUSIVE"}
