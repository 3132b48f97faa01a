"""Files as people have them, in folders and archives: listed in order, or refused in words that say why."""

import io
import os
import stat
import zipfile

import numpy as np
import pytest
from PIL import Image

from data_builders.decoding import load
from data_builders.image_files import Refused, by_name, list_folder, list_zip, natural
from shared.base.errors import UserError

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5
RGB = np.stack([GREY, 255 - GREY, GREY // 2], axis=-1)


def encoded(pixels):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format="PNG")
    return out.getvalue()


def test_natural_order():
    names = ["Covid (10).png", "Covid (2).png", "covid (1).png", "Covid.png"]
    assert sorted(names, key=natural) == ["covid (1).png", "Covid (2).png", "Covid (10).png", "Covid.png"]


def test_a_folder_lists_images_and_says_what_it_leaves(tmp_path):
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    for name in ("b.PNG", "deep/a.jpeg", "deep/deeper/c.jpg", "notes.txt", ".DS_Store", ".hidden.png"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    files, problems = list_folder(tmp_path)
    assert [file.name for file in files] == ["b.PNG", "a.jpeg", "c.jpg"]
    kinds = {os.path.basename(problem.file): problem.kind for problem in problems}
    left = {"notes.txt": "ignored", ".DS_Store": "ignored", ".hidden.png": "ignored", "gone.png": "refused"}
    assert kinds == left


def test_a_link_that_leads_back_is_walked_once(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.png").write_bytes(b"x")
    (tmp_path / "a" / "back").symlink_to(tmp_path)
    assert len(list_folder(tmp_path)[0]) == 1


def test_a_name_in_two_folders_is_taken_from_neither(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.png").write_bytes(b"x")
    (tmp_path / "a" / "y.png").write_bytes(b"y")
    found, problems = by_name(list_folder(tmp_path)[0])
    assert list(found) == ["y.png"]
    assert str(tmp_path / "a" / "x.png") in problems[0].reason


def archive(path, members):
    with zipfile.ZipFile(path, "w") as out:
        for name, data in members:
            out.writestr(name, data)
    return path


def link(name):
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


def test_an_archive_is_read_in_place_and_its_escapes_are_refused(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    members = [
        ("CT/b (2).png", encoded(RGB)),
        ("CT/a (1).png", encoded(GREY)),
        ("../evil.png", b"x"),
        ("/evil.png", b"x"),
        ("CT\\..\\..\\evil.png", b"x"),
        (link("CT/link.png"), b"/etc/passwd"),
        ("CT/readme.txt", b"x"),
        ("__MACOSX/._a.png", b"x"),
    ]
    files, problems = list_zip(archive(inside / "images.zip", members))
    assert [file.name for file in files] == ["a (1).png", "b (2).png"]
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(load(files[0]).encoded))), GREY)
    assert [problem.kind for problem in problems] == ["refused"] * 4 + ["ignored"] * 2
    assert all("images.zip::" in problem.file for problem in problems)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["images.zip", "inside"]


def test_what_is_no_archive_is_one_line(tmp_path):
    (tmp_path / "images.zip").write_bytes(b"<html>")
    with pytest.raises(UserError, match=r"images\.zip is not a readable zip archive"):
        list_zip(tmp_path / "images.zip")


def test_a_damaged_member_is_refused(tmp_path):
    path = archive(tmp_path / "images.zip", [("a.png", encoded(GREY))])
    data = bytearray(path.read_bytes())
    data[60] ^= 255
    path.write_bytes(data)
    with pytest.raises(Refused, match="cannot be read"):
        load(list_zip(path)[0][0])


def test_an_encrypted_member_is_refused(tmp_path):
    data = bytearray(archive(tmp_path / "images.zip", [("a.png", b"x")]).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "images.zip").write_bytes(data)
    assert list_zip(tmp_path / "images.zip")[1][0].reason == "is encrypted"
