"""Findings: each question asked of runs made by hand, with the fault and without."""

import numpy as np
import pytest

from shared.comparison import Predictions, Run
from shared.trust import found
from shared.trust.spread import components
from shared.trust.trial import LEVELS, Trial, trials

TRUE = np.arange(120) % 2


def run(name, wrong, *, history=(), elsewhere="", set_name="s", sure=0.9, true=TRUE):
    """A trial in which these images, or the first so many, are decided wrongly."""
    wrong = wrong if isinstance(wrong, np.ndarray) else np.arange(len(true)) < wrong
    decided = np.where(wrong, 1 - true, true)
    probabilities = np.where(np.eye(2)[decided] > 0, sure, 1 - sure)
    count = len(true)
    samples = [f"{k}.png" for k in range(count)]
    predictions = Predictions(
        ("a", "b"),
        ["validation"] * count + ["test"] * count,
        samples * 2,
        [""] * (2 * count),
        np.concatenate([true, true]),
        np.concatenate([probabilities] * 2),
        history=list(history),
    )
    facts = {
        "paper": "trials", "row": f"{set_name}.{name}", "draw": 0, "scale": "paper", "command": "try s",
        "config": {"set": set_name, "name": name, "elsewhere": elsewhere},
    }  # fmt: skip
    return Run(None, facts, predictions)


def answer(question, *runs):
    return next(one for one in found.findings(runs) if one.question == question)


@pytest.mark.parametrize(
    ("wrong", "fault", "words"),
    [
        (12, True, "raises the"),
        (36, False, "does not show a change"),
        (40, False, "not"),
        (70, False, "lowers"),
    ],
)
def test_a_leak_is_a_higher_result_where_sources_are_on_both_sides(wrong, fault, words):
    """Fails when the two splits change places, any difference is a leak, or a sure loss is told as none."""
    told = answer("Leak", run("by-source", 36), run("by-image", wrong))
    assert told.fault == fault and words in told.sentence
    assert told.number.startswith(f"{100 * (36 - wrong) / 120:+.1f} points")


def test_images_with_another_of_their_source_are_counted_apart():
    """The first 30 images are pairs of one source, and 12 of them wrong; of the 90 others nothing is."""
    pairs = run("by-image", 12)
    pairs.predictions.patient[:] = [str(k // 2) if k < 30 else f"own {k}" for k in range(120)] * 2
    told = answer("Seen before", pairs)
    assert told.sentence.startswith("25% of the images") and told.sources == 105
    assert told.number.startswith("60.0%, 100.0% (")


@pytest.mark.parametrize(("wrong", "fault"), [(12, True), (48, False), (52, False), (108, False)])
def test_a_shortcut_is_more_than_chance(wrong, fault):
    """Fails when less than chance counts as told, when the value decides, or a 95% interval."""
    told = answer("Shortcut", run("by-source", 0), run("only-border", wrong))
    assert (told.fault, told.by_chance) == (fault, 0.5)
    assert ("not shown to be told apart" in told.sentence) != fault


def test_the_rate_counts_each_class_alike():
    """Of 100 and 20 images all are called the first class: half of the classes is right, not 83%."""
    true = (np.arange(120) >= 100).astype(int)
    called = run("only-border", 0, true=true * 0)
    called.predictions.true[:] = np.concatenate([true, true])
    told = answer("Shortcut", run("by-source", 0), called)
    assert told.number.startswith("50.0%") and not told.fault


@pytest.mark.parametrize(("wrong", "fault"), [(60, True), (20, True), (16, False), (8, False)])
def test_elsewhere_is_a_fault_where_less_of_the_result_holds(wrong, fault):
    """Fails when two intervals that overlap, as those of 95% and 83% do, pass for no difference."""
    told = answer("Elsewhere", run("by-source", 6), run("elsewhere-t", wrong, elsewhere="t"))
    assert told.fault == fault
    assert told.sentence.endswith("less of it holds" if fault else "no loss is shown")


def test_labels_dealt_at_random_are_told_apart_only_where_something_leaks():
    told = answer("Chance", run("by-source", 0), run("shuffled-sources-by-image", 20))
    assert told.fault and "dealt at random to sources, split by image" in told.sentence


@pytest.mark.parametrize(("sure", "fault"), [(0.9, False), (0.96, False), (0.999, True)])
def test_what_is_too_sure_is_a_fault(sure, fault):
    """Fails for a 95% interval: by that, 0.96 would be too much for 90% right."""
    one_in_ten = np.arange(len(TRUE)) % 10 == 0
    assert answer("Calibration", run("by-source", one_in_ten, sure=sure)).fault == fault


def test_the_spread_of_a_factorial_is_laid_to_the_factor_that_made_it():
    """Fails when the axes of the factorial are mixed up on their way through the history."""
    history = [
        {**dict(zip(LEVELS, cell, strict=True)), "accuracy": 0.8 + 0.05 * cell[2] + 0.001 * (sum(cell) % 2)}
        for cell in np.ndindex(*LEVELS.values())
    ]
    told = answer("Spread", run("spread", 0, history=history))
    assert "comes from one thing: order" in told.sentence and "order 5.0 (" in told.number


def test_components_are_those_that_were_planted():
    """Their squares are unbiased: the means over 400 factorials are those that made them."""
    rng = np.random.default_rng(1)
    planted = {"a": 3.0, "b": 0.0, "c": 1.0}
    seen, covered, false = [], 0, 0
    for _ in range(400):
        values = rng.normal(0, 2.0, (4, 3, 3))
        for axis, sd in enumerate(planted.values()):
            shape = [1, 1, 1]
            shape[axis] = values.shape[axis]
            values = values + rng.normal(0, sd, shape)
        parts = components(values, tuple(planted))
        seen.append([parts["a"].sd ** 2, parts["c"].sd ** 2, parts["rest"].sd ** 2])
        covered += parts["a"].low <= 3.0 <= parts["a"].high
        false += parts["b"].low > 0
    a, c, rest = np.mean(seen, axis=0)
    assert (a, rest) == (pytest.approx(9.0, rel=0.15), pytest.approx(4.0, rel=0.05))
    assert c == pytest.approx(1.0, abs=0.35)  # cut off at nothing, its mean lies a little higher
    assert 0.93 <= covered / 400 <= 0.97 and 0.01 <= false / 400 <= 0.045


def test_lungs_are_taken_from_ct_and_a_central_box_from_x_rays():
    names = {kind: {one.name for one in trials(kind)} for kind in ("CT", "X-ray")}
    assert names["CT"] - names["X-ray"] == {"only-lungs", "shown-lungs"}
    assert names["X-ray"] - names["CT"] == {"only-centre", "shown-centre"}
    assert Trial("elsewhere-t", elsewhere="t") in trials("CT", ("t",))
