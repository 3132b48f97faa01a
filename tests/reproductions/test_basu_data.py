"""Data-A and Data-B: who is in them, and who must not meet whom."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from data_builders.augment import Augment
from reproductions.basu import data, images
from reproductions.basu.config import ROWS, DataA, DataB
from shared.base.errors import UserError

NIH = ("No Finding", "Pneumonia", "Hernia", "Pneumonia|Edema", "Mass|Nodule", "Nodule|Mass|Pneumonia")
NIH += data.OTHER_FINDINGS
SMALL = {"validation_a": 30, "normal_a": 60, "diseased_a": 10_000}
ROW = DataB(id="small", normal_b=20, per_finding=5, covid=25, folds=5, **SMALL)


def metadata(seed, images=1500, patients=400):
    """Findings and patients as the label file has them: many images of few patients, half of them normal."""
    rng = np.random.default_rng(seed)
    shares = np.array([0.5, *[0.5 / (len(NIH) - 1)] * (len(NIH) - 1)])
    return rng.choice(NIH, images, p=shares), np.array([f"p{i}" for i in rng.integers(patients, size=images)])


def whole(protocol, seed=0):
    """Data-A and Data-B of small metadata under a protocol."""
    row = replace(ROW, protocol=protocol)
    findings, patients = metadata(seed)
    b = data.choose_from_nih(row, findings, seed)
    return row, findings, patients, b, data.split_a(row, findings, patients, patients[b.rows], seed)


def test_class_of_data_a_by_hand():
    """Fails when both readings leave out the same images: all with pneumonia, or those with nothing else."""
    findings = ["No Finding", "Pneumonia", "Edema", "Mass|Pneumonia", "Mass|Edema"]
    assert data.labels_a(findings, "alone").tolist() == [0, data.UNUSED, 1, 1, 1]
    assert data.labels_a(findings, "any").tolist() == [0, data.UNUSED, 1, data.UNUSED, 1]


def test_a_finding_is_a_whole_word():
    """Fails when `Pleural_Thickening` is found by a part of its name, or the second finding is overlooked."""
    assert data.carries(["Mass|Edema", "Edema|Mass", "Massive", "No Finding"], "Mass").tolist() == [
        1,
        1,
        0,
        0,
    ]


@pytest.mark.parametrize("seed", range(5))
def test_clean_keeps_patients_apart_everywhere(seed):
    """Fails when a patient of Data-B is in Data-A, or one of Data-A on both sides."""
    _, _, patients, b, a = whole("clean", seed)
    train, validation, in_b = (set(patients[rows]) for rows in (a.train, a.validation, b.rows))
    assert not train & validation and not train & in_b and not validation & in_b
    data.refuse_shared_patients(patients, a, patients[b.rows])


def test_as_published_does_not():
    """The leak that the clean protocol mends is real; fails when both protocols are the same."""
    _, _, patients, b, a = whole("as_published")
    assert set(b.rows) & set(a.train)
    with pytest.raises(UserError, match="both sides"):
        data.refuse_shared_patients(patients, a, patients[b.rows])


@pytest.mark.parametrize("protocol", ["as_published", "clean"])
def test_data_a_holds_what_table_1_says_and_never_an_image_twice(protocol):
    """Fails when training is not capped, validation not balanced, or pneumonia let in."""
    row, findings, _, _, a = whole(protocol)
    counts = data.counts_a(a)
    assert counts["validation_normal"] == counts["validation_diseased"] == row.validation_a
    assert counts["training_normal"] <= row.normal_a
    both = np.concatenate([a.train, a.validation])
    assert len(set(both)) == len(both)
    assert "Pneumonia" not in findings[both] and data.carries(findings[both], "Pneumonia").any()
    if protocol == "as_published":  # nothing that may train is left out
        diseased = (findings != "No Finding") & (findings != "Pneumonia")
        assert counts["training_normal"] == row.normal_a
        assert counts["training_diseased"] == diseased.sum() - row.validation_a


def test_data_b_takes_all_pneumonia_alone_and_distinct_images_of_the_six_findings():
    """Fails when an image with two findings is taken twice, or pneumonia with company counts as pneumonia."""
    findings, _ = metadata(1)
    row = replace(ROW, per_finding=40)  # many enough that Mass and Nodule would draw the same
    chosen = data.choose_from_nih(row, findings, 3)
    assert len(set(chosen.rows)) == len(chosen.rows)
    pneumonia = chosen.rows[chosen.labels == data.PNEUMONIA]
    assert pneumonia.tolist() == np.flatnonzero(findings == "Pneumonia").tolist()
    assert set(findings[chosen.rows[chosen.labels == data.NORMAL]]) == {"No Finding"}
    for finding in data.OTHER_FINDINGS:
        picked = findings[chosen.rows[chosen.picked_as == finding]]
        assert len(picked) == row.per_finding and data.carries(picked, finding).all()
    assert (chosen.labels == data.OTHER).sum() == 6 * row.per_finding


def test_other_disease_may_have_company_unless_asked_otherwise():
    """Fails when `other_disease=single` changes nothing."""
    findings, _ = metadata(1)
    for kind, company in (("any", True), ("single", False)):
        chosen = data.choose_from_nih(replace(ROW, other_disease=kind, per_finding=30), findings, 0)
        others = findings[chosen.rows[chosen.labels == data.OTHER]]
        assert any("|" in finding for finding in others) == company


def test_covid_images_are_frontal_and_ill():
    """Fails when a lateral view or another disease is taken."""
    views = np.array(["PA", "L", "AP", "AP Supine", "PA"])
    ill = np.array([True, True, True, True, False])
    chosen = data.choose_covid(replace(ROW, covid=3), ill, views, 0)
    assert sorted(chosen.rows) == [0, 2, 3] and set(chosen.labels) == {data.COVID}
    with pytest.raises(UserError):
        data.choose_covid(replace(ROW, covid=4), ill, views, 0)


@pytest.mark.parametrize("protocol", ["as_published", "clean"])
def test_every_image_of_data_b_is_tested_in_one_fold_and_trained_in_the_others(protocol):
    row, _, patients, b, _ = whole(protocol)
    labels, owners = b.labels, patients[b.rows]
    folds = data.folds(row, labels, owners, 0)
    tested = np.concatenate([test for _, test in folds])
    assert sorted(tested) == list(range(len(labels)))
    for train, test in folds:
        assert sorted([*train, *test]) == list(range(len(labels)))
        assert set(labels[test]) == {0, 1, 2}
        if protocol == "clean":
            assert not set(owners[train]) & set(owners[test])


def test_the_same_seed_gives_the_same_data_and_another_seed_others():
    """Fails when stage 1 could be trained on other images than the fold was kept away from."""
    once, again = whole("clean", 2)[4], whole("clean", 2)[4]
    assert np.array_equal(once.train, again.train) and np.array_equal(once.validation, again.validation)
    findings, patients = metadata(2)
    one, other = (data.split_a(ROW, findings, patients, [], seed) for seed in (0, 1))
    assert not np.array_equal(one.validation, other.validation)


def test_counts_have_the_names_of_the_reported_numbers():
    """Table I's names by hand; fails when the report would look for a fact that no run writes."""
    split = data.SplitA(np.array([0, 0, 1, 1, 1]), np.array([0, 2, 3]), np.array([1, 4]))
    assert data.counts_a(split) == {
        "training_normal": 1,
        "training_diseased": 2,
        "validation_normal": 1,
        "validation_diseased": 1,
    }
    assert data.counts_b([0, 0, 0, 1, 1, 2, 3]) == {
        "images_normal": 3,
        "images_other_disease": 2,
        "images_pneumonia": 1,
        "images_covid_19": 1,
    }


def test_overlap_by_hand():
    """Fails when an image that chose the epoch counts as trained on, or a patient as an image."""
    names, patients = np.array(list("abcdef")), np.array(["1", "1", "2", "2", "3", "4"])
    nih = SimpleNamespace(name=names, patient=patients)
    of_b = SimpleNamespace(nih=SimpleNamespace(name=names[[0, 1, 2, 4]], patient=patients[[0, 1, 2, 4]]))
    split = data.SplitA(np.zeros(6, int), np.array([0, 1, 3]), np.array([2, 5]))
    assert data.overlap(split, nih, of_b) == {
        "data_b_images_in_training": 2,
        "data_b_images_in_validation": 1,
        "data_b_patients_in_data_a": 2,
    }


def test_patients_of_the_two_datasets_are_never_taken_for_each_other():
    """Fails when patient 7 of one and patient 7 of the other must share a fold, or unknown ones all do."""
    assert data._owned("nih", ["7", ""]).tolist() == ["nih-7", ""]
    assert not set(data._owned("nih", ["7"])) & set(data._owned("cohen", ["7"]))


def test_a_training_is_augmented_as_the_row_says(monkeypatch):
    """A kind of warp that is forgotten, and images that are validated augmented."""
    asked = []
    monkeypatch.setattr(images, "train_batches", lambda *_, augment, **__: asked.append(augment))
    row = replace(ROWS[0], rotation=7.0, zoom=(0.7, 1.2), flip=False)
    for one in (row, replace(row, flip=True)):
        images.Images(one, None, None, ("a", "b")).training(None, 0, 0)
        images.Images(one, None, None, ("a", "b")).validation(None)
    warped = [Augment(rotation=7.0, zoom=(0.7, 1.2), flip=flip) for flip in (False, True)]
    assert asked == [warped[0], None, warped[1], None]


def test_a_stage_one_row_draws_the_data_of_the_rows_that_start_from_it():
    """Fails when a stage-1 row and a Data-B row would each train a network of their own."""
    findings, patients = metadata(4)
    splits = []
    for kind in (DataA, DataB):
        row = kind(id="x", protocol="clean", **SMALL)
        splits.append(data.split_a(row, findings, patients, ["p1", "p2"], 0))
    assert np.array_equal(splits[0].train, splits[1].train)
