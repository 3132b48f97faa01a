"""Files as they should not be: each is named in one line, and none hangs, escapes or gets a wrong label."""

import io
import os
import struct

import numpy as np
import pytest
from PIL import Image

from data_builders import catalog, phantom
from data_builders.builder import value
from data_builders.decoding import load
from data_builders.image_files import File, Refused, list_folder
from shared.base.errors import UserError

NOISE = np.random.default_rng(0).integers(0, 256, (24, 31, 3), dtype=np.uint8)
FORMATS = {"PNG": {}, "JPEG": {"quality": 90}, "BMP": {}, "TIFF": {}}


def bytes_of(kind: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(NOISE).save(out, format=kind, **FORMATS[kind])
    return out.getvalue()


def loaded(data: bytes, tmp_path) -> str:
    """'taken', or the reason why not."""
    path = tmp_path / "image.png"
    path.write_bytes(data)
    try:
        picture = load(File(path, "", len(data), 0))
    except Refused as refused:
        return str(refused)
    assert Image.open(io.BytesIO(picture.encoded)).size == (picture.width, picture.height)
    return "taken"


def test_a_png_that_is_a_few_bytes_short_is_refused_when_it_is_read(tmp_path):
    """Fails when it is found only by the first training that decodes it."""
    for missing in range(1, 13):
        assert "damaged" in loaded(bytes_of("PNG")[:-missing], tmp_path)


@pytest.mark.parametrize(
    ("dataset", "file"), [("chest_xray14", "Data_Entry_2017*.csv"), ("covid_chestxray", "metadata.csv")]
)
def test_a_label_file_that_is_cut_off_is_one_line(dataset, file, tmp_path):
    """Fails when the missing cells of its last line end in a traceback."""
    (labels,) = phantom.write(dataset, tmp_path, per_class=2, side=8).rglob(file)
    whole = labels.read_text().splitlines()
    labels.write_text("\n".join([*whole[:-1], whole[-1].partition(",")[0]]))
    with pytest.raises(UserError, match=rf"{labels.name}, line {len(whole)} is cut off: download"):
        catalog.metadata(dataset, tmp_path)


@pytest.mark.corpus
@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_file_is_refused(kind, tmp_path, tried):
    whole = bytes_of(kind)
    answers = {cut: loaded(whole[:cut], tmp_path) for cut in range(0, len(whole) - 20, 37)}
    assert all("taken" not in answer for answer in answers.values())
    assert all(len(answer.splitlines()) == 1 for answer in answers.values())
    tried("image files cut off somewhere", len(answers), "refused in one line, every one")


@pytest.mark.corpus
@pytest.mark.parametrize("kind", FORMATS)
def test_a_flipped_byte_is_refused_or_seen_in_the_pixels_and_never_a_traceback(kind, tmp_path, tried):
    """Of a TIFF every byte of the header and the tags; elsewhere one in seven."""
    whole = bytes_of(kind)
    places = range(0, len(whole), 7) if kind != "TIFF" else [*range(8), *range(len(whole) - 200, len(whole))]
    for place in places:
        for mask in (0x01, 0xFF):
            data = bytearray(whole)
            data[place] ^= mask
            answer = loaded(bytes(data), tmp_path)
            assert len(answer.splitlines()) == 1
    tried("image files with a flipped byte", 2 * len(places), "taken or refused in one line, no traceback")


def test_a_tiff_with_a_damaged_header_is_refused(tmp_path):
    tags = struct.pack("<HHHII", 1, 256, 4, 1, 31) + bytes(4)
    for data in (b"II*\0" + struct.pack("<I", 8) + tags, b"II*\0" + b"\xff" * 40, b"MM\0*" + bytes(60)):
        assert loaded(data, tmp_path) != "taken"


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    files, problems = list_folder(tmp_path)
    assert files == [] and [problem.reason for problem in problems] == ["is not a regular file"]


def test_a_name_that_is_not_utf8_is_refused_readably(tmp_path):
    (tmp_path / os.fsdecode(b"covid-\xff.png")).write_bytes(bytes_of("PNG"))
    (tmp_path / os.fsdecode(b"notes-\xfe.txt")).write_bytes(b"")
    (tmp_path / "line\rbreak.png").write_bytes(b"")
    files, problems = list_folder(tmp_path)
    assert files == []
    for problem in problems:
        assert problem.file.encode().isascii() and problem.file.isprintable()
    assert {problem.reason for problem in problems} == {
        "its name is not UTF-8: rename it",
        "its name has a control character: rename it",
        "its name is not that of an image",
    }


@pytest.fixture
def root(tmp_path):
    return phantom.write("covid_ct", tmp_path / "data", per_class=4, side=8)


def refused(root) -> str:
    with pytest.raises(UserError) as error:
        catalog.build("covid_ct", root.parent, root.parent / "cache")
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


LINKS = {
    "to the folder above": ("CT_COVID/up", ".."),
    "to the other class": ("CT_COVID/more", "../CT_NonCOVID"),
    "to one file of the other class": ("CT_COVID/another.png", None),
}


@pytest.mark.parametrize("kind", LINKS)
def test_a_link_that_brings_images_of_another_class_is_refused(kind, root):
    """Fails when images get a second label by a link: without a word, they did."""
    place, target = LINKS[kind]
    images = root / "Images-processed"
    if target is None:
        target = next(iter(sorted((images / "CT_NonCOVID").iterdir())))
    (images / place).symlink_to(target)
    assert "link" in refused(root)


def test_a_link_to_other_storage_is_followed(root, tmp_path):
    folder = root / "Images-processed" / "CT_COVID"
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert len(catalog.metadata("covid_ct", root.parent)) == 8


def test_a_name_in_two_split_lists_is_refused(root):
    """Fails when one image is trained on and tested."""
    lists = root / "Data-split" / "COVID"
    name = (lists / "trainCT_COVID.txt").read_text().split()[0]
    with (lists / "testCT_COVID.txt").open("a") as out:
        out.write(f"{name}\n")
    with pytest.raises(UserError, match=rf"{name} is in the lists for train and test"):
        catalog.metadata("covid_ct", root.parent)


@pytest.mark.parametrize("dataset", ["covid_ct", "covidx_ct"])
def test_a_split_list_that_is_not_text_is_named(dataset, tmp_path):
    root = phantom.write(dataset, tmp_path, per_class=4, side=8)
    path = next(iter(sorted(root.rglob("*train*.txt"))))
    path.write_bytes(b"\xff\xfe" + path.read_bytes())
    with pytest.raises(UserError, match=rf"{path.name} is not a list of file names \(byte 0"):
        catalog.metadata(dataset, tmp_path)


@pytest.mark.parametrize("damage", ["truncated", "html", "empty", "renamed"])
def test_a_build_stops_at_a_damaged_image_by_name_and_goes_on_once_it_is_mended(damage, root):
    path = next(iter(sorted((root / "Images-processed" / "CT_COVID").iterdir())))
    whole = path.read_bytes()
    bad = {"truncated": whole[: len(whole) // 2], "html": b"<html>404</html>", "empty": b""}
    path.write_bytes(bad.get(damage, bytes_of("BMP")[:40]))
    line = refused(root)
    assert path.name in line and "covid_ct-problems.csv" in line and "partial" not in line
    path.write_bytes(whole)
    assert len(catalog.build("covid_ct", root.parent, root.parent / "cache")) == 8


def test_a_column_that_is_no_number_is_unknown():
    assert np.isnan(value("number", ""))
