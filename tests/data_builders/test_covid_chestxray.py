"""covid-chestxray-dataset: views, days, patients, and what is computed tomography."""

import shutil

import numpy as np
import pytest

from data_builders import catalog, describing, phantom
from shared.base.errors import UserError


@pytest.fixture
def root(tmp_path):
    return phantom.write("covid_chestxray", tmp_path, per_class=6, side=8)


def metadata(root):
    return catalog.metadata("covid_chestxray", root.parent)


def add(root, *lines):
    with (root / "metadata.csv").open("a") as table:
        table.writelines(f"{line}\n" for line in lines)


def classes_of(root, *findings):
    add(root, *(f"500{i},,F,,{f},PA,X-ray,2020,new-{i}.jpg" for i, f in enumerate(findings)))
    table = metadata(root)
    label = dict(zip(table.name, table.label, strict=True))
    return [table.classes[label[f"new-{i}.jpg"]] for i in range(len(findings))]


def test_findings_of_both_states_of_the_collection(root):
    findings = ("COVID-19", '"COVID-19, ARDS"', "Pneumonia/Viral/COVID-19", "SARS", "No Finding", "todo", "")
    expected = ["COVID-19"] * 3 + ["Other finding", "No Finding", "Not labelled", "Not labelled"]
    assert classes_of(root, *findings) == expected


def test_patient_173_is_followed_over_three_days(root):
    table = metadata(root)
    assert sorted(table.extra["day"][table.patient == "173"]) == [3, 7, 9]
    assert set(table.extra["view"][table.patient == "173"]) == {"PA"}


def test_lines_are_those_of_the_collection_s_own_list(root):
    """Counted after the names were sorted, or without the lines of computed tomography."""
    add(root, "9,1,F,,SARS,PA,X-ray,2020,aaa.jpg", "9,1,F,,SARS,PA,X-ray,2020,case-0-0.jpg")
    table = metadata(root)
    line = dict(zip(table.name, table.extra["line"], strict=True))
    # 24 cases, three days of patient 173, one slice; a name that comes again keeps its first place.
    assert (line["case-0-0.jpg"], line["case-3-5.jpg"], line["aaa.jpg"]) == (1, 24, 29)


def test_unknown_days_and_ages_are_not_numbers(root):
    add(root, "9,?,F,,SARS,PA,X-ray,2020,odd.jpg")
    table = metadata(root)
    row = table.name.tolist().index("odd.jpg")
    assert np.isnan([table.extra["day"][row], table.extra["age"][row]]).all()


def test_views_taken_and_tomography_left_out_are_said(root):
    text = describing.describe(root.parent)
    assert "took 27 X-rays of all views: PA 15, " in text
    assert "AP Supine 4" in text
    assert "left out 1 CT" in text
    assert "not taken" not in text, "a slice that metadata.csv names is no stray"


def test_patients_who_share_an_image_are_one(root):
    add(root, "285,30,M,40,Pneumonia,PA,X-ray,2020,shared.jpg", "285,9,M,40,Pneumonia,PA,X-ray,2020,a.jpg")
    add(root, "339,30,M,40,Pneumonia,PA,X-ray,2020,shared.jpg", "339,9,M,40,Pneumonia,PA,X-ray,2020,b.jpg")
    table = metadata(root)
    patient = dict(zip(table.name, table.patient, strict=True))
    assert [patient[name] for name in ("shared.jpg", "a.jpg", "b.jpg")] == ["285"] * 3
    assert "339 is 285" in describing.describe(root.parent)


def test_patients_who_share_images_by_way_of_another_are_one(root):
    """Fails when only the last link of a chain is kept: a patient would be on both sides of a split."""
    for patient, image in (("A", 1), ("C", 2), ("B", 1), ("B", 2), ("D", 3)):
        add(root, f"{patient},30,M,40,Pneumonia,PA,X-ray,2020,chain-{image}.jpg")
    add(root, "A,9,M,40,Pneumonia,PA,X-ray,2020,a.jpg")
    table = metadata(root)
    patient = dict(zip(table.name, table.patient, strict=True))
    assert [patient[f"chain-{image}.jpg"] for image in (1, 2, 3)] == ["C", "C", "D"]
    assert patient["a.jpg"] == "C" and "A is C, B is C" in describing.describe(root.parent)


def test_an_image_that_no_line_names_is_refused(root):
    (root / "images" / "stray.jpg").write_bytes(b"x")
    with pytest.raises(UserError, match=r"stray\.jpg: no label names it"):
        catalog.build("covid_chestxray", root.parent, root.parent / "cache")


def test_labels_without_the_folder_of_images_are_a_dataset_in_part(root):
    """Fails when metadata.csv alone stops every command: its rows that need no image can run."""
    shutil.rmtree(root / "images")
    assert len(metadata(root).name) == 27
    assert "27 absent" in describing.describe(root.parent)
    with pytest.raises(UserError, match="no such file is there"):
        catalog.build("covid_chestxray", root.parent, root.parent / "cache")


def test_a_folder_of_images_that_cannot_be_listed_is_an_error(root):
    """Fails when it is taken for one that is not there."""
    shutil.rmtree(root / "images")
    (root / "images").touch()
    with pytest.raises(UserError, match="images cannot be listed"):
        metadata(root)


def test_image_2_comes_before_image_10(tmp_path):
    """Fails when names are sorted as texts: runs of consecutive images would be other images."""
    phantom.write("covid_chestxray", tmp_path, per_class=12, side=8)
    names = catalog.metadata("covid_chestxray", tmp_path).name.tolist()
    first = [name for name in names if name.startswith("case-0-")]
    assert first == [f"case-0-{number}.jpg" for number in range(12)]
