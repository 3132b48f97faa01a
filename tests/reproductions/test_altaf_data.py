"""Draws and the intermediate set."""

import numpy as np
import pytest

from reproductions.altaf import data
from reproductions.altaf.config import Row, demo
from shared.base.errors import UserError

LABELS = np.repeat([0, 1], [1230, 1252])


def test_a_draw_tests_on_one_run_of_consecutive_images_per_class_of_123_and_125():
    """Fails when the test set is shuffled, or not 10% of each class (Table 1 fits 123 and 125)."""
    train, test = data.split(Row(id="x"), LABELS, seed=0, draw=3)
    per_class = [test[LABELS[test] == label] for label in (0, 1)]
    assert [len(chunk) for chunk in per_class] == [123, 125]
    assert all((np.diff(chunk) == 1).all() for chunk in per_class)
    assert sorted([*train, *test]) == list(range(len(LABELS)))


def test_a_draw_is_the_same_for_every_backbone_and_method():
    rows = [Row(id="a", backbone="vgg16"), Row(id="b", backbone="resnet50", method="combined", dataset="ccd")]
    chunks = [data.split(row, LABELS, seed=0, draw=1)[1] for row in rows]
    assert np.array_equal(*chunks)
    assert not np.array_equal(chunks[0], data.split(rows[0], LABELS, seed=0, draw=2)[1])
    assert not np.array_equal(chunks[0], data.split(rows[0], LABELS, seed=1, draw=1)[1])


def test_findings_are_balanced_and_stand_alone():
    """Fails when an image with a second finding is taken for one with a single one."""
    findings = np.array([f for f in ("Mass|Nodule", *data.FINDINGS, "Hernia") for _ in range(5)])
    chosen = findings[data.choose_findings(findings, 3)]
    assert {f: int((chosen == f).sum()) for f in set(chosen)} == dict.fromkeys(data.FINDINGS, 3)


def test_too_few_images_of_a_finding_is_an_error_that_names_it():
    findings = np.array([f for f in data.FINDINGS for _ in range(3 if f != "Mass" else 2)])
    with pytest.raises(UserError, match="2 images of Mass alone; 3 are needed"):
        data.choose_findings(findings, 3)


def test_target_reads_covid_as_the_second_class_of_either_dataset(tmp_path):
    """Fails when a dataset's own class order is taken for the paper's."""
    data.write_phantoms(tmp_path / "data")
    for dataset in ("sc2c", "ccd"):
        row = demo(Row(id="x", dataset=dataset))
        images = data.load_target(row, tmp_path / "data", tmp_path / "cache")
        is_covid = np.array(["covid" in n.lower() and "non" not in n.lower() for n in images.names])
        if dataset == "ccd":
            is_covid = np.array(["CT_COVID" in n or n.startswith("2020") for n in images.names])
        assert np.array_equal(images.labels == 1, is_covid)
        assert images.pixels.shape == (160, row.source_side, row.source_side, 1)
