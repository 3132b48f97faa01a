"""The lists of who is in which part: whole, without anybody twice, and by patient where they are clean."""

import csv

import pytest

from reproductions.__main__ import main
from reproductions.basu import config as basu_config
from reproductions.basu import published as basu
from reproductions.papers import papers
from reproductions.zebin import config as zebin_config
from reproductions.zebin import published as zebin


@pytest.fixture
def lists(tmp_path, monkeypatch):
    """A paper's lists on its demo's images and numbers: label -> lines."""
    monkeypatch.setattr(zebin, "ROWS", tuple(map(zebin_config.demo, zebin_config.ROWS)))
    monkeypatch.setattr(basu, "ROWS", tuple(map(basu_config.demo, basu_config.ROWS)))

    def written(name):
        papers([name])[0].write_phantoms(tmp_path / "data", False)
        words = ["--data-dir", str(tmp_path / "data"), "--out", str(tmp_path), "--to", str(tmp_path / "to")]
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


def test_every_image_of_a_class_is_in_one_part_and_clean_parts_share_no_patient(lists):
    """Fails when places of one class are counted from another's first image, or a fold is left out."""
    found = lists("zebin")
    kinds = ("COVID-19", "Normal", "Pneumonia")
    assert found.keys() == {f"{p}-draw-0-{kind}" for p in ("as_published", "clean") for kind in kinds}
    for label, lines in found.items():
        assert len(lines) == 60 == len({line["name"] for line in lines}), label
        assert len(names(lines, "test")) == 20, label
        assert len(names(lines, "validation")) == 10, label
        assert len({line["class"] for line in lines}) == 1, label
        if label.startswith("clean"):
            assert not patients(lines, "training") & patients(lines, "validation", "test"), label
    assert not names(found["clean-draw-0-Normal"], "test") & names(found["clean-draw-0-Pneumonia"], "test")


def test_the_folds_test_each_image_once(lists):
    """Fails when an image of one dataset is taken for one of the other, or is tested in two folds."""
    found = lists("basu")
    for kind in ("nih", "covid"):
        tests = [names(found[f"data-b-as_published-fold-{k}-{kind}"], "test") for k in (0, 1)]
        whole = [names(found[f"data-b-as_published-fold-{k}-{kind}"], "test", "training") for k in (0, 1)]
        assert not tests[0] & tests[1] and tests[0] | tests[1] == whole[0] == whole[1]
    clean = found["data-b-clean-fold-0-nih"]
    assert not patients(clean, "training") & patients(clean, "test")


def test_the_official_split_is_the_lists_own(lists):
    (lines,) = lists("zhao").values()
    assert {line["part"] for line in lines} == {"training", "validation", "test"}
    assert len({line["name"] for line in lines}) == len(lines) == 300
    assert not patients(lines, "training") & patients(lines, "validation", "test")


def test_without_data_it_says_what_is_missing(tmp_path, capsys):
    assert main(["splits", "altaf", "--data-dir", str(tmp_path), "--to", str(tmp_path / "to")]) == 2
    assert "holds none of the datasets that altaf splits" in capsys.readouterr().err
