"""What is not the image: a fact that tells the class is noticed, noise is not."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from data_builders import shortcuts
from data_builders.catalog import Table


def table(labels, *, name=None, patient=None, **extra):
    n = len(labels)
    rng = np.random.default_rng(0)
    extra = {
        "width": rng.integers(200, 220, n),
        "height": rng.integers(200, 220, n),
        "size": rng.integers(10_000, 11_000, n),
        "format": np.full(n, "PNG"),
    } | extra
    names = np.array([f"{i}.png" for i in rng.permutation(n)]) if name is None else np.array(name)
    patients = np.full(n, "") if patient is None else np.array(patient)
    return Table("some", ("a", "b"), names, np.asarray(labels), patients, extra, np.arange(n), Path("."))


LABELS = np.repeat([0, 1], [120, 80])


def judged(*args, **more):
    return {one.fact: one for one in shortcuts.judge(table(*args, **more))}


def test_noise_does_not_give_the_class_away():
    """Scoring on the images the tree was fitted to would be far above the largest class."""
    some = table(LABELS)
    judgements = shortcuts.judge(some)
    assert not any(one.gives_away for one in judgements)
    assert "do not give the class away" in shortcuts.tell(judgements, some)[0]


@pytest.mark.parametrize(
    ("fact", "values"),
    [
        ("channels", np.where(LABELS == 0, "RGBA", "RGB")),
        ("format", np.where(LABELS == 0, "PNG", "JPEG")),
        ("age", np.where(LABELS == 0, 5.0, 60.0)),
        ("view", np.where(LABELS == 0, "AP", "PA")),
        ("width", np.where(LABELS == 0, 500, 512)),
    ],
)
def test_a_fact_that_follows_the_class_is_named(fact, values):
    some = table(LABELS, **{fact: values})
    one = {one.fact: one for one in shortcuts.judge(some)}[fact]
    assert one.right == one.images == 200
    assert one.gives_away
    text = " ".join(shortcuts.tell(shortcuts.judge(some), some))
    assert "DO give the class away" in text
    assert f"{fact} 100.0%" in text


def test_the_interval_is_wilsons_and_the_baseline_the_largest_class():
    flipped = np.where(np.arange(200) % 10 == 0, 1 - LABELS, LABELS)
    one = judged(LABELS, channels=np.where(flipped == 0, "L", "RGB"))["channels"]
    z, p, n = norm.ppf(0.975), one.right / 200, 200
    middle, half = (p + z * z / 2 / n), z * np.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
    assert one.right == 180
    assert one.majority == 0.6
    assert np.allclose([one.low, one.high], (middle + np.array([-half, half])) / (1 + z * z / n))


def test_the_position_among_the_names_counts_alone_and_not_with_the_rest():
    names = [f"folder/{i} scan.png" for i in range(200)]
    found = judged(LABELS, name=names)
    assert found[shortcuts.POSITION].accuracy > 0.95
    assert not found[shortcuts.TOGETHER].gives_away


def test_positions_are_natural_and_ignore_folders():
    some = table([0, 1, 0, 1], name=["z/2.png", "a/10.png", "z/1.png", "a/3.png"])
    assert shortcuts.facts(some)[shortcuts.POSITION].tolist() == [1, 3, 0, 2]


def test_a_fact_of_the_patient_is_not_learned_from_the_patients_other_images():
    """Each patient has a size of their own: folds that share patients would find the class by it."""
    patients = np.repeat(np.arange(20), 10)
    labels = np.random.default_rng(3).permutation(np.repeat([0, 1], 10))[patients]
    widths = 300 + 7 * patients
    assert not judged(labels, patient=patients.astype(str), width=widths)["width"].gives_away
    assert judged(labels, width=widths)["width"].accuracy > 0.9


def test_missing_ages_and_too_few_images_break_nothing():
    ages = np.where(np.arange(200) % 3 == 0, np.nan, 40.0 + np.arange(200) % 7)
    assert not judged(LABELS, age=ages)["age"].gives_away
    lone = table([0, 0, 0, 1])
    assert shortcuts.judge(lone) == []
    assert "cannot be tested" in shortcuts.tell([], lone)[0]
