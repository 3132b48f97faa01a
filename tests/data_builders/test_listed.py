"""A list gives back what was written to it, and an edit is either taken or refused in one line."""

import csv

import numpy as np
import pytest

from data_builders.listed import look_up, places
from data_builders.split_lists import Piece, Split, as_csv
from data_builders.table import Table
from shared.base.errors import UserError

PARTS = ("training", "test")


def table(dataset, count, classes=("COVID", "other")):
    number = np.arange(count)
    name = np.array([f"{dataset}-{n}.png" for n in number])
    sums = {"sha256": np.array([f"{n:064x}" for n in number])}
    patient = np.array([f"p{n // 2}" for n in number])
    return Table(dataset, classes, name, number % 2, patient, sums, number, None)


CT, XRAY = table("ct", 8), table("xray", 5)
SPLIT = Split(
    "both-draw-0",
    (
        Piece(CT, {"training": np.array([5, 0, 3]), "test": np.array([6, 2])}, "ct"),
        Piece(XRAY, {"training": np.array([4]), "test": np.array([1])}, "xray"),
    ),
)
ITEMS = Split(
    "items",
    (Piece(CT, {"training": np.array([1, 1, 0]), "test": np.array([1])}, keys={"training": [7, 3, 0]}),),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "list.csv"


def written(path, split=SPLIT):
    """The file's lines, with those of the header first."""
    path.write_text(as_csv(split))
    with open(path, newline="") as file:
        return list(csv.reader(file))


def rewritten(path, lines):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows(lines)
    return path


def found(path, overlapping=False):
    return look_up(path, [CT, XRAY], PARTS, overlapping)


def test_a_list_gives_back_its_split_in_its_order(path):
    """Fails when parts are exchanged, sorted, or a second table is counted from its own start."""
    written(path)
    assert {part: rows.tolist() for part, rows in found(path).rows.items()} == {
        "training": [5, 0, 3, 8 + 4],
        "test": [6, 2, 8 + 1],
    }
    assert found(path).lines["test"].tolist() == [6, 7, 8]


def test_keys_come_back_and_images_as_they_are_have_none(path):
    written(path, ITEMS)
    back = found(path, overlapping=True)
    assert back.rows["training"].tolist() == [1, 1, 0] and back.rows["test"].tolist() == [1]
    assert back.keys["training"].tolist() == [7, 3, 0] and back.keys["test"].tolist() == [-1]


def test_an_edited_list_is_taken_as_it_is(path):
    """Fails when anything but the file decides: a line moved, left out, and the whole turned round."""
    header, *lines = written(path)
    lines[0][0] = "test"  # ct-5
    rewritten(path, [header, *reversed(lines[:1] + lines[2:])])
    assert {part: rows.tolist() for part, rows in found(path).rows.items()} == {
        "training": [12, 3],
        "test": [9, 2, 6, 5],
    }


def test_a_spreadsheets_file_is_read(path):
    """Fails on a byte order mark, other ends of lines, or columns in another order."""
    lines = [line[::-1] for line in written(path)]
    with open(path, "w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, lineterminator="\r\n").writerows(lines)
    assert found(path).rows["training"].tolist() == [5, 0, 3, 12]


def change(line, column, text):
    """An edit of one cell; lines are counted as in the file, its header being line 1."""

    def edit(lines):
        lines[line - 1][lines[0].index(column)] = text

    return edit


SPOILED = {
    "line 3: ct holds no image ct-9.png: correct": change(3, "name", "ct-9.png"),
    "line 3: ct-0.png has another SHA-256 here (000000000000…): get": change(3, "sha256", f"{5:064x}"),
    "line 2: ct-5.png is 'other' in ct, not 'COVID': correct": change(2, "class", "COVID"),
    "line 2: there is no part 'train': this row has training and test": change(2, "part", "train"),
    "line 4: the dataset is 'mri', and this row takes ct and xray": change(4, "dataset", "mri"),
    "line 9: ct-5.png is in training already (line 2): leave": lambda lines: lines.append(
        ["test", *lines[1][1:]]
    ),
    "line 9: ct-6.png is in test already (line 6): leave": lambda lines: lines.append(lines[5]),
    "no line is of the part 'test': this row needs training and test": lambda lines: lines.__delitem__(
        slice(5, None)
    ),
    "line 1: the column 'class' is missing; python -m": change(1, "class", "kind"),
    "line 3: ct holds no image : correct": lambda lines: lines.__setitem__(2, lines[2][:2]),
}


@pytest.mark.parametrize("said", SPOILED, ids=lambda said: said.partition(": ")[2][:40])
def test_what_does_not_fit_is_one_line_that_names_the_place(path, said):
    """Fails when a slip in a list is accepted, or ends in a traceback."""
    lines = written(path)
    SPOILED[said](lines)
    with pytest.raises(UserError) as error:
        found(rewritten(path, lines))
    assert str(error.value).startswith(str(path)) and said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b'a,b\n"'])
def test_what_is_no_list_is_an_error_too(path, content):
    path.write_bytes(content)
    with pytest.raises(UserError, match="splits writes such lists"):
        found(path)


def test_items_of_one_image_are_in_two_parts_only_where_the_paper_has_them_so(path):
    """Fails when copies of an image are let into the test part of a row that keeps them out."""
    header, *lines = written(path, ITEMS)
    with pytest.raises(UserError, match=r"line 5: ct-1\.png is in training already \(line 2\)"):
        found(path)
    assert len(found(path, overlapping=True).rows["test"]) == 1
    rewritten(path, [header, *lines[:3], ["test", *lines[0][1:]]])
    with pytest.raises(UserError, match=r"line 5: ct-1\.png is in training already"):
        found(path, overlapping=True)
    rewritten(path, [header, *lines, lines[0]])
    assert found(path, overlapping=True).keys["training"].tolist() == [7, 3, 0, 7]


def test_a_key_is_a_number(path):
    lines = written(path, ITEMS)
    lines[1][-1] = "x7"
    with pytest.raises(UserError, match="line 2: the key 'x7' is no number"):
        found(rewritten(path, lines), overlapping=True)


def test_a_group_in_two_parts_is_refused_where_a_row_promises_otherwise(path):
    """Fails when only neighbours are compared, or unknown patients count as one."""
    written(path)
    everybody = np.concatenate([CT.patient, XRAY.patient])
    listed = found(path)
    with pytest.raises(UserError, match=r"line 7: patient p1 is in test, and in training too \(line 4\)"):
        listed.refuse_shared(np.where(everybody == "p1", everybody, ""), "patient")
    listed.refuse_shared(np.full(13, ""), "patient")


def test_the_first_wrong_line_is_named(path):
    written(path)
    wrong = np.isin(np.arange(13), [6, 3])
    with pytest.raises(UserError, match="line 4: it shows nothing"):
        found(path).refuse(wrong, "it shows nothing")


def test_places_are_those_of_the_whole():
    assert places(np.array([40, 10, 30]), np.array([30, 40])).tolist() == [2, 0]
