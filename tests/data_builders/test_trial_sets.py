"""Sets for trials: which images they take, under which class, and whose they are."""

import numpy as np
import pytest

from data_builders import phantom
from data_builders.trial_sets import COVID, FRONTAL, NORMAL, PNEUMONIA, SETS, sample, trial_set
from shared.base.errors import UserError


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sets")
    for name in ("covid_chestxray", "kermany_pneumonia"):
        phantom.write(name, folder / "data", per_class=12, side=32, patients=4)
    return folder


def drawn(place, name="x-rays", per_class=5):
    return sample(trial_set(name), place / "data", place / "cache", per_class, 0)


def test_each_class_comes_from_its_own_dataset(place):
    """Fails when a class is taken for another, or when images that the set does not name are taken."""
    found = drawn(place)
    by_class = {name: found.names[found.labels == k] for k, name in enumerate(found.about.classes)}
    assert {name: len(names) for name, names in by_class.items()} == {NORMAL: 5, PNEUMONIA: 5, COVID: 5}
    assert all("NORMAL" in name or "IM-" in name for name in by_class[NORMAL])
    assert all("person" in name for name in by_class[PNEUMONIA])
    assert all(name.startswith(("case-0-", "pneumonia-58")) for name in by_class[COVID])


def test_only_frontal_x_rays_are_taken(place):
    """Fails when the view from the side gives a class away."""
    (table,) = drawn(place, "covid_chestxray", per_class=100).tables
    assert set(table.extra["view"]) <= set(FRONTAL) and len(table) > 12


def test_images_of_a_patient_have_one_source(place):
    found = drawn(place, "kermany_pneumonia", per_class=12)
    (table,) = found.tables
    of_patient = {patient: set(found.sources[table.patient == patient]) for patient in table.patient}
    assert all(len(sources) == 1 for sources in of_patient.values())
    assert len(set(found.sources)) <= len(of_patient) < len(table)


def test_pixels_and_labels_are_of_the_same_images(place):
    """Fails when the tables of a set are read in another order than their labels."""
    found = drawn(place)
    pixels = found.pixels(32, place / "cache")
    assert pixels.shape == (15, 32, 32, 1)
    alone = [
        sample(one, place / "data", place / "cache", 5, 0)
        for one in map(trial_set, ("kermany_pneumonia", "covid_chestxray"))
    ]
    of = {n: p for s in alone for n, p in zip(s.names, s.pixels(32, place / "cache"), strict=True)}
    both = [k for k, name in enumerate(found.names) if name in of]
    assert len(both) >= 12
    assert all(np.array_equal(pixels[k], of[found.names[k]]) for k in both)


def test_an_unknown_set_is_named_with_its_neighbours():
    with pytest.raises(UserError, match="no set 'covid_cd'; did you mean covid_ct"):
        trial_set("covid_cd")
    assert len({one.name for one in SETS}) == len(SETS)
