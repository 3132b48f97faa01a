"""Claims of who learns sooner: in steps, fold against fold, and no row sooner than itself."""

from pathlib import Path

import numpy as np
import pytest

from reproductions.zebin.claims import CLAIMS, epochs_to, sooner, steps_to
from reproductions.zebin.config import CLASSES
from shared.comparison import FAILS, HOLDS, INCONCLUSIVE, Predictions, Run


def run_with(losses, draw, images=474, row="vgg16-v1", seed=0) -> Run:
    history = [{"loss": float(loss)} for loss in losses]
    nothing = Predictions((), [], [], [], np.zeros(0, int), np.zeros((0, 0)), history=history)
    facts = {"draw": draw, "seed": seed, "row": row, "scale": "paper", "config": {"batch": 8}}
    facts |= {"image_steps": images * len(history), "epochs": len(history)}
    return Run(Path(), facts, nothing)


def test_steps_are_counted_from_the_first_epoch_that_is_as_low():
    """Epochs counted from 0, steps of another batch, or a last part of a batch that is lost."""
    assert epochs_to(0.5, [{"loss": 0.9}, {"loss": 0.5}, {"loss": 0.4}]) == 2
    assert epochs_to(0.1, [{"loss": 0.9}]) == 2
    assert steps_to(0.5, run_with([0.9, 0.5], 0, images=474)) == 2 * 60
    assert steps_to(0.5, run_with([0.9, 0.5], 0, images=554)) == 2 * 70


def test_each_fold_is_held_against_its_own_threshold():
    """The threshold of another fold, or the sign turned."""
    slow = [run_with([0.9, 0.8, 0.7, 0.6 - d / 10], d) for d in range(3)]
    fast = [run_with([0.65 - d / 10, 0.55 - d / 10, 0, 0], d) for d in range(3)]
    found = sooner("fast", "slow", "slow")({"slow": slow, "fast": fast})
    assert (found.verdict, found.effect) == (HOLDS, 2 * 60)
    assert found.reason == "fast needs 120, 120, 120 steps, slow 240, 240, 240"
    assert sooner("slow", "fast", "slow")({"slow": slow, "fast": fast}).verdict == FAILS
    with pytest.raises(KeyError):
        sooner("fast", "slow", "slow")({"slow": slow})


def test_folds_of_another_seed_are_other_folds():
    """Fails when fold 0 of one seed is asked for the loss that fold 0 of another ends with."""
    slow = [run_with([0.9, 0.8, 0.6], 0), run_with([0.5, 0.4, 0.2], 0, seed=1)]
    fast = [run_with([0.9, 0.6, 0.1], 0), run_with([0.5, 0.2, 0.1], 0, seed=1)]
    found = sooner("fast", "slow", "slow")({"slow": slow, "fast": fast})
    assert found.reason == "fast needs 120, 120 steps, slow 180, 180"


def test_the_fastest_is_faster_than_all_three_others():
    """Fails where one that VGG16 with v1 overtakes is called the fastest."""
    (fastest,) = (claim for claim in CLAIMS if claim.id == "efficientnetb0-fastest")
    reached = {"vgg16-v1": 30, "efficientnetb0": 12, "resnet50": 20, "vgg16-v2": 25}
    for epochs, verdict in ((reached, HOLDS), (reached | {"vgg16-v1": 2}, FAILS)):
        runs = {
            row: [run_with([0.9] * (epoch - 1) + [0.5 - d / 100] * 4, d) for d in range(3)]
            for row, epoch in epochs.items()
        }
        assert fastest.test(runs).verdict == verdict


def test_an_epoch_with_more_images_is_longer():
    """Epochs compared in place of steps: the same 60 steps of loss look like fewer epochs with 70 each."""
    falling = np.linspace(1, 0, 61)[1:]
    v1 = [run_with(falling[:42], d, 480) for d in range(3)]
    same = np.interp(np.arange(1, 37) * 70 / 60, np.arange(61), [1, *falling])
    v2 = [run_with(same, d, 560) for d in range(3)]
    found = sooner("v2", "v1", "v1")({"v1": v1, "v2": v2})
    assert (found.effect, found.verdict) == (0, INCONCLUSIVE)


def noisy(seed, draw, images):
    """Losses that fall and settle, with noise; per step the same whatever the number of images."""
    steps = np.arange(1, 51) * -(-images // 8)
    noise = np.random.default_rng([seed, draw, images]).normal(0, 0.02, 50)
    return run_with(0.3 + 0.7 * np.exp(-steps / 600) + noise, draw, images)


def test_a_claim_of_two_alike_seldom_holds():
    """A first passage against all epochs, or epochs against epochs: every pair of equals would hold."""
    found = []
    for i in range(200):
        v1, v2 = ([noisy(2 * i + k, d, images) for d in range(5)] for k, images in enumerate((474, 554)))
        found.append(sooner("v2", "v1", "v1")({"v1": v1, "v2": v2}).verdict)
    assert found.count(HOLDS) <= 10
    assert found.count(INCONCLUSIVE) > 100


def test_every_claim_is_asked_of_the_clean_rows_too():
    """A clean claim that asks for a row of the other protocol, or one without its counterpart."""
    half = len(CLAIMS) // 2
    for claim, clean in zip(CLAIMS[:half], CLAIMS[half:], strict=True):
        assert clean.id == f"{claim.id}-clean"
        assert {f"{row}-clean" for row in asked(claim)} == asked(clean)


def test_claims_compare_what_the_text_compares():
    """Better and worse exchanged, another class, or the wrong number of others."""
    runs = {"vgg16-v1": 0.4, "vgg16-v2": 0.5, "resnet50": 0.6, "efficientnetb0": 0.9}
    runs |= {"resnet50-v1": 0.6, "efficientnetb0-v1": 0.9}
    scored = {row: [scores(right, draw) for draw in range(3)] for row, right in runs.items()}
    by_id = {claim.id: claim.test(scored) for claim in CLAIMS if not claim.id.endswith("-clean")}
    for name in ("synthetic-images-help", "backbones", "backbones-v1"):
        assert by_id[name].verdict == HOLDS, name
    assert by_id["synthetic-images-help"].effect == pytest.approx(0.1)
    before, after, best = (
        np.mean([run.metric("precision", "COVID-19") for run in scored[row]])
        for row in ("vgg16-v1", "vgg16-v2", "efficientnetb0")
    )
    assert by_id["synthetic-images-raise-precision"].effect == pytest.approx(after - before)
    assert by_id["precision-of-others"].effect == pytest.approx(best - 0.909)


def asked(claim) -> set[str]:
    """The rows that a claim asks for."""
    rows = set()

    class Asked(dict):
        def __missing__(self, row):
            rows.add(row)
            return [scores(0.5, 0)]

    claim.test(Asked())
    return rows


def scores(right: float, draw: int) -> Run:
    """A run on 100 test images of each class, of which this share is decided right, the rest for the next."""
    true = np.repeat(np.arange(3), 100)
    decided = np.where(np.tile(np.arange(100), 3) < 100 * right, true, (true + 1) % 3)
    decided[:draw] = 2  # draws that differ
    names = [f"image-{i}" for i in range(300)]
    run = run_with([0.5, 0.4], draw)
    run.predictions = Predictions(CLASSES, ["test"] * 300, names, names, true, np.eye(3)[decided])
    run.predictions.history = [{"loss": 0.5}, {"loss": 0.4}]
    return run
