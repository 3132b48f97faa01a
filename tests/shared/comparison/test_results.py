"""Run folders, the two tables, verdicts and claims."""

import json
import os

import numpy as np
import pytest
from matplotlib.figure import Figure
from toy_runs import facts, predictions, put

from shared.base.errors import UserError
from shared.comparison import (
    find_runs,
    read_run,
    seals,
    write_run,
)

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
