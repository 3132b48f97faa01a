"""The demo's control: by hand, and on a pipeline with a mistake in it."""

import dataclasses
import importlib
import threading

import numpy as np
import pytest

import reproductions
from data_builders import augment, phantom, pipeline
from shared.base.claim import claimed
from shared.comparison import Predictions, Run, find_runs, folder_name
from shared.running import cli, control, scaffold
from shared.training import fitting

NAME = "controlled"
ONE_EPOCH = ("--set", "epochs=1")


def run_of(true, decided, names=None, split="test"):
    """A run that decided so."""
    n, true = len(true), np.asarray(true)
    names = names or [f"{k}.png" for k in range(n)]
    found = Predictions(("a", "b"), [split] * n, names, [""] * n, true, np.eye(2)[np.asarray(decided, int)])
    return Run(None, {"row": "r"}, found)


TRUE = np.arange(80) % 2


@pytest.mark.parametrize(("wrong", "answer"), [(8, "yes"), (9, "no")])
def test_nine_tenths_of_the_held_out_images_must_be_right(wrong, answer):
    decided = np.where(np.arange(80) < wrong, 1 - TRUE, TRUE)
    _, text = control.judge({"r": [run_of(TRUE, decided)]}, {"r": [run_of(TRUE, TRUE * 0)]})
    assert f"The pipeline learns what is there: {answer}" in text


def test_an_image_counts_once_and_only_if_it_was_held_out():
    """Fails when thirty images that two draws scored count as sixty, or images that chose an epoch count."""
    twice = [run_of(TRUE[:40], TRUE[:40])] * 2
    seen = [run_of(TRUE[:40], TRUE[:40]), run_of(TRUE, TRUE, split="validation")]
    other = [run_of(TRUE[:40], TRUE[:40]), run_of(TRUE[:40], TRUE[:40], [f"other-{k}" for k in range(40)])]
    counts = [len(control.scored("r", runs).true) for runs in (twice, seen, other)]
    assert counts == [40, 40, 80]
    holds, text = control.judge({"r": twice}, {"r": other})
    assert not holds and "at least 60 images" in text


def test_the_interval_of_chance_is_that_of_the_exact_distribution():
    """Of 80 images, 40 of each class and 40 decided for each, half of the right ones are hypergeometric."""
    from scipy.stats import hypergeom

    found = control.scored("r", [run_of(TRUE, np.arange(80) < 40)])
    low, high = control.chance(found, rows=1)
    exact = hypergeom(80, 40, 40)
    assert (low, high) == pytest.approx((2 * exact.ppf(0.005) / 80, 2 * exact.ppf(0.995) / 80), abs=0.026)
    wider = control.chance(found, rows=5)
    assert wider[0] <= low and high <= wider[1] and wider != (low, high)


def test_deciding_for_one_class_whatever_is_shown_is_chance():
    """Fails when unequal classes make a model that learnt nothing look as if it had."""
    true = np.arange(80) < 70
    assert control.chance(control.scored("r", [run_of(true * 1, true * 0 + 1)]), 1) == (70 / 80, 70 / 80)


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """The paper of the template, with one of its rows as control."""
    folder = tmp_path_factory.mktemp("papers")
    scaffold.write(NAME, folder, ())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reproductions, "__path__", [*reproductions.__path__, str(folder)])
        found = importlib.import_module(f"reproductions.{NAME}").PAPER
        yield dataclasses.replace(found, control_rows=found.control_rows[:1])


def demo(paper, out, capsys, *options):
    """The exit code of its demo, and what it says."""
    code = cli.main(paper, ["--scale", "demo", "--out", str(out), *options])
    return code, capsys.readouterr().out


def test_a_right_pipeline_passes(paper, tmp_path, capsys):
    code, said = demo(paper, tmp_path, capsys)
    assert code == 0
    assert "The pipeline learns what is there: yes" in said
    assert "nothing where nothing is (shuffled labels): yes" in said


def test_what_is_set_by_hand_holds_in_a_demo_too(paper, tmp_path, capsys):
    """Fails when the demo's own values come over it, or it is run twice; it says that it is no control."""
    code, said = demo(paper, tmp_path, capsys, *ONE_EPOCH)
    runs, _ = find_runs(tmp_path)
    assert code == 0 and "without a control" in said
    assert [(run.facts["config"]["epochs"], len(run.history)) for run in runs] == [(1, 1)]
    _, again = demo(paper, tmp_path, capsys, *ONE_EPOCH)
    assert f"DEMO {paper.control_rows[0]}: done before, accuracy" in again


def test_one_draw_runs_alone(paper, tmp_path, capsys):
    """Fails when --draw is taken for --draws, or a demo makes up a draw."""
    code, _ = demo(paper, tmp_path, capsys, "--row", "plain", "--draw", "1", "--set", "draws=2", *ONE_EPOCH)
    assert code == 0
    assert [path.name for path in tmp_path.rglob("draw-*")] == ["draw-1"]
    assert cli.main(paper, ["--scale", "demo", "--row", "plain", "--draw", "1", "--out", str(tmp_path)]) == 2
    assert "the demo of plain has draws 0 to 0" in capsys.readouterr().err


def test_a_demo_waits_for_a_draw_that_another_process_runs(paper, tmp_path, capsys):
    """Fails when the draw is skipped: the control would have nothing to judge."""
    row = folder_name(paper.control_rows[0], {"epochs": "1"}, 0, "auto")
    draw = tmp_path / "demo" / "cache" / NAME / "work" / f"{NAME}-{row}-draw-0.claim"
    begun, held = threading.Event(), threading.Event()

    def hold():
        with claimed(draw):
            begun.set()
            held.wait(3)

    other = threading.Thread(target=hold)
    other.start()
    begun.wait()
    _, said = demo(paper, tmp_path, capsys, *ONE_EPOCH)
    other.join()
    runs, _ = find_runs(tmp_path)
    assert len(runs) == 1 and "skipped" not in said


def _rolled(patch, module):
    """Each image is trained under the next class."""
    real = pipeline.train_batches
    patch.setattr(
        module, "train_batches", lambda pixels, labels, **words: real(pixels, (labels + 1) % 2, **words)
    )


def _untrained(patch, module):
    patch.setattr(fitting, "fit", lambda *_, **__: [{"loss": 0.0}])


def _destroyed(patch, module):
    """Every image is moved out of the picture."""
    patch.setattr(module, "Augment", lambda **words: augment.Augment(shift=4000.0, fill="constant"))


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "plant", [_untrained, pytest.param(_rolled, marks=SLOW), pytest.param(_destroyed, marks=SLOW)]
)
def test_a_pipeline_that_cannot_learn_fails(plant, paper, tmp_path, capsys, monkeypatch):
    """Fails when a demo calls a broken pipeline a working one."""
    plant(monkeypatch, importlib.import_module(f"reproductions.{NAME}.data"))
    code, said = demo(paper, tmp_path, capsys)
    assert code == 1 and "The pipeline learns what is there: no" in said


def test_a_pipeline_that_sees_the_answers_fails(paper, tmp_path, capsys, monkeypatch):
    """Fails when the second pass would pass a leak: here the label is a mark in the picture."""
    real = phantom.Painter.grey

    def marked(painter, label, patient, image):
        picture = real(painter, label, patient, image).copy()
        picture[:12] = 255 * label
        return picture

    monkeypatch.setattr(phantom.Painter, "grey", marked)
    code, said = demo(paper, tmp_path, capsys)
    assert code == 1
    assert "learns what is there: yes" in said and "(shuffled labels): no" in said
