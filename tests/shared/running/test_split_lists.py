"""Which list a draw takes, what its run says of it, and that no other run is taken for it."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from runtimes import ON_CPU

from reproductions.altaf import PAPER
from shared.base.errors import UserError
from shared.base.sums import file_hash
from shared.comparison import Predictions, find_runs, read_run
from shared.report import records, results
from shared.running import cli, plan, runner, split_lists
from shared.running.places import Place
from shared.training.stages import Stages, listed

ROW = PAPER.row("sc2c-resnet50-transfer")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "my lists"
    folder.mkdir()
    for draw in range(2):
        (folder / f"sc2c-draw-{draw}.csv").write_text(f"list {draw}")
    return folder


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """Runs draws of the row with these options: what reached the paper, by draw."""

    def run(*options, row=ROW):
        seen = {}

        def paper_run(row, draw, context):
            seen[draw] = context
            return Predictions(("no", "yes"), ["test"] * 2, ["a", "b"], ["", ""], np.array([0, 1]), np.eye(2))

        paper = dataclasses.replace(PAPER, run=paper_run, needs=lambda row: ())
        monkeypatch.setattr(runner.plan, "started", lambda _: ON_CPU)
        place = Place(paper, tmp_path / "out", tmp_path / "data", tmp_path / "cache", demo=False)
        args = cli.parser(PAPER).parse_args(["--out", str(tmp_path / "out"), *options])
        assert runner.run_draws(place, [row], {}, args) == []
        return seen

    return run


def test_each_draw_takes_its_own_list_and_says_which(ran, folder, tmp_path):
    """Fails when every draw gets the first list, or its run counts as one of the row's own."""
    seen = ran("--draws", "2", "--split-lists", str(folder))
    assert [seen[draw].split_list.name for draw in (0, 1)] == ["sc2c-draw-0.csv", "sc2c-draw-1.csv"]
    runs, left_out = find_runs(tmp_path / "out")
    assert [run.draw for run in runs] == [0, 1] and left_out == []
    for run in runs:
        path = folder / f"sc2c-draw-{run.draw}.csv"
        assert run.facts["split_list"] == file_hash(path)
        assert f"--split-lists '{folder}'" in run.facts["command"]
        assert results.foreign(PAPER, run) == ""
    (entry,) = {run.overrides for run in runs}
    assert entry[0].startswith("split_lists=") and len(entry[0]) == len("split_lists=") + 12
    (row_folder,) = {run.folder.parent.name for run in runs}
    assert row_folder.startswith(f"{ROW.id}+")


def test_a_run_from_lists_is_found_again_and_one_from_others_is_not(ran, folder):
    """Fails when a finished draw is trained again, or another list's is taken for it."""
    options = ["--draw", "0", "--split-lists", str(folder)]
    assert list(ran(*options)) == [0] and list(ran("--draw", "0")) == [0]
    assert list(ran(*options)) == []
    (folder / "sc2c-draw-0.csv").write_text("edited")
    assert list(ran(*options)) == [0]
    (folder / "ccd-draw-0.csv").write_text("of another split")
    (folder / "sc2c-as-printed-draw-0.csv").write_text("of another split")
    assert list(ran(*options)) == []


def test_the_list_is_in_the_key_of_what_depends_on_it(ran, folder):
    """Fails when lists of one name are one."""
    path = folder / "sc2c-draw-1.csv"
    assert listed(None) == {} and listed(path) == {"split_list": file_hash(path)}
    assert ran("--draw", "1")[1].split_list is None


def test_a_plan_does_not_count_a_training_from_lists_as_the_rows_own(tmp_path):
    """Fails when the plan promises a trained row, and hours of training follow."""
    work, stages = PAPER.work(ROW)[0], Stages(tmp_path)
    key = {**work.key, "seed": 0}
    stages.folder(work.stage, {**key, "split_list": "of a list"}, lambda folder: None)
    assert not plan._is_done(work, stages, {"seed": 0})
    stages.folder(work.stage, key, lambda folder: None)
    assert plan._is_done(work, stages, {"seed": 0})


def test_one_list_may_serve_all_draws(ran, folder):
    (folder / "sc2c.csv").write_text("all")
    seen = ran("--draw", "1", "4", "--split-lists", str(folder))
    assert [seen[draw].split_list.name for draw in (1, 4)] == ["sc2c-draw-1.csv", "sc2c.csv"]


def test_a_draw_without_a_list_stops_before_anything_runs(tmp_path, folder):
    """Fails when it is noticed after the other draws have been trained."""
    place = Place(PAPER, tmp_path, tmp_path, tmp_path, demo=False)
    args = cli.parser(PAPER).parse_args(["--split-lists", str(folder)])
    said = f"sc2c-draw-2.csv is missing, which draw 2 of {ROW.id} takes; python -m reproductions splits altaf"
    with pytest.raises(UserError, match=said):
        runner.check_lists(place, [ROW], args)
    of_none = dataclasses.replace(place, paper=dataclasses.replace(PAPER, split_of=lambda row: ""))
    with pytest.raises(UserError, match="splits nothing"):
        runner.check_lists(of_none, [ROW], args)


def test_a_list_that_is_read_is_one_that_is_hashed(folder, monkeypatch):
    """Fails when a disk that ignores case gives a list whose edits nobody sees."""
    here = {path.name.lower() for path in folder.iterdir()}
    for path in list(folder.iterdir()):
        path.rename(path.with_name(path.name.upper()))
    monkeypatch.setattr(Path, "is_file", lambda path: path.name.lower() in here)
    with pytest.raises(UserError, match=r"sc2c-draw-0\.csv is missing"):
        split_lists.of_draw(PAPER, ROW, 0, folder)


def test_it_can_be_recorded_beside_the_rows_own(ran, folder, tmp_path, monkeypatch):
    """Fails when it overwrites the row's evidence, or `verify` finds it strange."""
    monkeypatch.setattr(runner.provenance, "code", lambda: {"commit": "c", "changed": []})
    ran("--draw", "0")
    ran("--draw", "0", "--split-lists", str(folder))
    paper = type("InFolder", (type(PAPER),), {"folder": tmp_path / "paper"})(**vars(PAPER))
    assert sum("recorded in" in line for line in records.record([paper], tmp_path / "out")) == 2
    kept, left_out = results.recorded([paper])
    assert len(kept) == 2 and left_out == []
    assert {run.folder.parent.name == ROW.id for run in kept} == {True, False}
    (other,) = (run for run in kept if run.overrides)
    assert read_run(other.folder).facts["split_list"] == file_hash(folder / "sc2c-draw-0.csv")
