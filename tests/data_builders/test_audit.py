"""The audit end to end: planted copies, crops, patients and shortcuts are all told, and nothing else is."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from test_near_duplicates import figure

from data_builders import catalog
from data_builders.audit import audit

ROOT = Path(__file__).parents[2]
PER_CLASS = 14


def splits_of(table):
    return {name: np.flatnonzero(table.extra["split"] == name) for name in ("train", "validation", "test")}


def write(root):
    """The layout of covid_ct; the figure of COVID image 13 (test) is, cropped, non-COVID image 2 (train)."""
    figures = {(kind, i): figure(100 * kind + i) for kind in (0, 1) for i in range(PER_CLASS)}
    figures[1, 2] = cv2.resize(figures[0, 13][18:240, 12:246], (200, 190), interpolation=cv2.INTER_AREA)
    figures[1, 12] = figures[1, 0]  # the same pixels, test and train
    for kind, name in enumerate(("COVID", "NonCOVID")):
        folder = root / "covid_ct" / "Images-processed" / f"CT_{name}"
        lists = root / "covid_ct" / "Data-split" / name
        folder.mkdir(parents=True)
        lists.mkdir(parents=True)
        names = [f"{name}-{i}.png" for i in range(PER_CLASS)]
        for i, file in enumerate(names):
            level = 9 if (kind, i) == (1, 12) else 1
            Image.fromarray(figures[kind, i]).save(folder / file, compress_level=level)
        for split, (first, last) in {"train": (0, 9), "val": (9, 11), "test": (11, 14)}.items():
            (lists / f"{split}CT_{name}.txt").write_text("\n".join(names[first:last]))
    (folder / "NonCOVID-13.png").write_bytes((folder / "NonCOVID-1.png").read_bytes())  # the same file
    meta = root / "covid_ct" / "Meta-info"
    meta.mkdir()
    owners = [f"COVID-{i}.png,{'twice' if i in (1, 13) else f'patient {i}'},41" for i in range(PER_CLASS)]
    (meta / "COVID-CT-MetaInfo.csv").write_text("\n".join(["File name,Patient ID,Age", *owners]))


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    root = tmp_path_factory.mktemp("audit")
    write(root / "data")
    table = catalog.build("covid_ct", root / "data", root / "cache")
    return audit(table, splits_of(table), root / "out", cache_dir=root / "cache", demo=True)


def test_the_figure_under_both_labels_across_the_split_comes_first(report):
    first = report.lines[0]
    ends = {first[:3], first[3:6]}
    assert ends == {
        ("CT_COVID/COVID-13.png", "COVID", "test"),
        ("CT_NonCOVID/NonCOVID-2.png", "NonCOVID", "train"),
    }
    assert first[6] == "same picture"
    assert float(first[7]) > 0.9


def test_copies_of_pixels_and_of_files_are_told_apart(report):
    """Comparing shrunken images alone would call both the same."""
    rest = {(*sorted((line[0], line[3])), line[6]) for line in report.lines[1:]}
    assert rest == {
        ("CT_NonCOVID/NonCOVID-0.png", "CT_NonCOVID/NonCOVID-12.png", "same pixels"),
        ("CT_NonCOVID/NonCOVID-1.png", "CT_NonCOVID/NonCOVID-13.png", "same file"),
    }


def test_the_sentences_count_and_name(report):
    text = "\n".join(report.text)
    assert "3 pairs of images" in text
    assert "2 of them are exact copies" in text
    assert "3 of these pairs are on two sides of the split, 1 under two classes, 1 both" in text
    assert "1 patients have images in both train and test: twice." in text
    assert "0 patients have images in both train and validation." in text
    assert "14 of 28 images do not name their patient" in text
    assert text.startswith("DEMO")


def test_every_pair_has_a_picture_that_shows_both(report):
    assert set(report.pictures) == {path.stem for path in report.folder.glob("*.png")}
    assert len(report.pictures) == len(report.lines) == 3
    first = np.asarray(Image.open(report.folder / "pair-001.png"))
    left, right = first[12:412, 12:412], first[12:412, 424:824]
    assert left.std() > 20
    assert right.std() > 20
    red = (first[..., 0] > 200) & (first[..., 1] < 60)
    assert red.any()
    assert "COVID-13.png (COVID, test)" in report.pictures["pair-001"]


def test_what_is_written_is_what_was_returned(report):
    content = json.loads((report.folder / "audit.json").read_text())
    assert [tuple(line) for line in content["lines"]] == list(report.lines)
    assert content["pictures"] == report.pictures
    assert content["scale"] == "demo"
    assert content["findings"]["shared_patients"]["train and test"] == ["twice"]
    assert "\n".join(report.text) in (report.folder / "audit.txt").read_text()
    assert sorted(path.name for path in report.folder.iterdir() if path.suffix != ".png") == [
        "audit.json",
        "audit.txt",
    ]


def test_an_overlap_of_the_splits_themselves_is_told(report, tmp_path):
    root = report.folder.parent
    table = catalog.build("covid_ct", root / "data", root / "cache")
    again = audit(table, {"train": [3, 4, 5, 6], "test": [6, 7]}, tmp_path, cache_dir=root / "cache")
    assert "1 images are in more than one split (train and test)." in again.text
    assert not again.lines
    assert "No two images show the same picture" in "\n".join(again.text)
    assert again.findings["splits"] == {"train": 4, "test": 2}


def test_the_audit_itself_imports_no_tensorflow():
    code = "import sys, data_builders.audit; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
