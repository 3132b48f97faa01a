"""The three-class set: who is drawn, who is tested on, and who may see what."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data_builders.augment import Augment
from data_builders.catalog import Table
from reproductions.zebin import PAPER, data
from reproductions.zebin.config import ROWS, Row
from reproductions.zebin.data import COVID, NORMAL, PNEUMONIA
from shared.base.errors import UserError
from shared.paper import deviations

AS_PUBLISHED = Row(id="r", images=(40, 60, 60), test=(8, 12, 12))
CLEAN = Row(id="r", images=(40, 60, 60), test=(8, 12, 12), protocol="clean")


def table(dataset, classes, per_class, images_per_patient, **extra) -> Table:
    """Each patient has some images of one class."""
    labels = np.repeat(np.arange(len(classes)), per_class)
    number = np.tile(np.arange(per_class), len(classes))
    names = np.array([f"{classes[y]}-{i}" for y, i in zip(labels, number, strict=True)])
    patients = np.array(
        [f"{dataset}-{y}-{i // images_per_patient}" for y, i in zip(labels, number, strict=True)]
    )
    return Table(dataset, classes, names, labels, patients, extra, np.arange(len(labels)), Path("none"))


def covid_table():
    views = np.array(["PA", "PA", "AP", "AP Supine", "L"] * 40)
    days = np.tile(np.arange(200) % 10, 1).astype(float)
    lines = np.arange(1.0, 201)
    found = table("covid_chestxray", ("COVID-19", "No Finding"), 100, 3, view=views, day=days, line=lines)
    found.patient[:5] = "173"
    found.extra["day"][:5] = [9, 3, 10, 7, 3]
    found.patient[100] = "173"
    found.extra["day"][100] = 3
    return found


def chosen(row, seed=0):
    return data.choose(row, covid_table(), table("kermany_pneumonia", ("NORMAL", "PNEUMONIA"), 90, 2), seed)


def samples(row, seed=0, synthetic=6):
    found = chosen(row, seed)
    pixels = np.random.default_rng(0).integers(0, 256, (len(found.labels), 8, 8, 1)).astype("uint8")
    divided = data.split(row, found, pixels, seed)
    made = np.zeros((synthetic, 10, 10, 1), "uint8")
    return divided.with_synthetic(row, made, divided.of(NORMAL)[:synthetic])


def test_rows_have_the_counts_of_table_1():
    assert {(row.images, row.test) for row in ROWS} == {((142, 300, 300), (29, 60, 60))}


def test_rows_are_table_2_s_under_each_reading():
    """A reading that is no row, a row of the wrong backbone or augmentation, or a whole one with folds."""
    read = {(r.id, r.backbone, r.augmentation, r.protocol, r.folds, r.draws) for r in ROWS}
    names = {"vgg16": ("vgg16-v2", "vgg16-v1"), "resnet50": ("resnet50", "resnet50-v1")}
    names |= {"efficientnetb0": ("efficientnetb0", "efficientnetb0-v1")}
    wanted = set()
    for backbone, (v2, v1) in names.items():
        for name, augmentation in ((v2, "v2"), (v1, "v1")):
            wanted.add((name, backbone, augmentation, "as_published", 5, 5))
            wanted.add((f"{name}-clean", backbone, augmentation, "clean", 5, 5))
        wanted.add((f"{v1}-whole", backbone, "v1", "as_published", 1, 1))
    assert read == wanted
    assert {r.id for r in ROWS if 3 in deviations(r)} == {r.id for r in ROWS if "vgg16" not in r.id}
    whole = {f"{v1}-whole" for _, v1 in names.values()}
    assert {r.id for r in ROWS if 11 in deviations(r)} == whole == {r.id for r in ROWS if r.folds == 1}
    assert {r.id for r in ROWS if 12 not in PAPER.in_force(r)} == whole
    assert all({2, 4, 10, 11, 13, 14} <= set(PAPER.in_force(r)) for r in ROWS)


@pytest.mark.parametrize(("view", "names"), [("PA", {"PA"}), ("AP", {"AP", "AP Supine"})])
def test_covid_images_are_of_the_view_and_of_the_disease(view, names):
    found = chosen(Row(id="r", images=(20, 60, 60), view=view)).tables[COVID]
    assert set(found.extra["view"]) == names
    assert all(name.startswith("COVID-19") for name in found.name)


def test_covid_images_are_of_the_collection_as_it_was():
    """Images of lines that were added later, or a rule that touches the other classes."""
    early = chosen(Row(id="r", images=(22, 60, 60), collection=52))
    assert set(early.tables[COVID].extra["line"]) == {n for n in range(1, 53) if n % 5 in (1, 2)}
    assert len(early.labels) == 142
    late = chosen(Row(id="r", images=(20, 60, 60), collection=200)).tables[COVID]
    assert max(late.extra["line"]) > 50


def test_an_unknown_view_or_too_few_images_is_one_line():
    with pytest.raises(UserError, match="view=side: choose one of PA, AP"):
        chosen(Row(id="r", view="side"))
    with pytest.raises(UserError, match=r"covid_chestxray holds 40 images for COVID-19; 142 are needed"):
        chosen(Row(id="r"))


@pytest.mark.parametrize("row", [AS_PUBLISHED, CLEAN], ids=["as_published", "clean"])
@pytest.mark.parametrize("seed", range(5))
def test_no_test_image_or_patient_reaches_cyclegan_folds_or_neighbours(row, seed):
    """`of` is all that the CycleGAN and the dictionary of neighbours are given, the folds all of training."""
    found = samples(row, seed)
    seen = {"cyclegan": found.of(NORMAL), "dictionary": found.of(COVID)}
    for number, (train, validation) in enumerate(data.folds(row, found, seed)):
        seen |= {f"train {number}": train, f"validation {number}": validation}
        assert not set(train) & set(validation)
    test_patients = set(found.patients[found.test])
    for who, places in seen.items():
        assert not set(places) & set(found.test), who
        if row.protocol == "clean":
            # A synthetic image has the patient it was made of.
            assert not set(found.patients[places]) & test_patients, who
    if row.protocol == "as_published":
        assert set(found.patients[found.train]) & test_patients, "this split would prove nothing"


@pytest.mark.parametrize("row", [AS_PUBLISHED, CLEAN], ids=["as_published", "clean"])
def test_every_training_image_is_validated_on_once(row):
    found = samples(row)
    validated = np.concatenate([validation for _, validation in data.folds(row, found, 0)])
    wanted = found.train if row.protocol == "clean" else np.concatenate([found.train, found.synthetic])
    np.testing.assert_array_equal(np.sort(validated), np.sort(wanted))


def test_clean_folds_divide_patients_those_of_synthetic_images_too():
    """A synthetic image has the patient it was made of; one that is left out in all folds is lost."""
    found = samples(CLEAN, synthetic=30)
    divided = data.folds(CLEAN, found, 0)
    for train, validation in divided:
        assert not set(found.patients[train]) & set(found.patients[validation])
    trained = np.concatenate([train for train, _ in divided])
    counts = np.array([np.sum(trained == place) for place in found.synthetic])
    np.testing.assert_array_equal(counts, CLEAN.folds - 1)


def test_as_published_synthetic_images_are_divided_like_all_others():
    found = samples(AS_PUBLISHED, synthetic=30)
    for train, validation in data.folds(AS_PUBLISHED, found, 0):
        assert set(validation) & set(found.synthetic)
        assert set(train) | set(validation) == set(found.train) | set(found.synthetic)


def test_one_fold_is_all_training_images_without_validation():
    row = Row(id="r", images=(40, 60, 60), test=(8, 12, 12), folds=1)
    fold = data.fold(row, samples(row), 0, 0)
    assert len(fold.train) == 160 - 32 + 6
    assert not len(fold.validation)


def test_draws_are_the_folds_in_turn():
    """One fold for all draws, whose numbers would agree to the last digit."""
    found = samples(AS_PUBLISHED)
    drawn = [data.fold(AS_PUBLISHED, found, draw, 0) for draw in range(5)]
    for fold, (train, validation) in zip(drawn, data.folds(AS_PUBLISHED, found, 0), strict=True):
        np.testing.assert_array_equal(fold.train, train)
        np.testing.assert_array_equal(fold.validation, validation)
        assert fold.seed == 0, "features would be computed anew for each fold"


def test_more_draws_than_folds_divide_anew_on_the_same_test_set():
    found = samples(AS_PUBLISHED)
    first, again = data.fold(AS_PUBLISHED, found, 1, 0), data.fold(AS_PUBLISHED, found, 6, 0)
    assert first.seed != again.seed
    assert set(first.validation) != set(again.validation)


def test_intensity_reaches_from_0_to_255_and_a_blank_image_is_no_accident():
    pixels = np.array([[10, 20], [30, 110]], "uint8").reshape(1, 2, 2, 1)
    blank = np.full((1, 2, 2, 1), 7, "uint8")
    stretched = data.prepared(AS_PUBLISHED, np.concatenate([pixels, blank]))
    np.testing.assert_array_equal(stretched[0].ravel(), [0, 26, 51, 255])  # 25.5 rounds to even
    np.testing.assert_array_equal(stretched[1], 0)


def test_synthetic_images_have_the_range_of_real_ones():
    """A range of their own, which tells them from real COVID-19 images; raw ones stay raw."""
    dim = np.linspace(60, 200, 64).reshape(1, 8, 8, 1).round().astype("uint8")
    for row, low, high in ((CLEAN, 0, 255), (replace(CLEAN, intensity="raw"), 60, 200)):
        found = samples(row, synthetic=1)
        found = found.without_synthetic().with_synthetic(row, dim, found.of(NORMAL)[:1])
        assert (found.pixels[-1].min(), found.pixels[-1].max()) == (low, high)


def test_progression_is_one_patient_s_disease_in_order_of_days():
    """Days as text would sort 10 before 3; the image without finding is not shown."""
    found = data.progression(AS_PUBLISHED, covid_table())
    assert found.extra["day"].tolist() == [3, 3, 7, 9]
    assert set(found.patient) == {"173"}
    assert COVID in found.label
    assert PNEUMONIA not in found.label


def test_a_row_is_what_the_text_says():
    """A value changed to try something and left there: rows of the tests are smaller and would not see it."""
    told = {
        "draws": 5,
        "folds": 5,
        "synthetic": 100,
        "side": 224,
        "epochs": 50,
        "batch": 8,
        "gan_steps": 5000,
    }
    told |= {"learning_rate": 1e-4, "flip": True, "view": "PA", "collection": 354, "intensity": "stretched"}
    told |= {"pool": 4, "hidden": 64, "dropout": 0.5, "rotation": 15, "shift": 0.1, "fill": "nearest"}
    told |= {"gan_side": 256, "gan_filters": 64, "gan_blocks": 9, "gan_pool": 50, "gan_cycle_weight": 10}
    told |= {"gan_identity_weight": 5, "gan_learning_rate": 2e-4, "gan_beta_1": 0.5, "weights": "imagenet"}
    whole = {"draws": 1, "folds": 1}
    for row in ROWS:
        wanted = told | (whole if row.id.endswith("-whole") else {})
        assert {name: getattr(row, name) for name in wanted} == wanted, row.id


def test_augmentation_is_the_row_s():
    """A range in other units, or one that is forgotten."""
    own = Row(id="r", rotation=7.0, shift=0.3, flip=False, fill="reflect")
    assert data.augmentation(own) == Augment(rotation=7.0, shift=0.3, flip=False, fill="reflect")
    assert data.augmentation(CLEAN) == Augment(rotation=15.0, shift=0.1, flip=True, fill="nearest")
