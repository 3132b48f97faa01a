"""Images of anybody: DICOM by its window, folders in natural order, and one line for what cannot be read."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from data_builders.foreign import dicom, read
from data_builders.labels import read_labels
from shared.base.errors import UserError

HOUNSFIELD = np.array([[-1350, -975], [-600, 150]])
"""The black end, a quarter, the centre and the white end of the lung window."""


def a_dicom(**fields) -> bytes:
    """A CT image of these values, stored 1024 higher and halved, as its slope and intercept say."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    found.SOPClassUID, found.SOPInstanceUID, found.Modality = CTImageStorage, generate_uid(), "CT"
    found.Rows, found.Columns, found.SamplesPerPixel = 2, 2, 1
    found.PhotometricInterpretation = "MONOCHROME2"
    found.BitsAllocated, found.BitsStored, found.HighBit, found.PixelRepresentation = 16, 16, 15, 1
    found.RescaleSlope, found.RescaleIntercept = 3, -1350
    found.PixelData = ((HOUNSFIELD + 1350) // 3).astype("<i2").tobytes()
    for name, value in fields.items():
        setattr(found, name, value)
    out = io.BytesIO()
    found.save_as(out)
    return out.getvalue()


def grey(encoded: bytes) -> list[int]:
    return np.asarray(Image.open(io.BytesIO(encoded))).ravel().tolist()


def test_the_window_decides_what_is_black_and_white():
    """Fails when slope and intercept are left out, or the width is taken for its half."""
    assert grey(dicom(a_dicom())[0]) == [0, 64, 128, 255]
    own = a_dicom(WindowCenter=-600, WindowWidth=750)
    assert grey(dicom(own)[0]) == [0, 0, 128, 255]
    assert grey(dicom(own, window=(-975, 750))[0]) == [0, 128, 255, 255]
    assert dicom(own)[1] == "the file's own window (-600 ± 375)"
    radiograph = a_dicom(Modality="DX")
    assert grey(dicom(radiograph)[0]) == [0, 64, 128, 255] and "all values" in dicom(radiograph)[1]


def test_where_the_lowest_value_is_white_the_image_is_turned():
    assert grey(dicom(a_dicom(PhotometricInterpretation="MONOCHROME1"))[0]) == [255, 191, 128, 0]


def test_a_folder_is_read_in_natural_order_and_dicom_known_by_its_mark(tmp_path):
    """Fails when image 10 comes before image 2, or a scanner's file without ending is refused."""
    for number in (10, 2):
        Image.fromarray(np.full((4, 4), number, "uint8")).save(tmp_path / f"{number}.png")
    (tmp_path / "slice").write_bytes(a_dicom())
    found = list(read([tmp_path / "10.png", tmp_path / "2.png", tmp_path / "slice"]))
    assert [grey(image.encoded)[0] for image in found] == [10, 2, 0], "files that are named keep their order"
    found = list(read([tmp_path]))
    assert [image.name.rpartition("/")[2] for image in found] == ["2.png", "10.png", "slice"]
    assert [grey(image.encoded)[0] for image in found] == [2, 10, 0]
    assert [bool(image.note) for image in found] == [False, False, True]


def test_a_folder_gives_dicom_without_an_ending_and_no_hidden_files(tmp_path):
    """Fails when what another system left there ends the command, or a scanner's files are passed over."""
    (tmp_path / "__MACOSX").mkdir()
    Image.fromarray(np.zeros((4, 4), "uint8")).save(tmp_path / "a.png")
    (tmp_path / "__MACOSX" / "b.png").write_bytes((tmp_path / "a.png").read_bytes())
    for name in ("IM1", "1.2.840"):
        (tmp_path / name).write_bytes(a_dicom())
    for name in ("._a.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"no image")
    (tmp_path / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM and a list of files")
    found = list(read([tmp_path]))
    assert [image.name.rpartition("/")[2] for image in found] == ["1.2.840", "a.png", "IM1"]


def test_a_name_that_is_no_text_is_given_as_one(tmp_path):
    """Fails when the answers about all images are lost, since such a name cannot be written."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9.png"))
    try:
        Image.fromarray(np.zeros((4, 4), "uint8")).save(path)
    except OSError:
        pytest.skip("this disk takes no such name")
    for named in (tmp_path, path):
        (image,) = read([named])
        assert image.name.encode("utf-8").endswith(rb"/\udce9.png")


def test_what_is_not_there_is_said_before_any_image_is_read(tmp_path):
    """Fails when hours of images are computed before the last name is looked at."""
    Image.fromarray(np.zeros((4, 4), "uint8")).save(tmp_path / "a.png")
    with pytest.raises(UserError, match=r"b\.png is not there"):
        next(read([tmp_path / "a.png", tmp_path / "b.png"]))


@pytest.mark.parametrize(
    "content, said",
    [
        (b"\0" * 128 + b"DICM broken", "cannot be read as DICOM"),
        (b"no image", "is not a PNG, JPEG, BMP or TIFF image"),
    ],
)
def test_a_file_that_is_no_image_is_one_line(tmp_path, content, said):
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(UserError, match=said):
        list(read([tmp_path / "x.png"]))


@pytest.mark.parametrize(("bits", "taken"), [(12, False), (14, False), (16, True)])
@pytest.mark.parametrize("ending", ["png", "tiff"])
def test_values_of_a_detector_that_leave_an_image_nearly_black_are_refused(bits, taken, ending, tmp_path):
    """Fails when 12 bits in 16 are judged as a black image, or a bright one is refused."""
    values = np.linspace(0, 2**bits - 1, 16).astype("uint16").reshape(4, 4)
    Image.fromarray(values).save(tmp_path / f"x.{ending}")
    if taken:
        (image,) = read([tmp_path])
        assert max(grey(image.encoded)) == 255
    else:
        with pytest.raises(UserError, match=r"nearly black, its brightest pixel (16|64) of 255"):
            list(read([tmp_path]))


@pytest.mark.parametrize("name, said", [("gone.png", "is not there"), ("", "holds no image")])
def test_nothing_to_read_is_one_line(tmp_path, name, said):
    with pytest.raises(UserError, match=said):
        list(read([tmp_path / name]))


@pytest.mark.parametrize(
    "lines, said",
    [
        ("image,label\na.png,ill\n", "line 2: 'ill' is no class of this model; it has COVID, other"),
        ("image,label\na.png,COVID\na.png,other\n", "line 3: a.png has a line above already"),
        ("image,class\n", "the column 'class' is not known"),
        ("image\n", "its columns are"),
        ("image,label,left,top,right,bottom\na.png,COVID,1,2,3,\n", "line 2: a box is four whole numbers"),
    ],
)
def test_labels_that_cannot_be_used_name_their_line(tmp_path, lines, said):
    (tmp_path / "labels.csv").write_text(lines)
    with pytest.raises(UserError, match=said.replace(".", r"\.")):
        read_labels(tmp_path / "labels.csv", ("COVID", "other"))


def test_a_label_is_found_by_path_or_by_name(tmp_path):
    """Fails when an image gets another's label, or a box is read in another order."""
    text = "image,label,patient,left,top,right,bottom\nb/a.png,other,p1,1,2,3,4\na.png,COVID,,,,,\n"
    (tmp_path / "labels.csv").write_text(text)
    labels = read_labels(tmp_path / "labels.csv", ("COVID", "other"))
    assert labels.of("b/a.png").true == 1 and labels.of("b/a.png").box == (1, 2, 3, 4)
    assert labels.of("elsewhere/a.png").true == 0 and labels.of("elsewhere/a.png").box is None
    with pytest.raises(UserError, match="has no line for c"):
        labels.of("c.png")


def test_a_file_name_in_two_folders_is_asked_for_by_path(tmp_path):
    """Fails when one line labels every image of that name; the same file named twice is one image."""
    text = "image,label\na.png,COVID\nb/c.png,other\nd/c.png,COVID\n"
    (tmp_path / "labels.csv").write_text(text)
    labels = read_labels(tmp_path / "labels.csv", ("COVID", "other"))
    labels.check(["x/a.png", "x/a.png", "b/c.png", "d/c.png"])
    for images in (["x/a.png", "y/a.png"], ["a.png", "y/a.png"]):
        with pytest.raises(UserError, match=rf"'a\.png' may mean {images[0]} or y/a\.png: give their"):
            labels.check(images)
