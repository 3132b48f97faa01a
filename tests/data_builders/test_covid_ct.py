"""COVID-CT-Dataset: folders or archives, the official split, patients."""

import shutil
import zipfile

import pytest

from data_builders import catalog, phantom
from shared.base.errors import UserError


@pytest.fixture
def root(tmp_path):
    return phantom.write("covid_ct", tmp_path, per_class=10, side=8, patients=5)


def metadata(root):
    return catalog.metadata("covid_ct", root.parent)


def columns(table):
    return [table.name.tolist(), table.label.tolist(), table.patient.tolist(), table.extra["split"].tolist()]


def test_archives_give_the_same_table_as_folders(root):
    from_folders = columns(metadata(root))
    for kind in ("CT_COVID", "CT_NonCOVID"):
        folder = root / "Images-processed" / kind
        with zipfile.ZipFile(folder.with_name(f"{kind}.zip"), "w") as out:
            for path in folder.iterdir():
                out.write(path, f"{kind}/{path.name}")
        shutil.rmtree(folder)
    assert columns(metadata(root)) == from_folders


def test_the_official_split_and_the_patients_are_those_of_the_files(root):
    table = metadata(root)
    test = set((root / "Data-split/NonCOVID/testCT_NonCOVID.txt").read_text().split())
    found = table.name[(table.label == 1) & (table.extra["split"] == "test")]
    assert {name.removeprefix("CT_NonCOVID/") for name in found} == test
    assert len(set(table.patient)) == 10


def test_without_meta_info_patients_are_unknown_not_one(root):
    shutil.rmtree(root / "Meta-info")
    assert set(metadata(root).patient) == {""}


def test_a_split_file_naming_an_unknown_image_is_refused_by_name(root):
    with (root / "Data-split/COVID/valCT_COVID.txt").open("a") as lines:
        lines.write("nowhere.png\n")
    with pytest.raises(UserError, match=r"nowhere\.png: the validation list in Data-split/COVID"):
        catalog.build("covid_ct", root.parent, root.parent / "cache")


def test_an_image_beside_the_class_folders_is_refused(root):
    shutil.copy(next((root / "Images-processed/CT_COVID").iterdir()), root / "Images-processed/stray.png")
    with pytest.raises(UserError, match=r"stray\.png: it lies in no class folder"):
        catalog.build("covid_ct", root.parent, root.parent / "cache")
