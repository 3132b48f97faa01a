"""Run folders, the two tables, verdicts and claims."""

import dataclasses
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from shared import comparison
from shared.base.errors import UserError
from shared.comparison import (
    REPORTED_COLUMNS,
    Claim,
    ClaimResult,
    Predictions,
    Reported,
    all_of,
    at_least,
    beats,
    check_claims,
    compare,
    find_runs,
    folder_name,
    in_most_draws,
    load_obtained,
    load_reported,
    metrics,
    obtain,
    read_as,
    read_run,
    seals,
    within,
    write_obtained,
    write_run,
)

CLASSES = ("non-COVID", "COVID")


def predictions(right=80, n=100, patients=False, seed=0, **extra):
    """n images of which `right` are decided right, alternately of each class."""
    true = np.arange(n) % 2
    wrong = np.random.default_rng(seed).permutation(n) >= right
    decided = np.where(wrong, 1 - true, true)
    probabilities = np.where(np.eye(2)[decided] > 0, 0.9, 0.1).astype(np.float32)
    names = [f"Covid, ({i}).png" for i in range(n)]
    owners = [f"p{i // 4}" for i in range(n)] if patients else [""] * n
    return Predictions(CLASSES, ["test"] * n, names, owners, true, probabilities, **extra)


def facts(row="a", draw=0, scale="paper", **extra):
    return {"paper": "someone", "row": row, "draw": draw, "scale": scale, **extra}


def put(out, rights, row="a", scale="paper", patients=False, n=100, **extra):
    """Runs of one row, one draw per number of images decided right."""
    base = out / "demo" if scale == "demo" else out
    for draw, right in enumerate(rights):
        place = folder_name(row, extra.get("overrides", {}), extra.get("seed", 0), "auto")
        folder = base / "someone" / place / f"draw-{draw}"
        write_run(folder, predictions(right, n, patients, draw), facts(row, draw, scale, **extra))
    return find_runs(out)[0]


def reported(value="80.0", row="a", **changes):
    decimals = len(value.partition(".")[2])
    blank = Reported(
        *("Table 1", row, "A", "", "test", "accuracy", "=", value, "", "%", decimals),
        *("table", "paper", "mean", "", ""),
    )
    return dataclasses.replace(blank, **{"runs": 1, "design": "own", "setup_place": "section 3", **changes})


def verdict(r, runs):
    return compare([r], runs)[0].verdict


# --- run folders -----------------------------------------------------------------------------------------


def test_a_run_comes_back_as_it_was_written(tmp_path):
    """Fails when digits are lost on the way: a decision or a tie could change."""
    rng = np.random.default_rng(0)
    written = predictions(patients=True)
    written.probabilities = rng.dirichlet((1, 1), 100).astype(np.float32)
    written.scores = rng.normal(size=(100, 2))
    written.split[:10] = ["validation"] * 10
    written.history = [{"epoch": 0, "loss": 0.1 + 0.2}, {"epoch": 1, "loss": 1 / 3, "stage": "step 2"}]
    written.facts = {"parameters": np.int64(77253), "epochs": 5}
    write_run(tmp_path / "someone" / "a" / "draw-0", written, facts())
    (run,), damaged = find_runs(tmp_path)
    assert damaged == []
    read = run.predictions
    assert (read.probabilities.astype(np.float32) == written.probabilities).all()
    assert (read.scores == written.scores).all()
    assert (read.true == written.true).all() and (read.decided == written.decided).all()
    assert (read.split, read.sample, read.patient) == (written.split, written.sample, written.patient)
    assert run.history == written.history
    assert run.metric("parameters") == 77253
    assert len(run.of("validation").true) == 10


def test_the_score_decides_where_there_is_one_and_has_no_calibration(tmp_path):
    """Fails when the probabilities decide although the method adds to them, or they count as calibrated."""
    p = predictions(right=100)
    p.scores = p.probabilities[:, ::-1].copy()
    write_run(tmp_path / "r", p, facts())
    run = read_run(tmp_path / "r")
    assert run.metric("accuracy") == 0.0
    assert np.isnan(run.metric("ece"))


def test_a_demo_says_so_in_every_file_and_is_read_back(tmp_path):
    """Fails when a table or picture of a demo could be taken for a result."""
    figures = [Figure(figsize=(2, 2)), Figure(figsize=(2, 2))]
    p = predictions(history=[{"loss": 1.0}], pictures={"confusion": (figures[0], "The matrix")})
    write_run(tmp_path / "r", p, facts(scale="demo"))
    for name in ("predictions.csv", "history.csv", "facts.json"):
        assert "DEMO" in (tmp_path / "r" / name).read_text().splitlines()[name == "facts.json"]
    assert [text.get_text() for text in figures[0].texts] == ["DEMO"]
    run = read_run(tmp_path / "r")
    assert run.demo and len(run.predictions.true) == 100 and run.history == [{"loss": 1.0}]
    assert run.pictures["confusion"][0].read_bytes().startswith(b"\x89PNG")
    assert run.pictures["confusion"][1] == "The matrix"
    p.pictures = {"confusion": (figures[1], "")}
    write_run(tmp_path / "real", p, facts())
    assert figures[1].texts == [] and "DEMO" not in (tmp_path / "real" / "facts.json").read_text()


def die_in_call(name, number, action):
    """Runs the action in a child that dies, as by kill -9, in its n-th call of os.<name>; whether it did."""
    child = os.fork()
    if child == 0:
        real, calls = getattr(os, name), iter(range(1, 100))
        setattr(os, name, lambda *a, **k: os._exit(9) if next(calls) == number else real(*a, **k))
        action()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.parametrize("call", ["replace", "fsync", "mkdir"])
def test_a_killed_write_leaves_no_half_written_run(tmp_path, call):
    """Fails when facts.json appears before the other files, or stays beside those of another run."""
    folder = tmp_path / "someone" / "a" / "draw-0"
    write_run(folder, predictions(right=10), facts(right=10))
    number, kills = 0, 0
    while kills == number:
        number += 1
        kills += die_in_call(call, number, lambda: write_run(folder, predictions(right=90), facts(right=90)))
        runs, damaged = find_runs(tmp_path)
        assert all(run.metric("accuracy") == run.facts["right"] / 100 for run in runs)
        assert len(runs) + len(damaged) == 1 and all("unfinished" in reason for _, reason in damaged)
    assert kills > 0 and runs[0].facts["right"] == 90
    assert sorted(path.name for path in folder.iterdir()) == ["facts.json", "predictions.csv"]


def test_what_else_lies_in_a_run_folder_stays(tmp_path):
    """Fails when writing the results throws away the checkpoints of the run."""
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "1").write_text("weights")
    write_run(tmp_path, predictions(), facts())
    assert (tmp_path / "checkpoints" / "1").read_text() == "weights"


def break_json(folder):
    (folder / "facts.json").write_text('{"paper": "some')


def break_keys(folder):
    (folder / "facts.json").write_text("[1, 2]")


def break_draw(folder):
    kept = json.loads((folder / "facts.json").read_text())
    (folder / "facts.json").write_text(json.dumps({**kept, "draw": "zero"}))


def break_seconds(folder):
    kept = json.loads((folder / "facts.json").read_text())
    (folder / "facts.json").write_text(json.dumps({**kept, "seconds": "long"}))


def drop_facts(folder):
    (folder / "facts.json").unlink()


def drop_predictions(folder):
    (folder / "predictions.csv").unlink()


def cut_line(folder):
    text = (folder / "predictions.csv").read_text()
    (folder / "predictions.csv").write_text(text[: len(text) // 2])


def cut_at_line_end(folder):
    lines = (folder / "predictions.csv").read_text().splitlines(keepends=True)
    (folder / "predictions.csv").write_text("".join(lines[:-7]))


def garble_number(folder):
    text = (folder / "predictions.csv").read_text()
    (folder / "predictions.csv").write_text(text.replace("0.8", "o.8", 1))


def garble_class(folder):
    text = (folder / "predictions.csv").read_text()
    (folder / "predictions.csv").write_text(text.replace(",COVID,", ",COVlD,", 1))


def not_a_number(folder):
    lines = (folder / "predictions.csv").read_text().splitlines()
    lines[3] = ",".join([*lines[3].split(",")[:-2], "nan", "nan"])
    (folder / "predictions.csv").write_text("\n".join(lines))


def binary(folder):
    (folder / "predictions.csv").write_bytes(os.urandom(500))


def emptied(folder):
    (folder / "predictions.csv").write_text("")


DAMAGE = (
    *(break_json, break_keys, break_draw, break_seconds, drop_facts, drop_predictions, cut_line),
    *(cut_at_line_end, garble_number, garble_class, not_a_number, binary, emptied),
)


def reseal(folder):
    """Whoever changed the files also wrote a seal that fits them."""
    seals.write_facts(folder, json.loads((folder / "facts.json").read_text()))


@pytest.mark.parametrize("resealed", [False, True])
@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_a_damaged_run_is_named_and_breaks_nothing_else(tmp_path, damage, resealed):
    put(tmp_path, [80, 90])
    folder = tmp_path / "someone" / "a" / "draw-0"
    damage(folder)
    if resealed and damage not in (break_json, break_keys, drop_facts):
        reseal(folder)
    runs, damaged = find_runs(tmp_path)
    assert [run.draw for run in runs] == [1]
    ((folder, reason),) = damaged
    assert folder.name == "draw-0" and reason and "\n" not in reason


def test_predictions_that_are_no_numbers_are_refused(tmp_path):
    """Fails when a diverged training is stored as if it had decided something."""
    p = predictions()
    p.probabilities[3, 1] = np.nan
    with pytest.raises(UserError, match="diverged"):
        write_run(tmp_path / "r", p, facts())
    assert not (tmp_path / "r").exists()


def test_a_read_only_output_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write the results"):
        write_run(tmp_path / "file" / "draw-0", predictions(), facts())


def test_the_caches_and_demos_are_not_mistaken_for_runs(tmp_path):
    """Fails when find_runs walks into out/cache, or counts a demo twice."""
    put(tmp_path, [80])
    put(tmp_path, [80], scale="demo")
    (tmp_path / "cache" / "stage" / "draw-0").mkdir(parents=True)
    (tmp_path / "demo" / "cache" / "draw-1").mkdir(parents=True)
    runs, damaged = find_runs(tmp_path)
    assert [run.demo for run in runs] == [False, True] and damaged == []


# --- verdicts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "rights", "expected"),
    [
        ("80.0", [800, 795, 805, 801, 799], "REPRODUCED"),  # inside, ±0.45 points
        ("80.4", [800, 795, 805, 801, 799], "REPRODUCED"),  # just inside
        ("81.5", [800, 795, 805, 801, 799], "CLOSE"),  # outside, 1.4 points
        ("85.0", [800, 795, 805, 801, 799], "NOT REPRODUCED"),
        ("80.0", [600, 900, 700, 990, 810], "INCONCLUSIVE"),  # inside, but ±19 points
        ("20.0", [600, 900, 700, 990, 810], "NOT REPRODUCED"),  # outside even that
        ("80.0", [800], "REPRODUCED"),  # one draw: Wilson ±2.5
        ("84.4", [800], "NOT REPRODUCED"),
        ("100", [1000, 1000, 1000], "REPRODUCED"),
        ("99.9", [1000, 1000, 1000], "REPRODUCED"),  # a perfect score is no proof of perfection
        ("98.0", [1000, 1000, 1000], "CLOSE"),
        ("0.0", [0, 0, 0], "REPRODUCED"),
    ],
)
def test_verdicts(tmp_path, value, rights, expected):
    assert verdict(reported(value), put(tmp_path, rights, n=1000)) == expected


def test_a_single_draw_of_few_images_is_inconclusive(tmp_path):
    """Fails when the interval of one draw has no width."""
    assert verdict(reported("82.0"), put(tmp_path, [40], n=50)) == "INCONCLUSIVE"


def test_two_lucky_draws_do_not_confirm_more_than_their_images_can(tmp_path):
    """Fails when two equal draws give an interval of no width."""
    (c,) = compare([reported("81.0")], put(tmp_path, [80, 80]))
    low, high = c.interval
    assert (low, high) == pytest.approx((71.1, 86.7), abs=0.1)
    assert c.verdict == "INCONCLUSIVE"


def test_a_truncated_number_is_not_held_against_the_paper(tmp_path):
    """Fails when only rounding is allowed for: 2/3 is printed 66.67 or 66.66."""
    runs = put(tmp_path, [2000] * 3, n=3000)
    low, high = reported("66.66").window
    assert low < 200 / 3 < high
    assert verdict(reported("66.66"), runs) == "REPRODUCED"
    assert reported("66.7").window == pytest.approx((66.65, 66.8))


def test_one_test_image_off_is_close(tmp_path):
    """Fails when 28 of 29 against 27 of 29 is called not reproduced: 3.4 points are one image."""
    runs = put(tmp_path, [29, 28, 29, 28], n=29)
    close = reported("94.9")
    assert verdict(close, runs) in ("CLOSE", "REPRODUCED")
    runs_of_many = put(tmp_path / "many", [2900, 2900, 2899], n=2900)
    assert verdict(reported("96.6"), runs_of_many) == "NOT REPRODUCED"


def test_fractions_and_per_cents_are_the_same_number(tmp_path):
    runs = put(tmp_path, [800, 795, 805], n=1000)
    fraction = reported("0.80", unit="fraction", decimals=2)
    (c,) = compare([fraction], runs)
    assert c.verdict == "REPRODUCED" and c.mean == pytest.approx(0.80)
    (c,) = compare([reported("80")], runs)
    assert c.mean == pytest.approx(80) and c.std == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        (">", "75", "REPRODUCED"),
        (">", "80", "INCONCLUSIVE"),
        (">", "82", "CLOSE"),
        (">", "90", "NOT REPRODUCED"),
        ("<", "85", "REPRODUCED"),
        ("<", "75", "NOT REPRODUCED"),
        ("~", "81", "REPRODUCED"),  # "almost 81": a whole unit down
        ("most draws", "80", "REPRODUCED"),
        ("most draws", "81", "CLOSE"),
        ("most draws", "90", "NOT REPRODUCED"),
    ],
)
def test_operators(tmp_path, operator, value, expected):
    runs = put(tmp_path, [800, 795, 805, 801, 799], n=1000)
    assert verdict(reported(value, operator=operator), runs) == expected


def test_most_draws_needs_three(tmp_path):
    runs = put(tmp_path, [100, 100])
    assert verdict(reported("99", operator="most draws"), runs) == "INCONCLUSIVE"


def test_half_of_the_draws_is_not_most(tmp_path):
    """Fails when the median of an even number of draws is averaged."""
    runs = put(tmp_path, [1000, 1000, 980, 980], n=1000)
    assert verdict(reported("99", operator="most draws"), runs) == "CLOSE"
    assert outcome(in_most_draws("a", "accuracy", None, 0.99), runs).verdict == "FAILS"
    assert outcome(in_most_draws("a", "accuracy", None, 0.99), runs[:2]).verdict == "INCONCLUSIVE"


def test_demos_trials_and_others_work_get_no_verdict(tmp_path):
    runs = put(tmp_path, [80] * 3, scale="demo")
    (c,) = compare([reported()], runs)
    assert (c.verdict, c.demo) == ("NOT COMPARABLE", True) and "demo" in c.reason
    runs = put(tmp_path, [80] * 3, row="b", overrides={"head": "gap"})
    (c,) = compare([reported(row="b")], runs)
    assert c.verdict == "NOT COMPARABLE" and "head=gap" in c.reason
    runs = put(tmp_path, [80] * 3, row="c", not_comparable="other data: 305 images of one collection")
    assert "305" in compare([reported(row="c")], runs)[0].reason
    size = {"row": "e", "metric": "parameters", "unit": "count"}
    runs_of_e = put(tmp_path, [80] * 3, row="e", not_comparable="other data: 305 images", parameters=7)
    assert verdict(reported("7", **size), runs_of_e) == "REPRODUCED"
    assert verdict(reported(by="others"), runs) == "NOT COMPARABLE"
    assert verdict(reported("", source="figure"), runs) == "NOT COMPARABLE"
    assert verdict(reported(row="never"), runs) == "NOT RUN"
    assert (
        verdict(
            reported("18", metric="seconds_per_epoch", unit="s", row="d"),
            put(tmp_path, [80], row="d", seconds_per_epoch=18.0),
        )
        == "NOT COMPARABLE"
    )


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
    takes = ("mean", "pooled", "best-validation")
    compared = {take: compare([reported(take=take)], runs)[0] for take in takes}
    means = {take: c.mean for take, c in compared.items()}
    assert means == pytest.approx({"mean": 70.0, "pooled": 60.0, "best-validation": 50.0})
    # Beside the chosen draw stand all: 0.9 and 0.5 are 0.7 with a standard deviation of 0.4 / sqrt(2).
    assert "mean of all 2 draws 70.00 ± 28.28" in compared["best-validation"].reason
    assert "mean of all" not in compared["mean"].reason


def test_an_open_row_is_the_best_or_worst_only_if_the_line_says_so(tmp_path):
    put(tmp_path, [800, 801, 799], row="ct", n=1000)
    runs = put(tmp_path, [900, 901, 899], row="xray", n=1000)
    open_row = reported("90.0", row="ct xray", unstated="modality")
    assert verdict(open_row, runs) == "NOT COMPARABLE"
    (best,) = compare([dataclasses.replace(open_row, take="best-row")], runs)
    (worst,) = compare([dataclasses.replace(open_row, take="worst-row")], runs)
    assert (best.mean, worst.mean) == pytest.approx((90.0, 80.0))
    assert best.verdict == "REPRODUCED" and "modality" in best.reason
    only_one = [run for run in runs if run.row == "ct"]
    (c,) = compare([dataclasses.replace(open_row, take="best-row")], only_one)
    assert c.verdict == "NOT RUN" and "xray" in c.reason


def test_the_best_number_of_epochs_is_the_smallest(tmp_path):
    put(tmp_path, [80] * 3, row="ct", epochs=8)
    runs = put(tmp_path, [80] * 3, row="xray", epochs=30)
    epochs = reported("8", row="ct xray", metric="epochs", unit="count", take="best-row")
    assert compare([epochs], runs)[0].mean == 8


def test_counts_are_exact_when_the_model_fixes_them_and_need_draws_when_not(tmp_path):
    runs = put(tmp_path, [80], parameters=14_747_715, epochs=7, weights_bytes=58_990_860)
    parameters = reported("14700000", metric="parameters", unit="count", decimals=-5)
    assert verdict(parameters, runs) == "REPRODUCED"
    assert verdict(dataclasses.replace(parameters, value="15100000"), runs) == "CLOSE"
    assert verdict(reported("7", metric="epochs", unit="count"), runs) == "INCONCLUSIVE"
    assert verdict(reported("100", metric="weights_mb", unit="MB", operator="<"), runs) == "REPRODUCED"


def test_gains(tmp_path):
    """Fails when a gain is taken between means of different draws, or the wrong way round."""
    put(tmp_path, [900, 910, 905], row="new", n=1000)
    runs = put(tmp_path, [850, 861, 854], row="old", n=1000)
    gain = reported("5", row="new old", metric="gain_points", unit="points")
    (c,) = compare([gain], runs)
    assert c.mean == pytest.approx(5.0) and c.verdict == "REPRODUCED"
    pairs = dataclasses.replace(gain, row="new old old new", operator=">", take="worst-row")
    assert compare([pairs], runs)[0].mean == pytest.approx(-5.0)
    theirs = reported("80.0", row="", label="Net 1", by="others")
    over = reported("13.13", row="new", over="Net 1", metric="gain_relative", decimals=2)
    assert compare([theirs, over], runs)[1].mean == pytest.approx(100 * (0.905 / 0.8 - 1))


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


def test_patients_widen_the_interval_of_one_draw(tmp_path):
    alone = put(tmp_path / "1", [160], n=200)
    together = put(tmp_path / "2", [160], n=200, patients=True)
    assert compare([reported()], alone)[0].interval != compare([reported()], together)[0].interval
    (c,) = compare([reported("100")], put(tmp_path / "3", [200], n=200, patients=True))
    assert c.interval[0] == pytest.approx(100 * 50 / (50 + 1.96**2), abs=0.1)  # Wilson of 50 patients


# --- the tables ------------------------------------------------------------------------------------------


def test_obtained_gives_the_same_verdicts_as_the_runs(tmp_path):
    """Fails when obtained.csv drops or rounds what a verdict needs."""
    runs = put(tmp_path, [800, 795, 805], n=1000, device="cpu", versions={"keras": "3"}, deviations=[1, 4])
    lines = [reported(v) for v in ("80.0", "81.4", "90.0")] + [reported(metric="f1", class_name="COVID")]
    write_obtained(tmp_path / "obtained.csv", obtain(lines, runs))
    recorded = load_obtained(tmp_path / "obtained.csv")
    assert [c.verdict for c in compare(lines, recorded)] == [c.verdict for c in compare(lines, runs)]
    assert recorded[0].versions == "keras 3" and recorded[0].deviations == "1 4"


@pytest.mark.parametrize(
    ("extra", "said"),
    [({"config": {"draws": 5}}, "3 of 5 draws"), ({"not_comparable": "other data: 7 images"}, "7 images")],
)
def test_what_limits_a_run_is_recorded_with_it(tmp_path, extra, said):
    """Fails when a recorded number gets a verdict, or loses a caveat, that its runs would (not) have."""
    runs = put(tmp_path, [800, 795, 805], n=1000, **extra)
    write_obtained(tmp_path / "obtained.csv", obtain([reported()], runs))
    (ours,), (recorded,) = (
        compare([reported()], found) for found in (runs, load_obtained(tmp_path / "obtained.csv"))
    )
    assert (recorded.verdict, recorded.reason) == (ours.verdict, ours.reason)
    assert said in recorded.reason


def test_rows_without_reported_numbers_are_recorded_too_and_demos_never(tmp_path):
    put(tmp_path, [80] * 3)
    put(tmp_path, [70] * 3, row="unreported")
    runs = put(tmp_path, [60] * 3, row="toy", scale="demo")
    write_obtained(tmp_path / "obtained.csv", obtain([reported()], runs))
    recorded = load_obtained(tmp_path / "obtained.csv")
    assert {(entry.row, round(entry.value, 2)) for entry in recorded} == {("a", 0.8), ("unreported", 0.7)}


def test_what_is_recorded_outweighs_a_demo_and_real_runs_outweigh_it(tmp_path):
    (entry,) = obtain([reported()], put(tmp_path / "1", [800, 801, 799], n=1000))
    demo = put(tmp_path / "2", [10] * 3, scale="demo")
    assert compare([reported()], [entry, *demo])[0].verdict == "REPRODUCED"
    real = put(tmp_path / "3", [500, 501, 499], n=1000)
    assert compare([reported()], [entry, *real])[0].verdict == "NOT REPRODUCED"


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("unit", "percent", "unit"),
        ("operator", "≥", "operator"),
        ("decimals", "2", "decimals"),
        ("value", "", "missing"),
        ("value", "eighty", "numbers"),
        ("take", "best", "take"),
        ("design", "mine", "design"),
        ("runs", "", "belong together"),
        ("setup_place", "", "setup_place"),
        ("spread_unusable", "no unit", "no spread"),
        ("class_from", "guess", "class_from"),
    ],
)
def test_a_broken_line_of_reported_csv_is_named(tmp_path, column, value, said):
    line = dict(zip(comparison.Reported.__dataclass_fields__, dataclasses.astuple(reported()), strict=True))
    line["class"] = line.pop("class_name")
    columns = ",".join(REPORTED_COLUMNS)
    for name, content in (("good", line), ("bad", {**line, column: value})):
        cells = ",".join(str(content[c]) for c in columns.split(","))
        (tmp_path / name).write_text(f"{columns}\n{cells}\n")
    assert load_reported(tmp_path / "good") == [reported()]
    with pytest.raises(UserError, match=f"line 2.*{said}"):
        load_reported(tmp_path / "bad")


def test_importing_results_needs_no_tensorflow_and_no_matplotlib():
    heavy = {"tensorflow", "keras", "matplotlib", "scipy"}
    code = f"import sys, shared.comparison; print(*{heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# --- claims ----------------------------------------------------------------------------------------------


def outcome(test, runs):
    ((_, result),) = check_claims([Claim("1", "better", "section 1", test)], runs)
    return result


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        ([900, 905, 910], [850, 856, 859], "HOLDS"),
        ([850, 856, 859], [900, 905, 910], "FAILS"),
        ([900, 850, 870], [880, 870, 860], "INCONCLUSIVE"),
        ([900], [800], "HOLDS"),  # one draw: the images decide
        ([803], [800], "INCONCLUSIVE"),
        ([900, 900, 900], [800, 800, 800], "HOLDS"),  # all differ alike: the images decide
        ([800, 800, 800], [800, 800, 800], "INCONCLUSIVE"),  # no difference seen is none proven
    ],
)
def test_beats(tmp_path, new, old, expected):
    put(tmp_path, old, row="old", n=1000)
    result = outcome(beats("new", "old"), put(tmp_path, new, row="new", n=1000))
    assert result.verdict == expected
    assert result.low <= result.effect <= result.high
    assert result.effect == pytest.approx((sum(new) - sum(old)) / len(new) / 1000)


def test_claims_pair_equal_draws(tmp_path):
    """Fails when draws are paired by position: the draws differ far more than the methods."""
    put(tmp_path, [600, 700, 800, 900], row="old", n=1000)
    runs = put(tmp_path, [611, 709, 812, 908], row="new", n=1000)
    runs = [run for run in runs if (run.row, run.draw) != ("old", 0)]
    result = outcome(beats("new", "old"), runs)
    assert (result.verdict, result.draws) == ("HOLDS", 3)


def test_margins_and_slack(tmp_path):
    put(tmp_path, [850, 856, 859], row="old", n=1000)
    runs = put(tmp_path, [900, 905, 910], row="new", n=1000)
    assert outcome(beats("new", "old", margin=0.04), runs).verdict == "HOLDS"
    assert outcome(beats("new", "old", margin=0.06), runs).verdict == "FAILS"
    assert outcome(at_least("new", "new"), runs).verdict in ("HOLDS", "INCONCLUSIVE")
    assert outcome(at_least("old", "new", slack=0.06), runs).verdict == "HOLDS"


def test_within_and_most_draws_and_all_of(tmp_path):
    put(tmp_path, [850, 856, 859], row="b", n=1000)
    put(tmp_path, [700, 705, 702], row="c", n=1000)
    runs = put(tmp_path, [900, 905, 910], row="a", n=1000)
    assert outcome(within(["a", "b"], "accuracy", 0.28), runs).verdict == "HOLDS"
    assert outcome(within(["a", "b", "c"], "accuracy", 0.15), runs).verdict == "FAILS"
    most = outcome(in_most_draws("a", "accuracy", None, 0.905), runs)
    assert (most.verdict, most.effect) == ("HOLDS", pytest.approx(2 / 3))
    assert outcome(in_most_draws("a", "accuracy", None, 0.91), runs).verdict == "FAILS"
    assert outcome(all_of(beats("a", "b"), beats("b", "c")), runs).verdict == "HOLDS"
    both = outcome(all_of(beats("a", "b"), beats("c", "b")), runs)
    assert both.verdict == "FAILS" and both.effect < 0


def test_a_claim_on_demos_trials_or_missing_rows_is_not_run(tmp_path):
    """Fails when a demo decides a claim."""
    put(tmp_path, [80] * 3, row="new", scale="demo")
    put(tmp_path, [90] * 3, row="new", overrides={"x": "1"})
    runs = put(tmp_path, [70] * 3, row="old")
    result = outcome(beats("new", "old"), runs)
    assert result.verdict == "NOT RUN" and "new" in result.reason
    assert outcome(lambda by_row: ClaimResult("HOLDS", len(by_row["old"])), runs).effect == 3


def test_mcnemar_is_given_where_the_images_are_the_same(tmp_path):
    put(tmp_path, [80], row="old")
    runs = put(tmp_path, [95], row="new")
    assert "McNemar" in outcome(beats("new", "old"), runs).reason
    put(tmp_path, [80], row="other", n=60)
    assert "McNemar" not in outcome(beats("new", "other"), find_runs(tmp_path)[0]).reason


def test_one_draw_of_the_same_patients_is_compared_patient_by_patient(tmp_path):
    """Fails when the two rows are resampled apart, or patients are split: two ways to one interval."""
    put(tmp_path, [120], row="old", n=200, patients=True)
    runs = put(tmp_path, [170], row="new", n=200, patients=True)
    result = outcome(beats("new", "old", "f1", class_name="COVID"), runs)
    new, old = (next(run for run in runs if run.row == row).of("test") for row in ("new", "old"))

    def gain(i):
        of = [metrics.confusion(p.true[i], p.decided[i], 2) for p in (new, old)]
        return metrics.rate(of[0], "f1", 1) - metrics.rate(of[1], "f1", 1)

    slow = metrics.bootstrap(metrics.group_indices(new.patient), gain, resamples=1500)
    assert (result.low, result.high) == pytest.approx(slow, abs=0.02)
