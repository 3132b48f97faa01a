"""COVIDx CT-2A: a patient in every source's naming scheme, official lists, boxes."""

import numpy as np
import pytest

from data_builders import catalog, describing, phantom
from data_builders.covidx_ct import parse_split_file, patient_of
from shared.base.errors import UserError

SCHEMES = {
    "NCP_341_1834_0022.png": "NCP_341",
    "CP_1253_3471_0067.png": "CP_1253",
    "Normal_1986_1021_0000.png": "Normal_1986",
    "137covid_patient77_SR_2_IM00018.png": "patient77",
    "normal4_patient170_SR_2_IM00027.png": "patient170",
    "normal1_patient170_SR_4_IM00003.png": "patient170",
    "normalcd3_patient434_SR_2_IM00035.png": "patient434",
    "cdnormal4_patient146_SR_2_IM00030.png": "patient146",
    "volume-covid19-A-0666_ct-0034.png": "volume-covid19-A-0666",
    "volume-covid19-A-0383_1_ct-0042.png": "volume-covid19-A-0383",
    "LIDC-IDRI-0272-1.3.6.1.4.1.14519.5.2-0101.png": "LIDC-IDRI-0272",
    "coronacases_008-0264.png": "coronacases_008",
    "radiopaedia_40_86625_0-0082.png": "radiopaedia_40_86625",
    "HUST-Patient457-0012.png": "HUST-Patient457",
}


@pytest.mark.parametrize("name", SCHEMES)
def test_each_scheme_carries_the_patient_in_its_own_place(name):
    assert patient_of(name)[0] == SCHEMES[name]


@pytest.mark.parametrize("name", ["study_0255-0012.png", "IM00001.png", "xNCP_1_2_3.png"])
def test_an_unknown_scheme_is_an_error_that_shows_the_name(tmp_path, name):
    (tmp_path / "list.txt").write_text(f"NCP_1_1_0000.png 2 0 0 1 1\n{name} 2 0 0 1 1\n")
    with pytest.raises(UserError, match=rf"line 2: '{name}' follows no known"):
        parse_split_file(tmp_path / "list.txt")


@pytest.mark.parametrize("line", ["a.png 3 0 0 1 1", "a.png 2 0 0 1", "a.png 2 0 0 1 x", "<html>"])
def test_a_line_of_another_kind_is_shown(tmp_path, line):
    (tmp_path / "list.txt").write_text(line)
    with pytest.raises(UserError, match="line 1: "):
        parse_split_file(tmp_path / "list.txt")


def test_a_name_tells_the_patient_and_a_line_the_box(tmp_path):
    """Fails when patients of two classes with one number become one."""
    names = ["Normal_1_1_0000.png 0", "Normal_1_2_0001.png 0", "CP_1_1_0000.png 1", "Normal_2_1_0000.png 0"]
    (tmp_path / "list.txt").write_text("".join(f"{name} 0 5 9 7\n" for name in names))
    lines = parse_split_file(tmp_path / "list.txt")
    assert len(set(lines.patients)) == 3 and lines.patients[0] == lines.patients[1]
    assert lines.boxes[0] == "0 5 9 7"


@pytest.fixture
def root(tmp_path):
    return phantom.write("covidx_ct", tmp_path, per_class=10, side=16, patients=5)


def test_lists_give_split_class_and_box(root):
    table = catalog.metadata("covidx_ct", root.parent)
    first = (root / "val_COVIDx_CT-2A.txt").read_text().split("\n")[0].split()
    row = table.name.tolist().index(first[0])
    assert table.extra["split"][row] == "validation"
    assert table.label[row] == int(first[1])
    assert table.extra["box"][row].tolist() == [int(corner) for corner in first[2:]]
    assert table.extra["box"].dtype.kind == "i"


def test_no_patient_stands_in_two_lists(root):
    table = catalog.metadata("covidx_ct", root.parent)
    lists = [set(table.patient[table.extra["split"] == split]) for split in ("train", "validation", "test")]
    assert all(lists)
    assert sum(map(len, lists)) == len(set.union(*lists))


def test_an_absent_list_is_said(root):
    (root / "train_COVIDx_CT-2A.txt").unlink()
    assert "train_COVIDx_CT-2A.txt is not there" in describing.describe(root.parent)


def test_an_image_in_two_lists_is_an_error(root):
    line = (root / "val_COVIDx_CT-2A.txt").read_text().split("\n")[0]
    with (root / "test_COVIDx_CT-2A.txt").open("a") as lines:
        lines.write(line + "\n")
    with pytest.raises(UserError, match=f"{line.split()[0]} twice"):
        catalog.metadata("covidx_ct", root.parent)


def test_file_order_is_natural_whatever_the_lists_say(root):
    path = root / "train_COVIDx_CT-2A.txt"
    before = catalog.metadata("covidx_ct", root.parent).name
    path.write_text("\n".join(reversed(path.read_text().split("\n"))))
    assert np.array_equal(catalog.metadata("covidx_ct", root.parent).name, before)
