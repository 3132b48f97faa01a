"""The three datasets whose labels are folders: SARS-CoV-2-CT, Kermany, Mendeley."""

import shutil

import numpy as np
import pytest
from PIL import Image

from data_builders import catalog, phantom
from data_builders.kermany_pneumonia import patient_of
from shared.base.errors import UserError

PATIENTS = {
    "person1003_bacteria_2934.jpeg": "person1003",
    "person1003_virus_1.jpeg": "person1003",
    "IM-0115-0001.jpeg": "IM-0115",
    "IM-0115-0001-0002.jpeg": "IM-0115",
    "NORMAL2-IM-0115-0001.jpeg": "NORMAL2-IM-0115",
    "BACTERIA-1008087-0001.jpeg": "1008087",
    "scan.jpeg": "",
}


@pytest.mark.parametrize("name", PATIENTS)
def test_kermany_patients_are_in_the_file_name(name):
    assert patient_of(name) == PATIENTS[name]


def test_kermany_splits_are_the_upstream_folders(tmp_path):
    root = phantom.write("kermany_pneumonia", tmp_path, per_class=10, side=8, patients=5)
    table = catalog.metadata("kermany_pneumonia", tmp_path)
    for folder, split in (("train", "train"), ("val", "validation"), ("test", "test")):
        there = {
            f"{folder}/{path.parent.name}/{path.name}"
            for path in (root / "chest_xray" / folder).rglob("*.jpeg")
        }
        assert set(table.name[table.extra["split"] == split]) == there != set()


def test_a_tree_one_folder_deeper_is_found(tmp_path):
    phantom.write("sars_cov2_ct", tmp_path / "unpacked", per_class=2, side=8)
    shutil.move(tmp_path / "unpacked", tmp_path / "sars_cov2_ct")
    assert len(catalog.metadata("sars_cov2_ct", tmp_path)) == 4


def test_a_class_folder_that_is_not_there_is_named(tmp_path):
    root = phantom.write("mendeley_covid", tmp_path, per_class=2, side=8)
    shutil.rmtree(root / "COVID-19 Dataset/X-ray/Non-COVID")
    with pytest.raises(UserError, match="X-ray/Non-COVID is missing"):
        catalog.metadata("mendeley_covid", tmp_path)


def test_one_mendeley_modality_is_enough(tmp_path):
    root = phantom.write("mendeley_covid", tmp_path, per_class=2, side=8)
    shutil.rmtree(root / "COVID-19 Dataset/X-ray")
    table = catalog.metadata("mendeley_covid", tmp_path)
    assert set(table.extra["modality"]) == {"CT"}
    assert table.label.tolist() == [0, 0, 1, 1]


def test_the_same_name_in_two_classes_is_two_images(tmp_path):
    root = phantom.write("sars_cov2_ct", tmp_path, per_class=1, side=8)
    (root / "non-COVID/Non-Covid (1).png").rename(root / "non-COVID/Covid (1).png")
    assert catalog.metadata("sars_cov2_ct", tmp_path).name.tolist() == [
        "COVID/Covid (1).png",
        "non-COVID/Covid (1).png",
    ]


def test_channels_that_give_the_class_away_are_gone_from_the_images(tmp_path):
    import io

    phantom.write("sars_cov2_ct", tmp_path / "data", per_class=4, side=8)
    table = catalog.build("sars_cov2_ct", tmp_path / "data", tmp_path / "cache")
    assert set(table.extra["channels"][table.label == 1]) == {"RGBA"}
    assert set(table.extra["channels"][table.label == 0]) == {"RGBA", "RGB"}
    shapes = {np.asarray(Image.open(io.BytesIO(data))).shape for _, data in catalog.image_bytes(table)}
    assert shapes == {(8, 8, 3)}
