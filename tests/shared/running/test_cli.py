"""The command line: what it selects, overrides and refuses, and that a finished run is found."""

import dataclasses
import os
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest
from finished_runs import put

from reproductions.altaf import PAPER
from shared.base.errors import UserError
from shared.paper import Need
from shared.report import results
from shared.running import cli, plan, runner, timing
from shared.running.clock import counted
from shared.running.overrides import fields_of, override
from shared.running.places import Place, stages_folder
from shared.running.summary import summarise

ROOT = Path(__file__).parents[3]


def args(*words: str):
    return cli.parser(PAPER).parse_args(words)


def test_selectors_and_rows_narrow_down_together():
    chosen = cli.select(PAPER, args("--dataset", "ccd", "--method", "boosted"))
    assert [row.id for row in chosen] == [
        f"ccd-{b}-boosted" for b in ("inceptionv3", "resnet50", "densenet201", "vgg16")
    ]
    with pytest.raises(UserError, match="no row is all"):
        cli.select(PAPER, args("--row", "ccd-vgg16-combined", "--dataset", "sc2c"))


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--row", "ccd-resnet-transfer"], "ccd-resnet50-transfer"),
        (["--set", "sied=2"], "sied=2"),
        (["--set", "side"], "FIELD=VALUE"),
        (["--set", "side=large"], "side=large"),
        (["--scale", "paper"], "sars_cov2_ct"),
        (["--data-dir", "/nonexistent", "--scale", "paper"], "/nonexistent/covid_ct"),
    ],
)
def test_what_the_user_can_mend_is_named_without_a_traceback(words, named, capsys, tmp_path):
    assert cli.main(PAPER, [*words, "--out", str(tmp_path), "--weights-dir", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and named in error and "Traceback" not in error


def test_overrides_are_read_as_the_type_of_the_field():
    row = override(
        PAPER.rows[0], {"side": "64", "rate": "1e-3", "intermediate_epochs": "1,2,3", "head": "gap"}
    )
    assert (row.side, row.rate, row.intermediate_epochs, row.head) == (64, 1e-3, (1, 2, 3), "gap")


def test_an_unwritable_out_is_one_line(tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    code = cli.main(PAPER, ["--row", "ccd-resnet50-transfer", "--scale", "demo", "--out", str(blocked)])
    assert code == 2
    assert str(blocked) in capsys.readouterr().err


def test_missing_things_are_listed_once_with_the_number_of_rows_that_wait():
    lines = plan.missing_lines({"a": ("x is missing",), "b": ("x is missing", "y is missing"), "c": ()})
    assert lines.splitlines() == ["  - x is missing  [2 rows]", "  - y is missing  [1 row]"]


def test_missing_keeps_the_order_of_the_needs():
    class Paper:
        @staticmethod
        def needs(row):
            return tuple(
                Need(n, lambda d, w, n=n: f"{n} in {d}" if n != "there" else None)
                for n in ("b", "there", "a")
            )

    assert plan.missing(Paper, None, Path("d"), Path("w")) == ("b in d", "a in d")


def test_overrides_seed_precision_and_speed_stand_in_the_folder_name(tmp_path):
    """Fails when a run by other settings is taken for the paper's own, or a value leads out of --out."""
    place = Place(PAPER, tmp_path, tmp_path, tmp_path, demo=False)
    row = PAPER.rows[0]
    for by_hand in ({}, fields_of(row, {"alien": "1"})):
        assert place.folder(row, by_hand, 0, "auto").name == row.id
    asked = [({"head": "gap"}, 0, "auto"), ({"head": "map"}, 0, "auto"), ({}, 3, "auto"), ({}, 0, "float32")]
    asked.append(({"head": "../../escape" + 300 * "x"}, 0, "auto"))
    asked.append(({}, 0, "auto", True))
    folders = [place.folder(row, *words) for words in asked]
    assert len({folder.name for folder in folders}) == len(asked)
    for folder in folders:
        assert folder.parent == tmp_path / PAPER.name and re.fullmatch(
            rf"{row.id}\+[0-9a-f]{{8}}", folder.name
        )


def test_fast_draws_share_no_stage_with_others():
    """Fails when a default draw builds on what does not repeat to the bit."""
    assert stages_folder(Path("c"), True) != stages_folder(Path("c"), False) == Path("c/stages")


def test_a_run_of_another_config_is_refused_and_never_overwritten(tmp_path):
    row, place = PAPER.rows[0], Place(PAPER, tmp_path, tmp_path, tmp_path, demo=False)
    folder = tmp_path / "altaf" / row.id / "draw-0"
    assert not runner._finished(place, folder, row)
    put(folder, row)
    assert runner._finished(place, folder, row)
    put(folder, row, config=results.config_of(row) | {"batch": 3})
    with pytest.raises(UserError, match="another config \\(batch\\)"):
        runner._finished(place, folder, row)
    put(folder, row, code_version=0)
    with pytest.raises(UserError, match="code version 0"):
        runner._finished(place, folder, row)


def test_a_field_that_was_added_later_has_its_default(tmp_path):
    """Fails when a new field makes all earlier runs foreign, or when any value passes for the default."""
    row, folder = PAPER.rows[0], tmp_path / "altaf" / PAPER.rows[0].id / "draw-0"
    older = {name: value for name, value in results.config_of(row).items() if name != "batch"}
    put(folder, row, config=older)
    assert results.local([PAPER], tmp_path)[1] == []
    other = dataclasses.replace(row, batch=3)
    paper = dataclasses.replace(PAPER, rows=(other, *PAPER.rows[1:]))
    ((_, reason),) = results.local([paper], tmp_path)[1]
    assert "batch" in reason


def test_a_damaged_run_is_kept_aside_and_run_again(tmp_path, capsys):
    """Fails when the same command calls a draw done whose predictions cannot be read."""
    row, place = PAPER.rows[0], Place(PAPER, tmp_path, tmp_path, tmp_path, demo=False)
    folder = tmp_path / "altaf" / row.id / "draw-0"
    for number in (1, 2):
        put(folder, row)
        text = (folder / "predictions.csv").read_text()
        (folder / "predictions.csv").write_text(text.replace(",1,0", ",0,1", 1))
        assert not runner._finished(place, folder, row) and not folder.exists()
        assert f"damaged-{number}-draw-0" in capsys.readouterr().out
        assert (folder.parent / f"damaged-{number}-draw-0" / "facts.json").exists()
    assert results.local([PAPER], tmp_path) == ([], [])


def test_a_missing_system_library_is_one_line_with_the_remedy(capsys):
    """opencv-python on a server without a screen: libGL.so.1 is not there."""

    def without_libgl():
        raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")

    assert cli.guarded(without_libgl) == 2
    assert "libgl1" in capsys.readouterr().err


def test_the_time_of_a_whole_batch_comes_from_two_small_ones():
    """Fails when a fixed cost per step is taken for a cost per image, or the other way round."""
    # 1 s per step and 0.5 s per image: batches of 2 and 6 take 2 s and 4 s, one of 32 takes 17 s.
    assert timing.of_whole_batch(2.0, 4.0, 32) == pytest.approx(17 / 32)
    assert timing.of_whole_batch(0.25, 0.25, 10) == pytest.approx(0.025)


def test_the_time_before_an_interruption_counts(tmp_path):
    """Fails when a resumed run claims the time of its last process alone."""
    note = tmp_path / "seconds"
    note.write_text("100.0")
    with pytest.raises(KeyboardInterrupt), counted(note):
        raise KeyboardInterrupt
    with counted(note) as clock:
        pass
    assert clock.total >= 100
    assert float(note.read_text()) == clock.total


def test_a_log_file_shows_a_line_when_it_is_printed():
    """Fails when a night's run shows its first epoch in the morning."""
    command = "guarded(lambda: print('epoch 1') or sys.stdin.read())"
    code = f"import sys; from shared.running.cli import guarded; {command}"
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    pipes = {"env": buffered, "stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, text=True, **pipes) as process:
        readable, *_ = select.select([process.stdout], [], [], 60)
        process.stdin.close()
        assert readable and process.stdout.readline() == "epoch 1\n"


@pytest.mark.parametrize("train", [True, False])
def test_timing_two_batch_sizes_traces_once(train):
    """Fails when every size is traced anew: of a large network a trace takes longer than all its steps."""
    import keras

    traces = []

    class Watched(keras.layers.Dense):
        def call(self, x):
            traces.append(1)
            return super().call(x)

    model = keras.Sequential([keras.Input((3,)), Watched(2)])
    model.compile("sgd", "mse", jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    traces.clear()
    times = timing.step_seconds(model, (2, 6), train)
    assert len(traces) == 1 and len(times) == 2 and min(times) > 0


def test_a_row_without_a_printed_number_is_told_too(tmp_path, capsys):
    """Fails when a run of hours ends in an empty table, or draws a picture of nothing."""
    put(tmp_path / "altaf" / "ccd-vgg16-transfer" / "draw-0", PAPER.row("ccd-vgg16-transfer"))
    summarise(Place(PAPER, tmp_path, tmp_path, tmp_path, demo=False), ["ccd-vgg16-transfer"], [])
    said = capsys.readouterr().out
    assert "accuracy 75.0%" in said.partition("Without a number to compare with:")[2]
    assert not (tmp_path / "altaf" / "comparison.png").exists()
