"""Recording draws as evidence, and verifying it: the first byte that is not as it should be is named."""

import json
import shutil

import pytest
import report_scene as scene

from shared.comparison import evidence, seals
from shared.report import findings, records, results
from shared.report.page import write_report
from shared.report.papers import paper_view
from shared.report.readmes import render_readmes


@pytest.fixture
def toy(tmp_path):
    """A paper with three recorded draws of one row and one by hand of another, its tables up to date."""
    paper = scene.paper(tmp_path)
    for draw, right in enumerate((180, 179, 181)):
        scene.write(tmp_path / "out", "small", draw, right, pictures=draw == 0)
    scene.write(tmp_path / "out", "large", 0, 120, overrides={"batch": "8"}, config=config("large", batch=8))
    scene.write(tmp_path / "out", "unrun", 0, demo=True)
    lines = list(records.record([paper], tmp_path / "out"))
    assert len(lines) == 4 and all("recorded in" in line for line in lines)
    render_readmes([paper], tmp_path)
    return paper


def config(row, **changes):
    return {"id": row, "learning_rate": 1e-3, "batch": 16, "draws": 3} | changes


def files(paper):
    return sorted(path for path in (paper.folder / results.EVIDENCE).rglob("*") if path.is_file())


def test_what_is_shown_follows_from_the_evidence_alone(toy, tmp_path):
    """Fails when a table needs the run folders, or when evidence is not taken for real runs."""
    shutil.rmtree(tmp_path / "out")
    assert list(records.verify([toy], tmp_path)) == []
    text = (toy.folder / "README.md").read_text()
    assert "90.00 ± 0.50%" in text and "NOT RUN" not in text
    assert "small" in text and "large" in text


def test_every_flipped_byte_of_the_evidence_is_noticed(toy, tmp_path):
    """A byte in the middle, at the start and at the end of each file of each draw."""
    for path in files(toy):
        content = path.read_bytes()
        for place in (0, len(content) // 2, len(content) - 1):
            flipped = bytearray(content)
            flipped[place] ^= 1
            path.write_bytes(flipped)
            wrong = list(records.verify([toy], tmp_path))
            # White space around the facts says nothing, and is the one thing that a seal does not cover.
            assert wrong or (path.name == seals.FACTS and json.loads(flipped) == json.loads(content)), path
        path.write_bytes(content)
    assert list(records.verify([toy], tmp_path)) == []


def test_a_number_changed_in_a_readme_is_named_with_its_line(toy, tmp_path):
    readme = toy.folder / "README.md"
    text = readme.read_text()
    readme.write_text(text.replace("90.00 ± 0.50%", "91.00 ± 0.50%"))
    (line,) = records.verify([toy], tmp_path)
    number = next(n for n, shown in enumerate(text.splitlines(), 1) if "90.00 ± 0.50%" in shown)
    assert str(readme) in line and f"line {number} " in line


def stray(folder):
    (folder / "small" / "draw-0" / "notes.txt").write_text("x")


def gone(folder):
    (folder / "small" / "draw-1" / evidence.PACKED).unlink()


def renamed(folder):
    (folder / "small" / "draw-1").rename(folder / "small" / "draw-7")


def copied(folder):
    shutil.copytree(folder / "small" / "draw-1", folder / "small" / "draw-3")


def fewer(folder):
    shutil.rmtree(folder / "small" / "draw-2")


def of_a_dirty_tree(folder):
    facts = json.loads((folder / "small" / "draw-0" / "facts.json").read_text())
    seals.write_facts(folder / "small" / "draw-0", facts | {"code": {"commit": "1", "changed": ["x.py"]}})


@pytest.mark.parametrize("change", [stray, gone, renamed, copied, fewer, of_a_dirty_tree])
def test_evidence_that_is_not_as_it_was_recorded_is_named(toy, tmp_path, change):
    change(toy.folder / results.EVIDENCE)
    assert list(records.verify([toy], tmp_path))


def test_recording_again_changes_no_byte(toy, tmp_path):
    before = {path: path.read_bytes() for path in files(toy)}
    assert all("recorded before" in line for line in records.record([toy], tmp_path / "out"))
    shutil.rmtree(toy.folder / results.EVIDENCE)
    list(records.record([toy], tmp_path / "out"))
    assert {path: path.read_bytes() for path in files(toy)} == before


def test_draws_of_several_days_and_machines_add_up(tmp_path):
    paper = scene.paper(tmp_path)
    for draw, machine in enumerate(("one", "two", "three")):
        scene.write(tmp_path / machine, "small", draw, 180 + draw, device=machine)
        list(records.record([paper], tmp_path / machine))
    runs, left_out = results.recorded([paper])
    assert [run.facts["device"] for run in runs] == ["one", "two", "three"] and not left_out


def test_another_run_of_a_recorded_draw_does_not_replace_it(toy, tmp_path):
    scene.write(tmp_path / "again", "small", 1, 20)
    (line,) = records.record([toy], tmp_path / "again")
    assert "another run of this draw" in line
    assert list(records.verify([toy], tmp_path)) == []


def test_a_draw_of_an_earlier_code_version_is_shown_as_such_and_makes_way(toy, tmp_path):
    newer = scene.paper(tmp_path, code_version=lambda row: 2)
    shutil.copytree(toy.folder / results.EVIDENCE, newer.folder / results.EVIDENCE)
    runs, left_out = results.recorded([newer])
    assert runs == [] and all("code version 1 of the row, which is now 2" in reason for _, reason in left_out)
    scene.write(tmp_path / "new", "small", 0, 150, code_version=2)
    assert "recorded in" in next(records.record([newer], tmp_path / "new"))
    assert [run.metric("accuracy") for run in results.recorded([newer])[0]] == [0.75]


def test_local_runs_go_before_recorded_ones_draw_by_draw(toy, tmp_path):
    """Fails when a draw counts twice, or when what was run here is hidden by what is recorded."""
    scene.write(tmp_path / "here", "small", 1, 100)
    runs, left_out = results.find([toy], tmp_path / "here")
    real = {run.draw: (run.recorded, run.metric("accuracy")) for run in runs if run.row == "small"}
    assert real == {0: (True, 0.9), 1: (False, 0.5), 2: (True, 0.905)} and not left_out


def test_recorded_draws_are_not_told_as_run_here(toy, tmp_path):
    """Of an empty folder, with the evidence of several draws, also where a field was set by hand."""
    page = write_report([toy], tmp_path / "empty", tmp_path / "report.html").read_text()
    evidence, _ = results.recorded([toy])
    assert f"0 real, 0 demo; recorded with the code: {len(evidence)}" in page
    assert "all of them recorded with the code" in " ".join(page.split())
    view, _ = paper_view(toy, evidence, tmp_path / "empty")
    assert any(line.comparison.obtained.overrides for line in view.lines if line.origin)
    assert {line.origin for line in view.lines} <= {"recorded", ""}
    scene.write(tmp_path / "here", "small", 1, 100)
    page = write_report([toy], tmp_path / "here", tmp_path / "report.html").read_text()
    assert f"1 real, 0 demo; recorded with the code: {len(evidence) - 1}" in page


def test_trials_are_recorded_and_shown_and_verified_like_draws(tmp_path):
    """Fails when a changed byte of a trial, or a line that does not follow from it, goes unnoticed."""
    for name, right in (("by-source", 120), ("by-image", 190)):
        config = {"set": "s", "name": name, "elsewhere": ""}
        folder = tmp_path / "out" / "trials" / f"s.{name}" / "draw-0"
        facts = {"paper": "trials", "row": f"s.{name}", "config": config, "command": "try s"}
        scene.write(tmp_path, right=right, folder=folder, **facts)
    lines = list(records.record_trials(tmp_path / "out", tmp_path))
    assert len(lines) == 2 and all("recorded in" in line for line in lines)
    page = tmp_path / "docs" / "found.md"
    page.write_text("<!-- table: trials -->\n<!-- /table -->\n")
    assert any(str(page) in line for line in records.verify([], tmp_path))
    render_readmes([], tmp_path)
    assert "+35.0 points" in page.read_text() and list(records.verify([], tmp_path)) == []
    for path in (tmp_path / "docs" / "trials").rglob("*.gz"):
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert any(path.name in line for line in records.verify([], tmp_path))
        path.write_bytes(content)
    (tmp_path / "docs" / "trials" / "stray.csv").write_text("")
    assert any("stray.csv: belongs to no recorded draw" in line for line in records.verify([], tmp_path))


def test_trials_of_a_set_are_not_mixed_with_recorded_ones(tmp_path):
    """A leak between our split by source and somebody's split by image."""
    recorded = findings.recorded_trials(findings.ROOT)
    assert {"covid_ct.by-image", "covid_ct.by-source"} <= {run.row for run in recorded}
    config = {"set": "covid_ct", "name": "by-source", "elsewhere": ""}
    folder = tmp_path / "trials" / "covid_ct.by-source" / "draw-0"
    facts = {"paper": "trials", "row": "covid_ct.by-source", "config": config, "command": "try covid_ct"}
    scene.write(tmp_path, right=120, folder=folder, **facts)
    runs, _ = results.find([], tmp_path)
    asked = [line[1] for line in findings.part(runs).lines if line[0] == "covid_ct"]
    assert asked == ["As they are"]
    assert any(line[1] == "Leak" for line in findings.part([]).lines if line[0] == "covid_ct")
