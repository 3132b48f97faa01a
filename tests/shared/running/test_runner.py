"""What the command says reaches the paper, and what the paper keeps reaches the run folder."""

import dataclasses

import numpy as np
import pytest
from runtimes import ON_CPU

from reproductions.altaf import PAPER
from shared.base.errors import UserError
from shared.comparison import Predictions, read_run
from shared.running import cli, runner
from shared.running.overrides import override, parse_overrides
from shared.running.places import Place
from shared.training.stages import Stages


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """Runs one row's first draw with these options: what reached the paper, and the run folder."""

    def run(*options, demo=False, runtime=ON_CPU, history=()):
        seen = []

        def paper_run(row, draw, context):
            seen.append((row, draw, context))
            context.stages.folder("body", {}, lambda work: None)
            found = Predictions(
                ("no", "yes"), ["test"] * 2, ["a", "b"], ["", ""], np.array([0, 1]), np.eye(2)
            )
            model = {"model.weights.h5": lambda path: path.write_bytes(b"w")}
            return dataclasses.replace(found, model=model, history=list(history))

        paper = dataclasses.replace(PAPER, run=paper_run, needs=lambda row: ())
        monkeypatch.setattr(runner.plan, "started", lambda _: runtime)
        place = Place(paper, tmp_path, tmp_path / "data", tmp_path / "cache", demo=demo)
        args = cli.parser(PAPER).parse_args(["--draw", "2", "--out", str(tmp_path), *options])
        by_hand = parse_overrides(paper, args.set)
        assert runner.run_draws(place, [override(PAPER.rows[0], by_hand)], by_hand, args) == []
        (facts,) = tmp_path.glob("altaf/*/draw-2/facts.json")
        return (*seen[0], facts.parent)

    return run


def test_seed_and_folders_of_the_command_reach_the_paper(ran, tmp_path):
    """Fails when the paper runs with the default seed, or looks for data and weights elsewhere."""
    row, draw, context, _ = ran("--seed", "7", "--weights-dir", str(tmp_path / "weights"))
    assert (row, draw, context.seed, context.demo) == (PAPER.rows[0], 2, 7, False)
    assert (context.data_dir, context.weights_dir) == (tmp_path / "data", tmp_path / "weights")
    assert context.runtime is ON_CPU


def test_a_run_says_what_was_set_by_hand(ran):
    """Fails when the facts lose it: the run would count as the row's own."""
    row, *_, folder = ran("--set", "epochs=2")
    run = read_run(folder)
    assert row.epochs == 2 and run.facts["config"]["epochs"] == 2
    assert run.overrides == ("epochs=2",) and "--set epochs=2" in run.facts["command"]


def test_a_run_in_parts_says_so(ran):
    """Fails when the command that is shown makes another run: dropout is drawn for each part."""
    *_, folder = ran("--parts", "4", runtime=dataclasses.replace(ON_CPU, parts=4))
    facts = read_run(folder).facts
    assert facts["parts"] == 4 and "--parts 4" in facts["command"]


def test_a_run_says_where_a_stage_of_it_was_made_elsewhere(ran, tmp_path):
    """Fails when the run's own device is taken for that of a training that it found."""
    stages = Stages(tmp_path / "cache" / "stages", machine={"device": "GPU", "parts": 1})
    made = stages.folder("body", {}, lambda work: None)
    *_, folder = ran()
    assert read_run(folder).facts["stages_made_elsewhere"] == {made.name: [{"device": "GPU"}]}


@pytest.mark.parametrize("demo", [False, True])
def test_a_demo_says_that_it_is_one(ran, demo):
    """Fails when it is kept as a result of the paper."""
    *_, context, folder = ran(demo=demo)
    assert context.demo == demo and read_run(folder).demo == demo


@pytest.mark.parametrize(("options", "kept"), [((), True), (("--no-models",), False)])
def test_the_trained_model_is_kept_unless_the_command_says_otherwise(ran, options, kept):
    *_, folder = ran(*options)
    assert (folder / "model.weights.h5").exists() == kept


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("history", [(), ({"epoch": 1},)])
def test_a_training_in_half_precision_rests_on_its_deviation_and_a_count_does_not(ran, precision, history):
    *_, folder = ran(runtime=dataclasses.replace(ON_CPU, precision=precision), history=history)
    in_force = PAPER.mixed_precision in read_run(folder).facts["deviations"]
    assert in_force == (precision == "mixed_bfloat16" and bool(history))


def test_the_draws_are_those_asked_for_and_a_demo_has_no_more_than_its_row(tmp_path):
    """Fails when a demo runs draws that its row has not got, or a real row stops at its own number."""

    def draws(*options, demo=False):
        place = Place(PAPER, tmp_path, tmp_path, tmp_path, demo=demo)
        return list(runner.draws_of(place, PAPER.rows[0], cli.parser(PAPER).parse_args(options)))

    assert draws() == draws(demo=True) == [0, 1, 2, 3, 4]
    assert draws("--draws", "2") == draws("--draws", "2", demo=True) == [0, 1]
    assert draws("--draws", "7") == list(range(7)) and draws("--draws", "7", demo=True) == [0, 1, 2, 3, 4]
    assert draws("--draw", "6", "0") == [6, 0] and draws("--draw", "4", "0", demo=True) == [4, 0]
    with pytest.raises(UserError, match=r"--draw 6: the demo of .* has draws 0 to 4"):
        draws("--draw", "6", "0", demo=True)
