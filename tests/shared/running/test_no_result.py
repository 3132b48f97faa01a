"""A training that diverges, or learns nothing, costs its own draw and no other."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from reproductions.altaf import PAPER
from shared.base.errors import Diverged, NoResult
from shared.comparison import Predictions
from shared.running import cli, runner
from shared.running.places import Place
from shared.training.runtime import Runtime


@pytest.mark.parametrize("error", [Diverged("a training", "NaN"), NoResult("a training: it still guesses")])
def test_a_draw_without_a_result_costs_no_other_its_own(error, tmp_path, monkeypatch, capsys):
    """Fails when the draws and rows after it are not run, or the command ends as if nothing were missing."""
    one, other = PAPER.rows[:2]

    def run(row, draw, context):
        if row == one and draw == 1:
            raise error
        true = np.arange(4) % 2
        return Predictions(("no", "yes"), ["test"] * 4, list("abcd"), [""] * 4, true, np.eye(2)[true])

    paper = dataclasses.replace(PAPER, run=run, needs=lambda row: ())
    monkeypatch.setattr(runner.plan, "started", lambda _: Runtime("CPU", 0, "float32", jit_compile=False))
    place = Place(paper, tmp_path, tmp_path, tmp_path / "cache", demo=False)
    args = cli.parser(PAPER).parse_args(["--draws", "3", "--out", str(tmp_path)])
    lost = runner.run_draws(place, [one, other], {}, args)
    finished = {path.parent.relative_to(tmp_path) for path in tmp_path.glob("altaf/*/*/facts.json")}
    wanted = {Path("altaf", row.id, f"draw-{k}") for row in (one, other) for k in range(3)}
    assert finished == wanted - {Path("altaf", one.id, "draw-1")}
    (line,) = lost
    assert line.startswith(f"{one.id}, draw 1: a training: ")
    first, second = (line for line in capsys.readouterr().out.splitlines() if "accuracy" in line)
    assert f"{one.id}: 1 without a result, 2 draws, accuracy 100.0%" in first
    assert f"{other.id}: 3 draws, accuracy 100.0%" in second
