"""The lists of who is in which part: whole, without anybody twice, and by patient where they are clean."""

import csv

import pytest

from reproductions.__main__ import main


@pytest.fixture
def lists(tmp_path):
    """A paper's lists on its demo's images and numbers: name -> lines."""

    def written(name):
        words = ["--scale", "demo", "--out", str(tmp_path), "--to", str(tmp_path / "to")]
        assert main(["splits", name, *words]) == 0
        found = {}
        for path in sorted((tmp_path / "to" / name).glob("*.csv")):
            with open(path, newline="") as file:
                found[path.stem] = list(csv.DictReader(file))
        return found

    return written


def names(lines, *parts):
    return {line["name"] for line in lines if line["part"] in parts}


def patients(lines, *parts):
    return {line["patient"] for line in lines if line["part"] in parts}


def test_every_image_is_in_one_part_and_clean_parts_share_no_patient(lists):
    """Fails when places of one class are counted from another's first image, or a fold is left out."""
    found = lists("zebin")
    assert found.keys() == {
        *("as_published-draw-0", "as_published-v2-draw-0", "as_published-whole-draw-0", "clean-draw-0")
    }
    for label, lines in found.items():
        assert len(lines) == 180 == len({line["name"] for line in lines}), label
        for kind, dataset in SOURCES.items():
            own = [line for line in lines if line["class"] == kind]
            assert len(own) == 60 and {line["dataset"] for line in own} == {dataset}, label
            assert len(names(own, "test")) == 20, label
            held = {"as_published-v2-draw-0": range(4, 13), "as_published-whole-draw-0": (0,)}
            assert len(names(own, "validation")) in held.get(label, (10,)), label
        if label.startswith("clean"):
            assert not patients(lines, "training") & patients(lines, "validation", "test"), label


SOURCES = {"COVID-19": "covid_chestxray", "NORMAL": "kermany_pneumonia", "PNEUMONIA": "kermany_pneumonia"}


def test_the_folds_test_each_image_once(lists):
    """Fails when an image of one dataset is taken for one of the other, or is tested in two folds."""
    found = lists("basu")
    folds = [found[f"data-b-as_published-draw-{k}"] for k in (0, 1)]
    tests = [names(lines, "test") for lines in folds]
    whole = [names(lines, "test", "training") for lines in folds]
    assert not tests[0] & tests[1] and tests[0] | tests[1] == whole[0] == whole[1]
    assert all((line["dataset"] == "covid_chestxray") == (line["class"] == "COVID-19") for line in folds[0])
    nih = [line for line in found["data-b-clean-draw-0"] if line["dataset"] == "chest_xray14"]
    assert not patients(nih, "training") & patients(nih, "test")
    assert {line["part"] for line in found["data-a-clean"]} == {"training", "validation"}


def test_the_official_split_is_the_lists_own(lists):
    (lines,) = lists("zhao").values()
    assert {line["part"] for line in lines} == {"training", "validation", "test"}
    assert len({line["name"] for line in lines}) == len(lines) == 300
    assert not patients(lines, "training") & patients(lines, "validation", "test")


def test_without_data_it_says_what_is_missing(tmp_path, capsys):
    assert main(["splits", "altaf", "--data-dir", str(tmp_path), "--to", str(tmp_path / "to")]) == 2
    assert "holds none of the datasets that altaf splits" in capsys.readouterr().err
