"""Checksums see every change of a file, and a file is read for them once in a process."""

import hashlib
import os

import pytest

from shared.base import sums


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sums, "BLOCK", 100)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_bytes(bytes(range(250)))
    (tmp_path / "b").write_bytes(b"")
    sums.keep(tmp_path)
    return tmp_path


def change(path, place: int, value: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] = value
    path.write_bytes(data)
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))


def test_what_was_not_changed_is_intact(folder):
    assert sums.damage(folder) == ""


@pytest.mark.parametrize(("place", "block"), [(0, 0), (99, 0), (100, 100), (249, 200)])
def test_a_changed_byte_is_found_in_its_block(folder, place, block):
    change(folder / "deep" / "a", place, 255)
    assert sums.damage(folder) == f"a has changed after byte {block}"


def test_a_truncated_a_missing_and_a_longer_file_are_found(folder):
    path = folder / "deep" / "a"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert sums.damage(folder) == "a has 249 bytes of 250"
    path.write_bytes(whole + b"x")
    assert sums.damage(folder) == "a has 251 bytes of 250"
    path.unlink()
    assert sums.damage(folder) == "a is missing"
    assert sums.damage(folder, lambda name: name == "b") == ""


def test_an_intact_file_is_read_once_in_a_process(folder, monkeypatch):
    assert sums.damage(folder) == ""
    monkeypatch.setattr(sums, "_blocks", lambda path: pytest.fail(f"{path} is read again"))
    assert sums.damage(folder) == ""


@pytest.mark.parametrize("text", ["", "{", "[]", '{"b": 3}'])
def test_damaged_checksums_are_damage(folder, text):
    (folder / sums.FILE).write_text(text)
    assert sums.damage(folder) == "sums.json is missing or cannot be read"


def test_a_file_that_was_written_anew_is_taken_over(folder):
    (folder / "b").write_text("new")
    assert sums.damage(folder) != ""
    sums.renew(folder, "b")
    assert sums.damage(folder) == ""


def test_a_files_hash_is_that_of_its_contents(tmp_path, monkeypatch):
    """Fails when name and size stand for it, or when blocks after the first are left out."""
    monkeypatch.setattr(sums, "BLOCK", 100)
    (tmp_path / "weights").write_bytes(bytes(250))
    assert sums.file_hash(tmp_path / "weights") == hashlib.sha256(bytes(250)).hexdigest()
