"""The interval of our own value: what it covers, and that it does so."""

import numpy as np
import pytest
from toy_runs import predictions, put, reported

from shared.base.wilson import wilson
from shared.comparison import compare, metrics, noise
from shared.comparison.intervals import DRAWS, ONE_MODEL, OTHER_IMAGES, THESE_DATA, Effect, effect_of
from shared.comparison.noise import images_behind
from shared.comparison.prediction import images_of_share


def test_the_interval_of_one_draw_is_wilsons_with_the_rates_own_denominator():
    """Fails when 26 of 26 is given the interval of all 100 patients of the split."""
    p = predictions(100, patients=False)
    p.patient = [f"p{i}" for i in range(100)]
    p.true = np.r_[np.ones(26, int), np.zeros(74, int)]
    p.probabilities = np.eye(2)[p.true].astype(np.float32)
    images = images_behind(p, "recall", "COVID")
    low, high = Effect((1.0,), images, is_rate=True).interval()
    assert (low, high) == pytest.approx(wilson(1.0, 26), abs=0.01)
    assert low < 0.9
    assert images_behind(p, "f1", "COVID").n == 26  # no decision differs: resampling shows no width


def test_a_patient_with_most_of_the_images_makes_the_others_count_for_less():
    """Fails when 30 patients are 30 witnesses though five of them have five sixths of the images."""
    unequal, equal = predictions(120, n=150), predictions(120, n=150)
    unequal.patient = [f"few {i}" for i in range(25)] + [f"many {i % 5}" for i in range(125)]
    equal.patient = [f"p{i % 30}" for i in range(150)]
    assert images_behind(unequal, "accuracy").n == pytest.approx(150**2 / (25 * 1 + 5 * 25**2))
    assert images_behind(equal, "accuracy").n == 30


def test_one_unknown_patient_does_not_turn_patients_into_images():
    """Fails when a single blank makes 400 images of 40 patients 400 patients."""
    patients = [f"p{i // 10}" for i in range(400)]
    assert len(np.unique(metrics.group_indices(patients))) == 40
    patients[7] = ""
    assert len(np.unique(metrics.group_indices(patients))) == 41
    assert (
        metrics.group_indices(["b", "", "b", ""])[[0, 2]] == metrics.group_indices(["b", "", "b", ""])[0]
    ).all()
    assert len(set(metrics.group_indices(["b", "", "b", ""]))) == 3


def test_an_interval_says_what_it_covers(tmp_path):
    own = put(tmp_path / "1", [80, 82, 79])
    assert compare([reported()], own[:1])[0].covers == ONE_MODEL
    same = put(tmp_path / "2", [80, 82, 79])
    assert effect_of(same, "accuracy").covers == OTHER_IMAGES
    for draw, run in enumerate(own):
        run.predictions.sample = [f"{draw} {name}" for name in run.predictions.sample]
    assert effect_of(own, "accuracy").covers == THESE_DATA
    assert Effect((3.0, 4.0)).covers == DRAWS
    assert effect_of(same, "accuracy").half_width() > effect_of(own, "accuracy").half_width()


def test_patients_widen_the_interval(tmp_path):
    alone = put(tmp_path / "1", [160], n=200)
    together = put(tmp_path / "2", [160], n=200, patients=True)
    spans = [np.ptp(compare([reported()], runs)[0].interval) for runs in (alone, together)]
    assert spans[1] == pytest.approx(2 * spans[0], rel=0.1)  # 50 patients in place of 200 images
    (c,) = compare([reported("100")], put(tmp_path / "3", [200], n=200, patients=True))
    assert c.interval[0] == pytest.approx(100 * 50 / (50 + 1.96**2), abs=1)  # Wilson of 50 patients


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize(("p", "n", "training"), [(0.9, 75, 0.02), (0.98, 75, 0.003), (0.995, 149, 0.001)])
@pytest.mark.parametrize("draws", [2, 3, 10])
def test_intervals_cover_what_they_claim_to(shared, p, n, training, draws):
    """Fails when draws that share a test set count as draws of their own, or all right is sure."""
    rng = np.random.default_rng([shared, draws, n])
    covered, times = 0, 600
    u = min(0.16, 2 * (1 - p)) if shared else 0.0
    for _ in range(times):
        if shared:
            undecided = rng.binomial(n, u)
            right = rng.binomial(n - undecided, (p - u / 2) / (1 - u)) + rng.binomial(undecided, 0.5, draws)
        else:
            right = rng.binomial(n, np.clip(rng.normal(p, training, draws), 0, 1))
        values = tuple(right / n)
        effect = Effect(values, images_of_share(np.mean(values), n), shared, is_rate=True)
        low, high = effect.interval()
        covered += low <= p <= high
    assert covered / times >= 0.93 - 0.02


def test_mcnemar_counts_an_image_once_however_many_draws_score_it():
    """Fails when ten draws of the same two images make twenty witnesses."""
    old, new = predictions(80, seed=1), predictions(90, seed=2)
    once = noise.mcnemar([(new, old)])
    assert noise.mcnemar([(new, old)] * 10) == pytest.approx(once)
    others = predictions(90, seed=2)
    others.sample = [f"other {name}" for name in others.sample]
    assert np.isnan(noise.mcnemar([(others, old)]))


def test_mcnemar_keeps_its_level_on_draws_of_the_same_images():
    """Two equal methods, five draws on one test set: p below 5% in at most 5% of experiments."""
    rng = np.random.default_rng(3)
    n, times = 150, 400
    rejected = 0
    for _ in range(times):
        chance = rng.choice([0.05, 0.5, 0.97], n, p=[0.05, 0.15, 0.8])
        pairs = []
        for _ in range(5):
            sides = []
            for _ in range(2):
                p = predictions(n, n)
                right = rng.random(n) < chance
                p.probabilities = np.eye(2)[np.where(right, p.true, 1 - p.true)]
                sides.append(p)
            pairs.append(tuple(sides))
        rejected += noise.mcnemar(pairs) < 0.05
    assert rejected / times <= 0.06
