"""Look-alikes: the same from the same seed, learnable or not, with patients one can recognise."""

import io

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression

from data_builders import catalog, near_duplicates, phantom
from data_builders.phantom import Painter
from data_builders.published import DATASETS
from shared.base.errors import UserError


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", DATASETS)
def test_a_seed_gives_the_same_files_and_another_gives_others(tmp_path, name):
    one, two, other = (
        files(phantom.write(name, tmp_path / place, per_class=2, side=8, seed=seed))
        for place, seed in (("one", 3), ("two", 3), ("other", 4))
    )
    assert one == two
    images = [key for key in one if key.endswith(("png", "jpg", "jpeg"))]
    assert images and all(one[key] != other[key] for key in images)


def test_nothing_is_written_where_something_is(tmp_path):
    (tmp_path / "covid_ct").mkdir()
    with pytest.raises(UserError, match="there already"):
        phantom.write("covid_ct", tmp_path)


THREE = ("COVID-19", "Normal", "Pneumonia")


def learned(names, shuffled=False, mirrored=False):
    """How many of the held-out images a linear model gets right."""
    paint = Painter(names, 24, [0], shuffled)
    label = np.arange(60 * len(names)) % len(names)
    image = np.stack([paint.grey(k, 1000 + i // 2, i) for i, k in enumerate(label)])
    train = np.arange(len(label)) < 30 * len(names)
    model = LogisticRegression(C=0.01, max_iter=300).fit(
        image[train].reshape(sum(train), -1) / 255, label[train]
    )
    shown = image[~train][:, :, ::-1] if mirrored else image[~train]
    return model.score(shown.reshape(len(shown), -1) / 255, label[~train])


@pytest.mark.parametrize("names", [("COVID", "non-COVID"), THREE, DATASETS["covid_chestxray"].classes])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_linear_model_learns_the_classes_also_in_a_mirror(names, mirrored):
    """Fails when two classes look alike, or one looks like another in a mirror: flips would hide it."""
    assert learned(names, mirrored=mirrored) > 0.93


def test_of_shuffled_look_alikes_nothing_can_be_learned():
    """Fails when the labels still say something about the pictures: no pipeline would pass the control."""
    assert abs(learned(THREE, shuffled=True) - 1 / 3) < 0.13


def test_a_disease_looks_the_same_in_every_dataset_and_no_picture_is_in_two(tmp_path):
    """Fails when COVID-19 of one dataset looks like the healthy of another: a paper mixes them."""
    collection, kermany = (DATASETS[name].classes for name in ("covid_chestxray", "kermany_pneumonia"))
    ill, healthy = Painter(collection, 24, [0, 4]), Painter(kermany, 24, [0, 5])
    mean = {
        "ill": np.mean([ill.grey(0, k, k) for k in range(40)], axis=0),
        "healthy": np.mean([healthy.grey(0, k, k) for k in range(40)], axis=0),
        "other healthy": np.mean([ill.grey(2, k, k) for k in range(40)], axis=0),
    }
    assert (
        np.abs(mean["ill"] - mean["healthy"]).mean()
        > 3 * np.abs(mean["healthy"] - mean["other healthy"]).mean()
    )
    roots = [phantom.write(name, tmp_path, per_class=3, side=8) for name in ("sars_cov2_ct", "covid_ct")]
    one, other = ({np.asarray(Image.open(p).convert("L")).tobytes() for p in r.rglob("*.png")} for r in roots)
    assert one and not one & other


def test_a_patient_is_nearer_to_himself_than_to_others():
    paint = Painter(("COVID", "non-COVID"), 24, [0])
    grey = np.stack([paint.grey(0, patient, image) for patient in range(12) for image in range(2)]).astype(
        float
    )
    flat = grey.reshape(24, -1) - grey.reshape(24, -1).mean(axis=0)
    likeness = np.corrcoef(flat)
    same = np.mean([likeness[2 * p, 2 * p + 1] for p in range(12)])
    assert same > likeness[np.triu_indices(24, 1)].mean() + 0.1


def test_a_slice_is_black_outside_its_box(tmp_path):
    root = phantom.write("covidx_ct", tmp_path, per_class=5, side=32)
    table = catalog.metadata("covidx_ct", tmp_path)
    for name, (left, top, right, bottom) in zip(table.name, table.extra["box"], strict=True):
        pixels = np.asarray(Image.open(root / "2A_images" / name)).copy()
        assert pixels[top:bottom, left:right].mean() > 20
        pixels[top:bottom, left:right] = 0
        assert pixels.max() == 0


@pytest.mark.parametrize("name", [n for n in DATASETS if n not in ("sars_cov2_ct", "mendeley_covid")])
def test_patients_hold_several_images_each(tmp_path, name):
    phantom.write(name, tmp_path, per_class=6, side=8, patients=3)
    table = catalog.metadata(name, tmp_path)
    _, counts = np.unique(table.patient, return_counts=True)
    assert "" not in table.patient
    assert counts.min() >= 2


@pytest.mark.parametrize("name", DATASETS)
def test_the_real_builder_reads_it(tmp_path, name):
    phantom.write(name, tmp_path / "data", per_class=3, side=8)
    table = catalog.build(name, tmp_path / "data", tmp_path / "cache")
    assert set(table.label) == set(range(len(table.classes)))
    sizes = {Image.open(io.BytesIO(data)).size for _, data in catalog.image_bytes(table)}
    assert sizes == {(8, 8)}


def test_look_alikes_of_one_class_are_no_copies_of_each_other():
    """Fails when a class has its sign alone to show: a clean split would keep it together as one image."""
    paint = Painter(("COVID", "non-COVID"), 96, [0, 1])
    images = np.stack([paint.grey(0, k, k) for k in range(24)])
    assert len(set(near_duplicates.clusters(24, near_duplicates.find(images)))) == 24
