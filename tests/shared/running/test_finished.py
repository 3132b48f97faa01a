"""Finished draws: which count, how they are shown, and notes beside them that are damaged."""

import dataclasses
import threading

import pytest
from finished_runs import put

from reproductions.altaf import PAPER
from shared.base.claim import claimed
from shared.comparison import write_run
from shared.report import results
from shared.running import cli, runner
from shared.running.clock import counted
from shared.running.places import Place, demo_place, real_place
from shared.running.summary import summarise


def test_draws_with_swapped_class_columns_are_left_out_by_name(tmp_path):
    """Fails when the whole report stops, and nobody is told at which folder."""
    row = PAPER.row("ccd-vgg16-transfer")
    for draw in range(3):
        put(tmp_path / "altaf" / row.id / f"draw-{draw}", row, draw=draw)
    swapped = tmp_path / "altaf" / row.id / "draw-2"
    found = results.local([PAPER], tmp_path)[0][2].predictions
    turned = dataclasses.replace(found, classes=found.classes[::-1], true=1 - found.true)
    facts = {"paper": "altaf", "row": row.id, "draw": 2, "scale": "paper", "config": results.config_of(row)}
    write_run(swapped, turned, facts)
    runs, left_out = results.local([PAPER], tmp_path)
    assert [run.draw for run in runs] == [0, 1]
    reason = "its classes are COVID, non-COVID, and those of its row non-COVID, COVID"
    assert left_out == [(swapped, reason)]


def test_finished_draws_are_shown_where_nothing_can_be_written(tmp_path, capsys):
    """Fails with a traceback on a read-only mount; here a folder is in the way."""
    put(tmp_path / "altaf" / "ccd-vgg16-transfer" / "draw-0", PAPER.row("ccd-vgg16-transfer"))
    (tmp_path / "altaf" / "comparison.txt").mkdir()
    summarise(Place(PAPER, tmp_path, tmp_path, tmp_path, demo=False), ["ccd-vgg16-transfer"], [])
    said = capsys.readouterr().out
    assert "accuracy 75.0%" in said and "not kept: " in said and "comparison.txt cannot be written" in said


@pytest.mark.parametrize(
    ("content", "seconds"), [("100.0", 100), ("", 0), ("nan", 0), ("-5", 0), ("a hundred", 0)]
)
def test_a_damaged_note_of_the_time_is_said_and_counts_nothing(content, seconds, tmp_path, capsys):
    (tmp_path / "seconds").write_text(content)
    with counted(tmp_path / "seconds") as clock:
        pass
    assert seconds <= clock.total < seconds + 5
    assert ("is damaged" in capsys.readouterr().out) == (content != "100.0")


def test_who_waits_for_a_draw_of_another_process_finds_it_done(tmp_path, capsys):
    """Fails when a task of a cluster ends as done while its draw still runs elsewhere."""
    row, place = PAPER.rows[0], Place(PAPER, tmp_path, tmp_path, tmp_path, demo=False)
    folder = tmp_path / "altaf" / row.id / "draw-0"
    args = cli.parser(PAPER).parse_args(["--wait"])
    draw = (place, row, 0, folder, {}, args, None, {"code": {}})
    with claimed(tmp_path / "work" / f"altaf-{row.id}-draw-0.claim"):
        waiting = threading.Thread(target=runner.run_draw, args=draw)
        waiting.start()
        waiting.join(timeout=0.5)
        assert waiting.is_alive()
        put(folder, row)
    waiting.join(timeout=30)
    assert not waiting.is_alive() and "skipped" not in capsys.readouterr().out


def test_a_cache_holds_what_is_built_of_the_data_and_nothing_that_draws_share(tmp_path):
    """Fails when every node of a cluster computes the stages for itself."""
    args = cli.parser(PAPER).parse_args(["--out", str(tmp_path / "out"), "--cache", str(tmp_path / "local")])
    for place in (real_place(PAPER, args), demo_place(PAPER, args)):
        assert (tmp_path / "local") in (place.built, *place.built.parents)
        assert (tmp_path / "out") in place.cache_dir.parents
    assert real_place(PAPER, args).built != demo_place(PAPER, args).built
