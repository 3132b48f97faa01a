"""Each kind of image file is brought to the same pixels, or refused in words that say why."""

import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from data_builders.decoding import load
from data_builders.image_files import MAX_BYTES, File, Refused

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5
RGB = np.stack([GREY, 255 - GREY, GREY // 2], axis=-1)


def encoded(image, **how):
    image = Image.fromarray(image) if isinstance(image, np.ndarray) else image
    out = io.BytesIO()
    image.save(out, **({"format": "PNG"} | how))
    return out.getvalue()


def on_disk(tmp_path, data, name="image.png"):
    path = tmp_path / name
    path.write_bytes(data)
    return File(path, "", len(data), path.stat().st_mtime_ns)


def pixels(tmp_path, data):
    """What reaches the network of a file's bytes."""
    return np.asarray(Image.open(io.BytesIO(load(on_disk(tmp_path, data)).encoded)))


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, body):
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    idat = chunk(b"IDAT", zlib.compress(body))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + idat + chunk(b"IEND", b"")


def wrong_crc():
    data = bytearray(encoded(GREY))
    data[data.index(b"IEND") - 5] ^= (
        1  # the last byte of the pixels' checksum; the pixels themselves are whole
    )
    return bytes(data)


REFUSED = {
    "truncated PNG": (encoded(RGB)[:-40], "damaged"),
    "truncated JPEG": (encoded(np.tile(RGB, (40, 40, 1)), format="JPEG")[:-900], "damaged"),
    "empty": (b"", "empty"),
    "HTML named PNG": (b"\n<!DOCTYPE html><html>404</html>", "web page"),
    "text": (b"version https://git-lfs.github.com/spec/v1", "not a PNG"),
    "wrong CRC": (wrong_crc(), "damaged"),
    "bomb": (png(20_000, 20_000, bytes(20_001) * 100), "pixels"),
    "bomb below the limit of PIL": (png(9_000, 8_000, b""), "pixels"),
    "floating point": (encoded(Image.fromarray(GREY.astype(np.float32)), format="TIFF"), "kind"),
    "TIFF of two": (
        encoded(Image.fromarray(GREY), format="TIFF", save_all=True, append_images=[Image.fromarray(GREY)]),
        "holds 2 images",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_with_the_reason(tmp_path, kind):
    data, reason = REFUSED[kind]
    with pytest.raises(Refused, match=reason) as refused:
        load(on_disk(tmp_path, data))
    assert "\n" not in str(refused.value)


def test_a_bomb_is_refused_by_its_header_before_it_is_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(Refused):
        load(on_disk(tmp_path, png(9000, 9000, b"")))


def test_a_huge_file_is_refused_unread(tmp_path):
    file = on_disk(tmp_path, b"")
    with pytest.raises(Refused, match="bytes"):
        load(File(file.path, "", MAX_BYTES + 1, 0))


def test_sixteen_bits_are_scaled_not_cut_off(tmp_path):
    deep = np.array([[0, 257, 257 * 100, 65535, 300]], dtype=np.uint16)
    assert pixels(tmp_path, encoded(deep)).tolist() == [[0, 1, 100, 255, 1]]


def test_alpha_is_dropped_not_blended(tmp_path):
    clear = np.dstack([RGB, np.zeros_like(GREY)])  # blending would give one colour everywhere
    assert np.array_equal(pixels(tmp_path, encoded(clear)), RGB)


def test_grey_alpha_stays_grey(tmp_path):
    clear = Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(np.zeros_like(GREY))])
    assert np.array_equal(pixels(tmp_path, encoded(clear)), GREY)


def test_a_transparent_colour_does_not_become_a_channel(tmp_path):
    data = encoded(Image.fromarray(RGB), transparency=(0, 255, 0))
    picture = load(on_disk(tmp_path, data))
    assert picture.encoded != data
    assert np.array_equal(pixels(tmp_path, data), RGB)


def test_a_palette_is_looked_up(tmp_path):
    palette = Image.fromarray(GREY // 16).convert("P")
    palette.putpalette([255 - i // 3 for i in range(768)])
    assert np.array_equal(pixels(tmp_path, encoded(palette))[..., 0], 255 - GREY // 16)


def test_one_bit_becomes_black_and_white(tmp_path):
    assert set(np.unique(pixels(tmp_path, encoded(Image.fromarray(GREY > 100))))) == {0, 255}


def test_cmyk_becomes_the_colours_it_stands_for(tmp_path):
    ink = Image.new("CMYK", (8, 8), (0, 255, 255, 0))  # magenta and yellow: red
    seen = pixels(tmp_path, encoded(ink, format="JPEG", quality=100))[4, 4]
    assert seen[0] > 240
    assert max(seen[1:]) < 15


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_an_exif_rotation_is_carried_out(tmp_path, form):
    turned = Image.fromarray(GREY)
    exif = turned.getexif()
    exif[0x0112] = 6  # to be shown turned by 90° clockwise
    seen = pixels(tmp_path, encoded(turned, format=form, exif=exif))
    assert np.allclose(seen, np.rot90(GREY, -1), atol=0 if form == "PNG" else 12)


def test_a_bitmap_becomes_png(tmp_path):
    assert np.array_equal(pixels(tmp_path, encoded(RGB, format="BMP")), RGB)


@pytest.mark.parametrize("image", [GREY, RGB], ids=["grey", "RGB"])
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_what_is_right_already_is_passed_on_untouched(tmp_path, image, form):
    data = encoded(image, format=form)
    picture = load(on_disk(tmp_path, data))
    assert picture.encoded == data
    assert (picture.format, picture.width, picture.height) == (form, 8, 6)


def test_facts_are_those_of_the_file_as_found(tmp_path):
    clear = np.dstack([RGB, np.zeros_like(GREY)])
    assert load(on_disk(tmp_path, encoded(clear))).channels == "RGBA"


def test_an_unreadable_file_is_refused(tmp_path):
    file = on_disk(tmp_path, encoded(GREY))
    file.path.chmod(0)
    if os.access(file.path, os.R_OK):
        file.path.unlink()  # root reads anything: what is left to fail is a file that went away
    with pytest.raises(Refused, match="cannot be read"):
        load(file)
