"""Nearest neighbours and kernel distance."""

import numpy as np
import pytest

from reproductions.zebin import memorisation


def noise(n, seed, side=64):
    return np.random.default_rng(seed).integers(0, 256, (n, side, side, 1)).astype("uint8")


def test_a_copy_is_found_whatever_its_brightness_and_contrast():
    real = noise(9, 0)
    darker = (real[[4, 7]] * 0.5 + 20).astype("uint8")
    match, likeness = memorisation.nearest(darker, real)
    assert match.tolist() == [4, 7]
    assert likeness.min() > 0.99


def test_copies_count_as_copied_and_new_images_do_not():
    real = noise(40, 0)
    assert memorisation.share_copied(real[:10], real) == 1
    assert memorisation.share_copied(noise(10, 1), real) <= 0.2


def test_an_image_is_not_its_own_neighbour():
    assert memorisation.nearest_of_each_other(noise(5, 0)).max() < 0.5


def test_kernel_distance_by_hand():
    """A biased estimate, another degree, or a kernel that forgets to divide by the number of features."""
    x, y = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 1.0], [0.0, 0.0]])
    # k(x1, x2) = 1; k(y1, y2) = 1; k(x, y1) = 1.5³, k(x, y2) = 1
    assert memorisation.kernel_distance(x, y) == pytest.approx(1 + 1 - 2 * (1.5**3 + 1) / 2)


def test_kernel_distance_is_zero_on_average_between_equals_and_grows_with_a_shift():
    rng = np.random.default_rng(0)
    equal = [memorisation.kernel_distance(*rng.normal(size=(2, 100, 16))) for _ in range(20)]
    assert abs(np.mean(equal)) < 0.01
    shifted = rng.normal(size=(100, 16)) + 0.5
    assert memorisation.kernel_distance(rng.normal(size=(100, 16)), shifted) > 10 * np.std(equal)


def test_each_distance_is_between_the_images_that_it_names():
    """Normal images taken for synthetic ones, which then look as good, or as bad, as these."""
    rng = np.random.default_rng(0)
    features = {"covid": rng.normal(size=(40, 16)), "generated": rng.normal(size=(40, 16))}
    facts = memorisation.judge(noise(20, 1), noise(20, 2), features | {"normal": features["covid"] + 3})
    assert facts["kid_normal_to_covid"] > 1
    assert abs(facts["kid_synthetic_to_covid"]) < 0.1 and abs(facts["kid_covid_to_covid"]) < 0.1


def test_a_backbone_with_larger_features_gives_the_same_facts():
    """Kernel distances of millions, that compare no two rows."""
    rng = np.random.default_rng(0)
    features = {name: rng.normal(size=(20, 16)) for name in ("generated", "normal", "covid")}
    larger = {name: 100 * values for name, values in features.items()}
    facts, same = (memorisation.judge(noise(20, 1), noise(20, 2), f) for f in (features, larger))
    assert facts == pytest.approx(same)
    assert abs(facts["kid_covid_to_covid"]) < 1
