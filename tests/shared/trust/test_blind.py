"""A class that is told without the disease is found, and what is told by nothing is left in peace."""

import numpy as np
import pytest
from scored import decided, run

from shared.trust.blind import sights
from shared.trust.part_of_sights import sights_part


def seen(share: float, way: str = "", draws: int = 3, scale: str = "paper", **by_hand):
    """Draws of 200 images of which that share is decided right, seen in a way."""
    found = []
    for draw in range(draws):
        right = np.random.default_rng(draw).permutation(200) < 200 * share
        one = run(decided(right, seed=draw), draw=draw, scale=scale)
        one.facts["overrides"] = {**({"blind": way} if way else {}), **by_hand}
        found.append(one)
    return found


@pytest.mark.parametrize(("share", "told"), [(0.9, True), (0.62, True), (0.52, False), (0.2, False)])
def test_better_than_the_largest_class_is_told_without_the_disease(share, told):
    """Fails when chance is accused, or a shortcut goes free: half of the images are of each class."""
    (found,) = sights([*seen(0.95), *seen(share, "lungs")])
    assert (found.way, found.draws, found.largest, found.told) == ("lungs", 3, 0.5, told)
    assert found.accuracy == pytest.approx(share) and found.as_they_are == pytest.approx(0.95)


def test_ways_demos_and_other_settings_stand_apart():
    """Fails when draws of two ways are pooled, a demo counts as real, or another setting as the row's."""
    runs = [*seen(0.9, "lungs"), *seen(0.7, "border"), *seen(0.8, "border", scale="demo")]
    runs += [*seen(0.6, "border", pool="2000"), *seen(0.99, pool="2000")]
    found = {(s.way, s.demo, s.others): (round(s.accuracy, 2), s.as_they_are) for s in sights(runs)}
    assert found.keys() == {
        ("lungs", False, ""),
        ("border", False, ""),
        ("border", True, ""),
        ("border", False, "pool=2000"),
    }
    assert found["border", False, "pool=2000"] == (0.6, pytest.approx(0.99))
    assert np.isnan(found["border", False, ""][1])


def test_the_part_says_what_was_found_and_how_to_run_it():
    part = sights_part("toy", [*seen(0.9, "lungs"), *seen(0.9, "border", scale="demo")])
    assert [line[:2] for line in part.lines] == [
        ("net", "images without the lungs"),
        ("DEMO net", "the border alone"),
    ]
    assert all(line[-1] == "the class is told" for line in part.lines)
    assert "--set blind=border" in sights_part("toy", seen(0.9)).sentences[0]
