"""The plan: time with its stopping rules, epochs, memory, other machines, disk."""

import argparse
import json
from dataclasses import replace

import keras
import pytest
from hungry import Hungry
from runtimes import ON_CPU

from reproductions import PAPERS
from reproductions.papers import papers
from shared.base.download import Wanted
from shared.paper import Need, Work
from shared.running import costs, plan
from shared.running.costs import Cost
from shared.running.places import stages_folder
from shared.training import fitting
from shared.training.stages import Stages

COSTS = {"fast": Cost(0.01, 10**9, 100), "slow": Cost(1.0, 3 * 10**9, 200)}


def work(name: str, images: int, speed: str, **more) -> Work:
    return Work(name, {"of": name}, images, lambda runtime: None, 8, speed=speed, **more)


def test_a_piece_that_two_rows_share_is_counted_once():
    """Fails when the second row pays again, or when what is done is paid at all."""
    common, own, ready = work("common", 100, "slow"), work("own", 200, "fast"), work("ready", 10**6, "slow")
    done = {plan._identity(ready)}
    found = plan.own_and_shared({"a": [common, ready], "b": [common, own]}, done)
    assert [[piece.name for piece in pieces] for pieces in found["a"]] == [["common"], ["ready"]]
    assert [[piece.name for piece in pieces] for pieces in found["b"]] == [["own"], ["common"]]
    assert plan.seconds([*found["a"][0], *found["b"][0]], COSTS) == pytest.approx(102)


def test_draws_of_one_kind_of_work_are_told_together():
    """Fails when each draw fills a line of its own, or what is done and what is shared are one."""
    pieces = [work(f"training, draw {draw}", 1, "fast") for draw in (0, 1, 2)] + [work("features", 1, "fast")]
    done = {plan._identity(piece) for piece in pieces[:2]}
    assert (
        plan._shared(pieces, done) == "training, draws 0, 1: done; training, draw 2: shared; features: shared"
    )
    assert plan._shared([], done) == "–"


def test_a_draw_that_found_its_training_says_nothing_of_its_cost():
    """Fails when a row is said to take the seconds that its predictions took."""
    (altaf,) = (paper for paper in papers() if paper.name == "altaf")
    rows = [
        altaf.row(name) for name in ("sc2c-inceptionv3-transfer", "sc2c-inceptionv3-transfer@moving-averages")
    ]
    (said,) = plan._recorded(altaf, rows)
    assert "a draw of sc2c-inceptionv3-transfer took" in said


def test_a_stopping_rule_makes_the_time_a_limit_and_the_epoch_is_told():
    """Fails when 500 epochs that a rule may end after five are given as the time of a row."""
    stopped = work("training", 60_000, "slow", epoch=120, at_most=True)
    assert plan._costs([stopped], [], COSTS) == ("at most 16.7 h", "2 min", "3.0 GB")
    whole = work("training", 60_000, "fast", epoch=600)
    assert plan._costs([whole], [stopped], COSTS) == ("10 min", "2 min", "3.0 GB")
    assert plan._costs([], [], COSTS) == ("0 s", "–", "–")


def shown(out, capsys, **asked) -> str:
    """The line of Altaf's ResNet50 on CCD in a plan; an image-step takes a hundredth of a second."""
    (altaf,) = papers(["altaf"])
    row = altaf.row("ccd-resnet50-transfer")
    args = argparse.Namespace(
        **{"precision": "float32", "seed": 0, "threads": None, "devices": 1, "parts": 1, "fast": False},
        **{"out": out, "data_dir": out, "weights_dir": out, "draws": None, "draw": None},
    )
    vars(args).update(asked)
    machine = costs.machine(plan.started(args))
    costs.keep(out, machine, {costs.kind(piece): Cost(0.01, 1, 1) for piece in altaf.work(row)})
    plan.show(altaf, [row], {row.id: ()}, args)
    return next(line for line in capsys.readouterr().out.splitlines() if line.startswith(row.id))


def test_a_plan_is_of_the_draws_that_are_asked_for(tmp_path, capsys):
    """Fails when one draw is given the time of five. By hand: 671 images, 5 epochs, a hundredth each."""
    assert " 34 s " in shown(tmp_path, capsys, draws=1)
    assert " 67 s " in shown(tmp_path, capsys, draw=[3, 4])
    (altaf,) = papers(["altaf"])
    first = altaf.work(altaf.row("ccd-resnet50-transfer"))[0]
    key = {**first.key, "seed": 0, "precision": "float32"}
    Stages(stages_folder(tmp_path / "cache", False)).folder(first.stage, key, lambda folder: None)
    assert " 34 s " in shown(tmp_path, capsys, draw=[3])  # and not done because draw 0 is
    assert " 0 s " in shown(tmp_path, capsys, draw=[0])
    assert " 2 min " in shown(tmp_path, capsys)


def test_what_was_done_in_another_precision_or_by_another_seed_is_not_done(tmp_path, capsys):
    """Fails when a GPU's plan counts a training that a CPU did in float32."""
    (altaf,) = papers(["altaf"])
    stages = Stages(stages_folder(tmp_path / "cache", False))
    for seed, precision, time in (
        (0, "mixed_float16", "3 min"),
        (1, "float32", "3 min"),
        (0, "float32", "0 s"),
    ):
        for piece in altaf.work(altaf.row("ccd-resnet50-transfer")):
            key = {**piece.key, "seed": seed, "precision": precision}
            stages.folder(piece.stage, key, lambda folder: None)
        assert f" {time} " in shown(tmp_path, capsys)


@pytest.mark.parametrize("name", PAPERS)
def test_an_epoch_divides_the_work_and_only_a_stopping_rule_makes_it_a_limit(name):
    """Fails when the images of an epoch are those of all draws, or of another part."""
    (paper,) = papers([name])
    pieces = [(row, piece) for row in paper.rows for piece in paper.work(row)]
    for row, piece in pieces:
        assert not piece.epoch or piece.images % piece.epoch == 0
        assert piece.at_most == hasattr(row, "stop_accuracy") or piece.stage


def test_memory_by_hand():
    """A layer of 3 to 5: 20 numbers trained; outputs of 3 and 5 numbers for each of 7 images."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(5)])
    outputs = sum(layer.output.shape[1] for layer in model.layers)
    assert costs.memory(model, 7, True, 4) == costs.PROCESS + 16 * 20 + 4 * 7 * outputs
    assert costs.memory(model, 7, False, 2) == costs.PROCESS + 4 * 20 + 2 * 7 * 2 * 5
    model.trainable = False
    assert costs.memory(model, 7, True, 4) == costs.PROCESS + 4 * 20 + 4 * 7 * outputs


def test_what_is_measured_on_one_machine_is_told_on_another(tmp_path):
    """Fails when the time of a GPU is forgotten, or given although a part of it was never measured."""
    costs.keep(tmp_path, "GPU A, float32", {"slow": Cost(0.001, 1, 1)})
    costs.keep(tmp_path, "GPU B, float32", {"fast": Cost(0.001, 1, 1), "slow": Cost(0.002, 1, 1)})
    costs.keep(tmp_path, "here", COSTS)
    pieces = [work("one", 1000, "fast"), work("two", 1000, "slow")]
    found = costs.elsewhere(tmp_path, "here", lambda its: plan.seconds(pieces, its))
    assert found == {"GPU B, float32": pytest.approx(3.0)}


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", '{"here": {"x": 1}}', '{"here": {"x": {"seconds": -1}}}']
)
def test_damaged_costs_are_measured_again(content, tmp_path):
    path = tmp_path / "cache" / costs.FILE
    path.parent.mkdir()
    path.write_text(content)
    assert not costs.remembered(tmp_path).get("here")
    path.write_text(json.dumps({"here": {"x": {"seconds": 0.5, "memory": 1, "pixels": 2}}}))
    assert costs.remembered(tmp_path) == {"here": {"x": Cost(0.5, 1, 2)}}


def test_a_batch_that_does_not_fit_costs_no_other_row_its_plan(tmp_path):
    """Fails when the first such work ends the command, is counted as nothing, or is remembered."""

    def model(runtime, *more):
        built = keras.Sequential([keras.Input((3,)), *more, keras.layers.Dense(5)])
        return fitting.compile_model(built, keras.optimizers.SGD(), "mse", runtime)

    large = replace(work("one", 10, "large", at_most=True), model=lambda runtime: model(runtime, Hungry()))
    small = replace(work("two", 10, "small"), model=model)
    on_gpu = replace(ON_CPU, gpus=1)  # where the whole batch is timed
    for _ in range(2):
        known = costs.measure([large, small], on_gpu, tmp_path)
        assert list(known) == ["small"] == list(costs.remembered(tmp_path)[costs.machine(on_gpu)])
    assert plan._costs([small, large], [], known)[0] == plan.TOO_LARGE != plan._costs([small], [], known)[0]
    assert plan._summary([], {}, [large, small], known, on_gpu, tmp_path)[-1] == plan.NOT_COUNTED
    assert plan.NOT_COUNTED not in plan._summary([], {}, [small], known, on_gpu, tmp_path)


def test_disk_counts_what_is_missing_and_each_copy_once(tmp_path):
    """Fails when a dataset of two rows is counted twice, or one that is there is fetched again."""

    class Row:
        id = "row"

    class Paper:
        @staticmethod
        def needs(row) -> tuple[Need, ...]:
            there = Need("a", lambda *_: None, datasets=(Wanted("a", 1000, 5 * 10**9, 10**9),))
            gone = Need("b", lambda *_: "b is missing", datasets=(Wanted("b", 1000, 7 * 10**9, 2 * 10**9),))
            return there, gone

    args = argparse.Namespace(out=tmp_path, data_dir=tmp_path, weights_dir=tmp_path)
    rows = [Row(), Row()]
    line = plan.disk(Paper, rows, {"row": [work("w", 1, "fast"), work("v", 1, "slow")]}, COSTS, args)
    decoded = 2 * 1000 * (100 + 200)
    assert (
        f"at most 7.0 GB for data that are missing, {(3 * 10**9 + decoded) / 10**9:,.1f} GB for copies"
        in line
    )
