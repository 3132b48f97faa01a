"""A manifest notices every change of the raw files, and only changes."""

import csv
import os
import threading

import pytest

from data_builders import manifest, phantom
from data_builders.covid_ct import CovidCt
from data_builders.decoding import load
from data_builders.manifest import Writer, check, claim_of
from data_builders.published import dataset
from shared.base import sums
from shared.base.claim import claimed
from shared.base.errors import UserError

ABOUT = dataset("covid_ct")


@pytest.fixture
def built(tmp_path):
    """(raw folder, folder of the manifest): a look-alike of six images and its manifest."""
    root = phantom.write("covid_ct", tmp_path / "raw", per_class=3, side=8)
    folder = tmp_path / "built"
    folder.mkdir()
    lines = Writer(folder / manifest.FILE, ABOUT, root)
    for row in CovidCt.scan(root).images:
        lines.add(row, load(row.file))
    lines.close()
    sums.keep(folder)
    return root, folder


def checked(built):
    root, folder = built
    return check(folder, ABOUT, root, CovidCt.scan(root))


def some_image(root):
    return root / "Images-processed" / "CT_NonCOVID" / "1.png"


def test_unchanged_files_pass_and_are_not_read(built, monkeypatch):
    monkeypatch.setattr("data_builders.image_files.File.read", lambda file: pytest.fail(f"read {file}"))
    assert len(checked(built)["name"]) == 6


def test_a_copied_file_is_hashed_once_and_then_believed(built, monkeypatch):
    os.utime(some_image(built[0]), ns=(1, 1))
    checked(built)
    monkeypatch.setattr("data_builders.image_files.File.read", lambda file: pytest.fail(f"read {file} again"))
    assert checked(built)["mtime_ns"].count("1") == 1


def test_new_times_are_kept_while_nobody_else_looks_at_the_sums(built):
    """Fails when a process sees the file changed and its sum not yet: it takes that for damage."""
    os.utime(some_image(built[0]), ns=(1, 1))
    before = (built[1] / manifest.FILE).read_bytes()
    other = threading.Thread(target=checked, args=(built,))
    with claimed(claim_of(built[1])):
        other.start()
        other.join(0.5)
        assert (built[1] / manifest.FILE).read_bytes() == before
    other.join()
    assert (built[1] / manifest.FILE).read_bytes() != before


def test_a_changed_byte_of_the_same_size_is_named(built):
    path = some_image(built[0])
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"covid_ct: CT_NonCOVID/1\.png is not what it was .* delete "):
        checked(built)


def test_a_file_that_went_is_named(built):
    some_image(built[0]).unlink()
    with pytest.raises(UserError, match=r"CT_NonCOVID/1\.png"):
        checked(built)


def test_a_file_that_came_is_named(built):
    some_image(built[0]).with_name("0a.png").write_bytes(some_image(built[0]).read_bytes())
    with pytest.raises(UserError, match=r"CT_NonCOVID/0a\.png"):
        checked(built)


def test_a_last_file_that_came_is_named(built):
    some_image(built[0]).with_name("9.png").write_bytes(b"x")
    with pytest.raises(UserError, match=r"CT_NonCOVID/9\.png"):
        checked(built)


def test_a_changed_label_file_is_noticed(built):
    split = built[0] / "Data-split" / "NonCOVID"
    for path in split.iterdir():
        names = [name for name in path.read_text().split() if name != "1.png"]
        path.write_text("\n".join([*names, "1.png"] if path.name.startswith("test") else names))
    with pytest.raises(UserError, match=r"CT_NonCOVID/1\.png"):
        checked(built)


def test_a_file_that_became_unreadable_is_a_change(built):
    path = some_image(built[0])
    os.utime(path, ns=(1, 1))
    scan = CovidCt.scan(built[0])
    path.unlink()
    with pytest.raises(UserError, match=r"1\.png"):
        check(built[1], ABOUT, built[0], scan)


def test_the_manifest_holds_class_patient_size_and_hash(built):
    import hashlib

    with (built[1] / manifest.FILE).open(newline="") as lines:
        row = next(row for row in csv.DictReader(lines) if row["name"] == "CT_NonCOVID/1.png")
    data = some_image(built[0]).read_bytes()
    assert row["sha256"] == hashlib.sha256(data).hexdigest()
    assert (row["label"], row["patient"], row["size"]) == ("1", "NonCOVID patient 0", str(len(data)))
    assert row["file"] == "Images-processed/CT_NonCOVID/1.png"
