"""The report survives what run folders should not hold, and is one file of a size that can be mailed."""

import base64
import dataclasses
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
import report_scene as scene
from report_page import Page

from shared.report import findings
from shared.report.canvas import png_bytes
from shared.report.figures import confusion_matrix
from shared.report.page import write_report


def test_damaged_folders_are_named_and_change_nothing_else(finished, tmp_path):
    out, paper, page = finished
    problems = next(t for t in page.tables if t[0][0] == "Folder")[1:]
    assert [Path(folder).relative_to(out).as_posix() for folder, _ in problems] == [
        "toy/large/draw-7",
        "toy/unrun/draw-0",
    ]
    assert "no JSON" in problems[0][1] and "unfinished" in problems[1][1]
    for draw, (small, large) in enumerate(((180, 121), (179, 120), (181, 122))):
        scene.write(tmp_path / "out", "small", draw, small)
        scene.write(tmp_path / "out", "large", draw, large)
    whole = Page(write_report([paper], tmp_path / "out", tmp_path / "r.html"))
    for key in (("Small net", "accuracy"), ("Large net", "accuracy"), ("Large net", "sensitivity")):
        assert whole.numbers()[key] == page.numbers()[key]


@pytest.mark.parametrize(
    "oddity",
    [
        {"classes": ("cat", "dog")},
        {"deviations": None},
        {"seconds": "soon"},
        {"config": [1, 2]},
        {"command": {"a": 1}},
        {"paper": "another"},
    ],
    ids=lambda oddity: next(iter(oddity)),
)
def test_a_run_that_reads_well_and_makes_no_sense_is_named_or_shown_and_breaks_nothing(tmp_path, oddity):
    """Fails with a traceback where a fact is used without looking."""
    out = tmp_path / "out"
    scene.write(out, "small", 0)
    scene.write(out, "large", 1, **oddity)
    page = Page(write_report([scene.paper(tmp_path)], out, tmp_path / "r.html"))
    assert page.numbers()["Small net", "accuracy"][1] == "90.00%"
    assert "large/draw-1" in page.text or "python -m toy --row large" in page.text or "large" in page.text


def test_audits_stand_with_their_paper_or_with_the_data_and_damaged_ones_are_named(tmp_path):
    scene.add_audit(tmp_path)
    scene.add_audit(tmp_path, place="some_dataset")
    broken = tmp_path / "audit" / "toy" / "other"
    broken.mkdir()
    (broken / "audit.json").write_text("[]")
    page = Page(write_report([scene.paper(tmp_path)], tmp_path, tmp_path / "r.html"))
    assert "audit/toy/other" in page.text and page.text.count("A near-duplicate pair") == 2
    assert page.source.index('id="toy-audit"') < page.source.index('id="data"')


def test_text_from_run_folders_stays_text(tmp_path):
    """Fails where a name from a file becomes markup: autoescape off, or `safe` on a value."""
    out, bad = tmp_path / "out", scene.HOSTILE
    facts = dict.fromkeys(("device", "precision", "command", "started"), bad)
    scene.write(out, "small", 0, classes=(bad, "Normal"), **facts)
    scene.write(out, "small", 1, config={"id": "small", bad: bad})
    scene.write(out, "large", 0, overrides={"batch": bad}, classes=("COVID", "Normal"))
    folder = scene.write(out, "large", 1, pictures=True)
    (folder / "history.csv").write_text(f'"{bad.replace(chr(34), chr(34) * 2)}",loss\n1.0,2.0\n')
    scene.rewrite(folder, lambda facts: facts | {"pictures": {"gallery": bad}})
    (out / "toy" / "<img src=x onerror=alert(1)>" / "draw-0").mkdir(parents=True)
    audit = out / "audit" / "toy" / "x"
    audit.mkdir(parents=True)
    content = '{"title": T, "text": [T], "columns": [T], "lines": [[T]], "pictures": {}, "scale": "paper"}'
    (audit / "audit.json").write_text(content.replace("T", f'"{bad}"'.replace("\"'", "\\\"'")))
    paper = scene.paper(
        tmp_path, readme=scene.README.replace("batch size", f"{bad} [x](javascript:alert(1))")
    )
    paper = dataclasses.replace(paper, title=bad, citation=bad)
    page = Page(write_report([paper], out, tmp_path / "r.html"))
    assert page.source.count("onerror") > 8  # it is there, as text
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert all(source.startswith("data:image/png;base64,") for source in page.with_attribute("src"))
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert all(re.match(r"#|data:,|https://example\.org$", link) for link in page.with_attribute("href"))


# --- one file -------------------------------------------------------------------------------------------


def test_the_page_loads_nothing_and_its_policy_allows_only_its_own_script(finished):
    page = finished[2]
    style = re.search(r"<style>(.*?)</style>", page.source, re.S)[1]
    assert "url(" not in style and "@import" not in style
    assert not {tag for tag, _ in page.tags} & {"iframe", "object", "embed", "audio", "video", "base"}
    assert len([1 for tag, _ in page.tags if tag == "link"]) == 1 and 'href="data:,"' in page.source
    script = re.search(r"<script>(.*?)</script>", page.source, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a)
    assert "default-src 'none'" in policy and f"script-src 'sha256-{digest}'" in policy


def test_every_picture_has_words_and_every_table_headers_with_scope(finished):
    page = finished[2]
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert images and all(attributes["alt"] for attributes in images)
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in page.tags if tag == "th")
    drawn = [attributes for tag, attributes in page.tags if tag == "svg" and "aria-hidden" not in attributes]
    assert sum(attributes.get("role") == "img" and bool(attributes["aria-label"]) for attributes in drawn) > 4
    ids = page.with_attribute("id")
    assert len(ids) == len(set(ids))
    assert all(link[1:] in ids for link in page.with_attribute("href") if link.startswith("#"))


def test_pictures_are_cut_to_a_budget_and_the_rest_is_counted(tmp_path):
    """By hand: two draws with the one gallery and twelve more each; eight are shown, 26 − 8 = 18 are not."""
    out = tmp_path / "out"
    for draw in range(2):
        folder = scene.write(out, "small", draw, pictures=True)
        names = {f"more{k}": "more" for k in range(12)}
        for name in names:
            (folder / f"{name}.png").write_bytes((folder / "gallery.png").read_bytes())
        scene.rewrite(folder, lambda facts, names=names: facts | {"pictures": names | facts["pictures"]})
    page = Page(write_report([scene.paper(tmp_path)], out, tmp_path / "r.html"))
    assert len(page.with_attribute("src")) == 8 and "18 more pictures in the folders" in page.text


def test_only_true_pictures_of_the_folder_itself_get_in(tmp_path):
    """Fails where a link or a path leads out of the run folder, or any file is embedded as an image."""
    out = tmp_path / "out"
    secret = tmp_path / "secret.png"
    figure = confusion_matrix([0], [0], ("a",))
    secret.write_bytes(png_bytes(figure))
    for draw, change in enumerate(
        (lambda p: p.write_text("no PNG"), lambda p: (p.unlink(), p.symlink_to(secret)))
    ):
        change(scene.write(out, "small", draw, pictures=True) / "gallery.png")
        scene.rewrite(out / "toy" / "small" / f"draw-{draw}", lambda facts: facts)
    outside = scene.write(out, "small", 2, pictures=True)
    scene.rewrite(outside, lambda facts: facts | {"pictures": {"../../../../secret": ""}})
    page = Page(write_report([scene.paper(tmp_path)], out, tmp_path / "r.html"))
    assert page.with_attribute("src") == [] and "3 more pictures" in page.text


def test_no_tensorflow_for_a_report(finished, tmp_path):
    places = (str(tmp_path), str(finished[0]), str(tmp_path / "r.html"))
    command = f"""
import pathlib, sys
sys.path[:0] = [{str(Path(__file__).parent)!r}]
import report_scene
from shared.report.page import write_report
packages, out, target = map(pathlib.Path, {places!r})
write_report([report_scene.paper(packages)], out, target)
sys.exit(any(name in sys.modules for name in ("tensorflow", "keras")))
"""
    subprocess.run([sys.executable, "-c", command], check=True, cwd=Path(__file__).parents[3])


def test_trials_have_a_section_of_their_own_and_are_no_stranger(tmp_path, monkeypatch):
    """Fails when the runs of `try` are called runs of an unknown paper, or are not shown."""
    monkeypatch.setattr(findings, "ROOT", tmp_path)
    paper = scene.paper(tmp_path)
    config = {"set": "scans", "name": "only-border", "elsewhere": ""}
    place = tmp_path / "out" / "trials" / "scans.only-border" / "draw-0"
    facts = {"paper": "trials", "row": "scans.only-border", "config": config, "command": "try scans"}
    scene.write(tmp_path, right=190, folder=place, **facts)
    text = write_report([paper], tmp_path / "out", tmp_path / "r.html").read_text()
    assert "What the data give away" in text and "Of the border alone" in text
    assert "that is not here" not in text
