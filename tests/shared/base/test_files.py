"""Files are whole or not there; a full disk is one line."""

import errno
import os
import subprocess

import pytest

from shared.base import disk, files
from shared.base.errors import UserError


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "deep" / "table.csv"
    files.write_text(path, "old")
    with pytest.raises(ZeroDivisionError), files.whole(path) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert [p.name for p in path.parent.iterdir()] == ["table.csv"]


def test_a_full_disk_is_one_line_with_what_is_free(tmp_path):
    wanted = r"table.csv cannot be written \(No space left .*free there\)"
    with pytest.raises(UserError, match=wanted), files.whole(tmp_path / "table.csv"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_read_only_disk_is_one_line(tmp_path):
    """Fails when tidying up after a write that was refused is refused too, and hides why."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", tmp_path], check=False).returncode:
        pytest.skip("only root may mount a disk")
    try:
        with pytest.raises(UserError, match=r"table.csv cannot be written \(Read-only"):
            files.write_text(tmp_path / "table.csv", "x")
    finally:
        subprocess.run(["umount", "-l", tmp_path], check=True)


def test_an_error_of_another_file_keeps_its_name(tmp_path):
    """Fails when a missing source is reported as a target that cannot be written."""
    with pytest.raises(FileNotFoundError, match="source"), files.whole(tmp_path / "target") as temporary:
        temporary.write_bytes((tmp_path / "source").read_bytes())


@pytest.mark.parametrize("make", [files.make_folder, lambda path: files.write_text(path, "x")])
def test_a_folder_that_cannot_be_made_is_named(tmp_path, make):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"file/deep.* cannot be written"):
        make(tmp_path / "file" / "deep" / "x")


def test_left_overs_of_one_file_are_removed_and_no_others(tmp_path):
    path, other = tmp_path / "a.npy", tmp_path / "a.npy.csv"
    for name in (".a.npy.0123abcd.part", ".a.npy.csv.0123abcd.part", "a.npy"):
        (tmp_path / name).write_text("x")
    files.remove_left_overs(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".a.npy.csv.0123abcd.part", "a.npy"]
    files.remove_left_overs(other)
    assert [p.name for p in tmp_path.iterdir()] == ["a.npy"]


def test_room_is_needed_where_the_folder_will_be(tmp_path):
    disk.need_room(tmp_path / "not" / "there", 1, "the pixels")
    with pytest.raises(UserError, match=r"the pixels need 1,000,000.0 GB and .* are free: free some"):
        disk.need_room(tmp_path / "not" / "there", 10**15, "the pixels")


@pytest.mark.parametrize(
    ("count", "text"), [(999, "999 bytes"), (1500, "2 kB"), (2.5e6, "2 MB"), (51e9, "51.0 GB")]
)
def test_sizes_are_read_as_a_person_would(count, text):
    assert disk.size(count) == text
