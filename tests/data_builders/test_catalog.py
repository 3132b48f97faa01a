"""The datasets by name: what is missing, what a build takes and refuses, and the images in file order."""

import csv
import io
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from data_builders import catalog, describing, phantom
from data_builders.counting import against
from data_builders.published import DATASETS
from shared.base.errors import UserError


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Twelve images per class, so that 'Covid (2)' and 'Covid (10)' are both there."""
    folder = tmp_path_factory.mktemp("sars")
    phantom.write("sars_cov2_ct", folder / "data", per_class=12, side=16)
    return catalog.build("sars_cov2_ct", folder / "data", folder / "cache")


def raw(table, row):
    """The pixels of a row's own file."""
    root = table.location.parents[4] / "data" / table.dataset
    return np.asarray(Image.open(root / table.name[row]))[..., :3]


def tree(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_no_tensorflow_before_an_image_is_wanted(tmp_path):
    phantom.write("covid_ct", tmp_path, per_class=2, side=8)
    code = (
        "import sys; from data_builders import catalog, describing;"
        "assert 'tensorflow_datasets' not in sys.modules;"
        f"catalog.missing('covid_ct', {str(tmp_path)!r}); describing.describe({str(tmp_path)!r});"
        "assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=os.path.dirname(catalog.__file__) + "/..")


def test_a_build_leaves_nothing_outside_its_cache(tmp_path, monkeypatch):
    """Fails when TFDS looks for the dataset on a server: each time it leaves a folder behind."""
    phantom.write("covid_ct", tmp_path / "data", per_class=2, side=8)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    catalog.build("covid_ct", tmp_path / "data", tmp_path / "cache")
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("name", DATASETS)
def test_missing_says_where_from_and_where_to(tmp_path, name):
    line = catalog.missing(name, tmp_path)
    assert "\n" not in line
    assert str(tmp_path / name) in line
    assert "https://" in line
    phantom.write(name, tmp_path, per_class=1, side=8)
    assert catalog.missing(name, tmp_path) is None


def test_an_unknown_dataset_is_answered_with_the_known(tmp_path):
    with pytest.raises(UserError, match="kermany_pneumonia"):
        catalog.build("kermani", tmp_path, tmp_path)


def test_natural_order_within_each_class(table):
    expected = [f"COVID/Covid ({i}).png" for i in range(1, 13)]
    assert table.name[table.label == 0].tolist() == expected
    assert table.label.tolist() == [0] * 12 + [1] * 12


def test_every_image_comes_once_in_file_order_with_its_own_pixels(table):
    rows = []
    for row, data in catalog.image_bytes(table):
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), raw(table, row))
        rows.append(row)
    assert rows == list(range(24))


def test_a_table_in_any_order_gets_each_of_its_rows_once(table):
    part = table.take([17, 3, 20, 3])
    seen = list(catalog.image_bytes(part))
    assert [row for row, _ in seen] == [1, 3, 0, 2]
    for row, data in seen:
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), raw(part, row))


def test_no_rows_no_images(table):
    assert list(catalog.image_bytes(table.take([]))) == []


def test_take_cuts_every_column(table):
    part = table.take(table.extra["channels"] == "RGB")
    assert len(part) == 6
    assert set(part.label) == {0}
    assert {len(column) for column in part.extra.values()} == {6}


def test_a_fingerprint_depends_on_rows_and_bytes(table):
    assert table.fingerprint() != table.take(slice(1, None)).fingerprint()
    assert table.fingerprint() == table.take(slice(None)).fingerprint()
    other = np.where(np.arange(len(table)) == 3, "0" * 64, table.extra["sha256"])
    assert table.fingerprint() != replace(table, extra=table.extra | {"sha256": other}).fingerprint()


@pytest.fixture
def broken(tmp_path):
    """A look-alike with one image cut short, one that the label file names gone, and one it does not name."""
    root = phantom.write("covidx_ct", tmp_path / "data", per_class=3, side=16, patients=3)
    images = sorted((root / "2A_images").iterdir())
    images[0].write_bytes(images[0].read_bytes()[:60])
    images[1].rename(images[1].with_name("CP_999_1_0000.png"))
    return tmp_path, images


def problems(path):
    with path.open(newline="") as lines:
        return {os.path.basename(row["file"]): row["kind"] for row in csv.DictReader(lines)}


def test_a_complete_build_stops_with_one_line_and_a_list(broken):
    folder, images = broken
    with pytest.raises(UserError, match=r"CP_999_1_0000\.png.*no label names it.*1 more") as stopped:
        catalog.build("covidx_ct", folder / "data", folder / "cache")
    assert "\n" not in str(stopped.value)
    listed = problems(folder / "cache" / "tfds" / "covidx_ct-problems.csv")
    assert listed == {"CP_999_1_0000.png": "refused", images[1].name: "absent"}


def test_a_complete_build_stops_at_a_damaged_image_and_leaves_nothing_built(broken):
    folder, images = broken
    images[1].with_name("CP_999_1_0000.png").rename(images[1])
    with pytest.raises(UserError, match=rf"{images[0].name}: is damaged"):
        catalog.build("covidx_ct", folder / "data", folder / "cache")
    assert not list(folder.rglob("manifest.csv"))


def test_a_partial_build_takes_the_rest_and_lists_what_it_does_not(broken, capsys):
    folder, images = broken
    before = tree(folder / "data")
    table = catalog.build("covidx_ct", folder / "data", folder / "cache", partial=True)
    assert tree(folder / "data") == before
    assert len(table) == 7
    assert not {images[0].name, images[1].name} & set(table.name)
    listed = problems(table.location / "problems.csv")
    assert listed == {images[0].name: "refused", images[1].name: "absent", "CP_999_1_0000.png": "refused"}
    assert "7 images (a subset of the published 194,922)" in capsys.readouterr().out
    assert len(list(catalog.image_bytes(table))) == 7
    assert len(catalog.build("covidx_ct", folder / "data", folder / "cache", partial=True)) == 7


def test_a_list_of_problems_goes_when_they_do(broken):
    folder, images = broken
    with pytest.raises(UserError):
        catalog.build("covidx_ct", folder / "data", folder / "cache")
    images[1].with_name("CP_999_1_0000.png").rename(images[1])
    images[0].write_bytes(images[1].read_bytes())
    catalog.build("covidx_ct", folder / "data", folder / "cache")
    assert not (folder / "cache" / "tfds" / "covidx_ct-problems.csv").exists()


def test_a_change_after_the_build_is_an_error_at_use(tmp_path):
    root = phantom.write("sars_cov2_ct", tmp_path / "data", per_class=2, side=8)
    catalog.build("sars_cov2_ct", tmp_path / "data", tmp_path / "cache")
    (root / "COVID" / "Covid (1).png").write_bytes(b"x")
    with pytest.raises(UserError, match=r"COVID/Covid \(1\)\.png is not what it was"):
        catalog.build("sars_cov2_ct", tmp_path / "data", tmp_path / "cache")


def test_metadata_needs_no_image(tmp_path):
    root = phantom.write("chest_xray14", tmp_path, per_class=2, side=8)
    next(root.rglob("*.png")).unlink()
    table = catalog.metadata("chest_xray14", tmp_path)
    assert len(table) == 32
    assert table.extra["present"].sum() == 31
    assert table.location is None


def test_what_is_to_be_downloaded_and_what_was_found_are_told(tmp_path):
    phantom.write("kermany_pneumonia", tmp_path, per_class=4, side=8)
    text = describing.describe(tmp_path)
    assert "4 of 1,583" in text
    assert f"not found in {tmp_path / 'sars_cov2_ct'}" in text
    assert "COVID/Covid (1).png" in text


def test_counts_as_published_are_said_to_be_so():
    about = DATASETS["covid_ct"]
    assert "as published" in against(Counter(about.counts), about)
    assert "NOT the same" in against(Counter({"COVID": 350, "NonCOVID": 397}), about)


def test_tfds_build_finds_the_builder_by_its_file(tmp_path):
    from tensorflow_datasets.scripts.cli import build as command

    phantom.write("covid_ct", tmp_path / "data", per_class=2, side=8)
    builder = os.path.join(os.path.dirname(catalog.__file__), "covid_ct.py")
    paths = replace(command.Args().paths, manual_dir=tmp_path / "data", data_dir=tmp_path / "built")
    generation = replace(command.Args().generation, config="complete")
    command.Args(positional_datasets=[builder], paths=paths, generation=generation).execute()
    assert list((tmp_path / "built").rglob("manifest.csv"))


@pytest.fixture
def small(tmp_path):
    phantom.write("sars_cov2_ct", tmp_path / "data", per_class=3, side=8)
    return tmp_path, catalog.build("sars_cov2_ct", tmp_path / "data", tmp_path / "cache")


@pytest.mark.parametrize("file", ["manifest.csv", "dataset_info.json", "features.json", "sums.json"])
def test_a_damaged_build_is_built_again_with_a_line_that_says_so(file, small, capsys):
    """Fails when an edited manifest changes labels without a word."""
    folder, table = small
    path = table.location / file
    path.write_text(path.read_text()[:-20].replace("COVID/Covid (1)", "COVID/Covid (9)"))
    capsys.readouterr()
    again = catalog.build("sars_cov2_ct", folder / "data", folder / "cache")
    assert again.name.tolist() == table.name.tolist()
    assert "is damaged" in capsys.readouterr().out


def test_damaged_images_of_a_build_are_found_when_they_are_read_and_the_next_command_mends_them(small):
    folder, table = small
    (shard,) = table.location.glob("*.tfrecord*")
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)
    with pytest.raises(UserError, match="run the same command to build it again"):
        list(catalog.image_bytes(table))
    again = catalog.build("sars_cov2_ct", folder / "data", folder / "cache")
    assert len(list(catalog.image_bytes(again))) == 6
