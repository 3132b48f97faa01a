"""Pixels are decoded once, cut as asked, and made again where they are damaged."""

import cv2
import numpy as np
import pytest

from data_builders import catalog, phantom
from data_builders.pipeline import Frame, load_pixels
from data_builders.pixels import resize
from shared.base import disk
from shared.base.errors import UserError


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    phantom.write("sars_cov2_ct", root, per_class=6, side=40)
    return catalog.build("sars_cov2_ct", root, root / "cache"), root


def stored(table):
    images = [None] * len(table)
    for row, encoded in catalog.image_bytes(table):
        images[row] = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    return images


def test_pixels_are_those_of_the_files_in_the_tables_order(table, tmp_path):
    """A table cut and turned round must not be served in stored order."""
    turned = table[0].take([7, 3, 11, 0])
    for want in (table[0], turned):
        loaded = load_pixels(want, Frame(40, 40, channels=3), tmp_path)
        assert np.array_equal(loaded, stored(want))


def test_shrinking_averages_areas(table, tmp_path):
    """Other interpolations alias: they look at a few pixels of each block alone."""
    small = load_pixels(table[0], Frame(10, 20), tmp_path)
    grey = load_pixels(table[0], Frame(40, 40), tmp_path)[..., 0].astype(float)
    blocks = grey.reshape(len(grey), 10, 4, 20, 2).mean(axis=(2, 4))
    assert np.abs(small[..., 0] - blocks).max() <= 0.5 + 1e-9


def test_enlarging_draws_lines_between_pixels():
    """The nearest pixel leaves blocks, which CT slices smaller than a network's side would be given."""
    ramp = np.broadcast_to(np.arange(10, dtype="uint8")[None, :, None] * 20, (10, 10, 1))
    by_hand = np.interp((np.arange(20) + 0.5) / 2 - 0.5, np.arange(10), np.arange(10) * 20)
    assert np.abs(resize(ramp, 20, 20)[..., 0] - by_hand).max() <= 1


def test_pixels_are_decoded_once_and_keyed_by_what_they_depend_on(table, tmp_path, monkeypatch):
    first = load_pixels(table[0], Frame(12, 12), tmp_path)
    assert isinstance(first, np.memmap)
    assert first.dtype == np.uint8
    with monkeypatch.context() as closed:
        closed.setattr(catalog, "image_bytes", None)  # decoding again would fail
        assert np.array_equal(load_pixels(table[0], Frame(12, 12), tmp_path), first)
    load_pixels(table[0], Frame(12, 12, central_crop=0.5), tmp_path)
    load_pixels(table[0].take([0, 1]), Frame(12, 12), tmp_path)
    assert len(list((tmp_path / "pixels").glob("*.npy"))) == 3


def test_central_crop_and_box_cut_before_resizing(table, tmp_path):
    whole = load_pixels(table[0], Frame(40, 40), tmp_path)
    middle = load_pixels(table[0], Frame(20, 20, central_crop=0.5), tmp_path)
    assert np.array_equal(middle, whole[:, 10:30, 10:30])
    boxes = np.tile([5, 10, 25, 20], (len(table[0]), 1))
    table[0].extra["box"] = boxes
    boxed = load_pixels(table[0], Frame(10, 20, box=True), tmp_path)
    assert np.array_equal(boxed, whole[:, 10:20, 5:25])
    boxes[0] = [9, 9, 9, 30]
    with pytest.raises(UserError, match=r"Covid \(1\).png.*holds no pixel"):
        load_pixels(table[0], Frame(10, 20, box=True), tmp_path)


def test_an_undecodable_image_is_named_and_leaves_nothing_behind(table, tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "image_bytes", lambda _: iter([(0, b"no image"), (1, b"")]))
    with pytest.raises(UserError, match=r"COVID/Covid \(1\).png: cannot be decoded"):
        load_pixels(table[0], Frame(8, 8), tmp_path)
    assert not list((tmp_path / "pixels").iterdir())


def test_missing_images_are_not_left_black(table, tmp_path, monkeypatch):
    some = list(catalog.image_bytes(table[0]))[:-1]
    monkeypatch.setattr(catalog, "image_bytes", lambda _: iter(some))
    with pytest.raises(UserError, match="11 of 12 images"):
        load_pixels(table[0], Frame(8, 8), tmp_path)


def test_a_full_disk_is_said_before_it_kills(table, tmp_path, monkeypatch):
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: type("", (), {"free": 10}))
    with pytest.raises(UserError, match="need 768 bytes and 10 bytes are free"):
        load_pixels(table[0], Frame(8, 8), tmp_path)


@pytest.mark.parametrize("damage", ["zeroed", "truncated", "without checksums"])
def test_damaged_pixels_are_made_again_with_a_line_that_says_so(damage, table, tmp_path, capsys):
    """Fails when 20 kB of zeros in a cache are trained on without a word."""
    images, _ = table
    whole = np.array(load_pixels(images, Frame(8, 8), tmp_path))
    (path,) = (tmp_path / "pixels").glob("*.npy")
    data = bytearray(path.read_bytes())
    if damage == "zeroed":
        data[200:260] = bytes(60)
    elif damage == "truncated":
        del data[-9:]
    else:
        path.with_suffix(".sums").unlink()
    path.write_bytes(data)
    capsys.readouterr()
    assert np.array_equal(load_pixels(images, Frame(8, 8), tmp_path), whole)
    assert "is made again" in capsys.readouterr().out
    assert np.array_equal(load_pixels(images, Frame(8, 8), tmp_path), whole)
    assert "is made again" not in capsys.readouterr().out


def test_what_a_killed_writer_left_is_removed(table, tmp_path):
    """Fails when 51 GB that nobody finds stay on the disk."""
    images, _ = table
    load_pixels(images, Frame(8, 8), tmp_path)
    (path,) = (tmp_path / "pixels").glob("*.npy")
    left = path.with_name(f".{path.name}.0123abcd.part")
    left.write_text("half")
    path.unlink()
    load_pixels(images, Frame(8, 8), tmp_path)
    assert not left.exists()
