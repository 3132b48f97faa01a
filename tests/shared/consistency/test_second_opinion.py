"""The arithmetic against mlscorecheck (Fazekas and Kovács), which searches all counts by other means."""

import dataclasses
import logging

import numpy as np
import pytest
from honest import Design
from mlscorecheck.check.binary import check_1_testset_no_kfold, check_n_testsets_mos_no_kfold

from shared.consistency.checks import check, misfits

NAMES = {
    ("accuracy", ""): "acc",
    ("recall", "a"): "sens",
    ("recall", "b"): "spec",
    ("precision", "a"): "ppv",
    ("precision", "b"): "npv",
}


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def row_of(design: Design, seed: int):
    """One honest row; in two of three rows one number is moved by some of its last digits."""
    rng = np.random.default_rng(seed)
    matrices = design.matrices(rng)
    cells = [design.cell("r", metric, name, matrices) for metric, name in NAMES]
    if design.times > 1:  # what a mean over draws leaves: shares of a known number of images
        cells = cells[:3]
    if seed % 3:
        moved = int(rng.integers(len(cells)))
        value = cells[moved].number + rng.choice([-4, -2, -1, 1, 2, 4]) * cells[moved].step
        cells[moved] = dataclasses.replace(cells[moved], value=f"{value:.{design.decimals}f}")
    return cells


def scores(cells):
    """Scores and their uncertainty: from half a digit below to a digit above, which is itself left out."""
    found = {NAMES[r.metric, r.class_name]: (r.number + 0.2499 * r.step) * r.scale for r in cells}
    return found, 0.7499 * cells[0].step * cells[0].scale


def ours(design: Design, cells) -> bool:
    return bool(misfits(check(cells, [design.stated])))


@pytest.mark.parametrize("cut", [False, True])
def test_one_test_set(cut):
    """Both search whole counts: they must agree on every row, whether it is right or not."""
    design = Design((13, 19), cut=cut, decimals=0)
    verdicts = []
    for seed in range(120):
        cells = row_of(design, seed)
        if any(cell.value == "nan" for cell in cells):
            continue
        values, eps = scores(cells)
        theirs = check_1_testset_no_kfold({"p": 13, "n": 19}, values, eps, numerical_tolerance=1e-9)
        verdicts.append((ours(design, cells), bool(theirs["inconsistency"])))
        assert verdicts[-1][0] == verdicts[-1][1], (seed, values)
    assert 0.1 < np.mean([both[0] for both in verdicts]) < 0.9


MEANS = [Design((13, 19), times=3, decimals=1), Design((7, 11), times=3, decimals=0)]


@pytest.mark.parametrize("design", MEANS, ids=["one digit", "no digit"])
def test_means_over_draws(design):
    """Accuracy and both recalls: by integer programming there, here by the whole numbers in their windows."""
    verdicts = []
    for seed in range(30):
        cells = row_of(design, seed)
        values, eps = scores(cells)
        p, n = design.classes
        sets = [{"p": p, "n": n}] * design.times
        theirs = check_n_testsets_mos_no_kfold(sets, values, eps, verbosity=0, numerical_tolerance=1e-9)
        verdicts.append((ours(design, cells), bool(theirs["inconsistency"])))
        assert verdicts[-1][0] == verdicts[-1][1], (seed, values)
    assert 0.1 < np.mean([both[0] for both in verdicts]) < 0.9
