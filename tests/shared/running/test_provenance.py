"""Where a draw comes from: kept from its first start, and what changed until its end is said."""

import dataclasses
import subprocess
from pathlib import Path

import pytest
from runtimes import ON_CPU

from reproductions.__main__ import PAPERS, papers
from shared.paper import Folders
from shared.running import provenance
from shared.training.stages import Stages

GROUND = {"config": {"id": "a", "batch": 3}, "code_version": 1, "data": {"d": {"images": 5}}, "weights": {}}
PROCESS = {
    "code": {"commit": "1" * 40, "changed": []},
    "versions": {"keras": "3"},
    "threads": {"intra": 2, "inter": 2, "cores": 2},
    "device": "CPU",
    "precision": "float32",
    "parts": 1,
}


def test_a_resumed_draw_keeps_the_facts_of_its_first_start(tmp_path, capsys):
    """Fails when the last process signs for the work of the first, or another commit goes without a word."""
    first = provenance.begin(tmp_path, GROUND, PROCESS)
    (tmp_path / "checkpoint").write_text("kept")
    assert provenance.begin(tmp_path, GROUND, PROCESS) == first and not first["resumed"]
    later = PROCESS | {"code": {"commit": "2" * 40, "changed": ["shared/x.py"]}}
    resumed = provenance.begin(tmp_path, GROUND, later)
    assert {**resumed, "resumed": []} == first
    assert [entry["code"] for entry in resumed["resumed"]] == [later["code"]]
    assert (tmp_path / "checkpoint").exists() and "warning" not in capsys.readouterr().out


def test_another_number_of_threads_is_noted_and_warned_of(tmp_path, capsys):
    provenance.begin(tmp_path, GROUND, PROCESS)
    resumed = provenance.begin(tmp_path, GROUND, PROCESS | {"threads": {"intra": 1, "inter": 1, "cores": 1}})
    assert resumed["threads"]["intra"] == 2 and resumed["resumed"][0]["threads"]["intra"] == 1
    said = capsys.readouterr().out
    assert "warning" in said and "intra 2" in said and "intra 1" in said


def test_another_number_of_parts_is_noted_and_warned_of(tmp_path, capsys):
    """Fails when a draw whose dropout was drawn in parts passes for one that was trained whole."""
    in_parts = provenance.process(dataclasses.replace(ON_CPU, parts=4), {})
    provenance.begin(tmp_path, GROUND, provenance.process(ON_CPU, {}))
    resumed = provenance.begin(tmp_path, GROUND, in_parts)
    assert resumed["parts"] == 1 and resumed["resumed"][0]["parts"] == 4
    assert "parts 1, now 4: the result may differ" in (said := capsys.readouterr().out) and "dropout" in said


@pytest.mark.parametrize(
    "other",
    [{"weights": {"w.h5": {"sha256": "f"}}}, {"config": {"id": "a", "batch": 4}}, {"code_version": 2}],
)
def test_checkpoints_of_other_data_weights_or_config_do_not_serve(tmp_path, other):
    """Fails when a draw goes on from weights that other images or settings made."""
    provenance.begin(tmp_path, GROUND, PROCESS)
    (tmp_path / "checkpoints").mkdir()
    begun = provenance.begin(tmp_path, GROUND | other, PROCESS)
    assert not (tmp_path / "checkpoints").exists() and begun["resumed"] == []


def test_checkpoints_of_another_precision_do_not_serve(tmp_path, capsys):
    """Fails when a draw that a CPU began goes on from its float32 state in a GPU's half precision."""
    provenance.begin(tmp_path, GROUND, PROCESS)
    (tmp_path / "checkpoints").mkdir()
    begun = provenance.begin(tmp_path, GROUND, PROCESS | {"precision": "mixed_float16"})
    assert not (tmp_path / "checkpoints").exists() and begun["precision"] == "mixed_float16"
    assert capsys.readouterr().out == "  begun anew, since this has changed: precision\n"


def test_a_note_that_was_cut_begins_anew(tmp_path):
    provenance.begin(tmp_path, GROUND, PROCESS)
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / provenance.BEGUN).write_text('{"config"')
    provenance.begin(tmp_path, GROUND, PROCESS)
    assert not (tmp_path / "checkpoints").exists()


def test_the_commit_and_changed_python_files_are_told(tmp_path, monkeypatch):
    """Fails when an untracked module or a staged change passes for the commit, or a README makes it dirty."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    (tmp_path / "README.md").write_text("words")
    clean = provenance.code()
    assert len(clean["commit"]) == 40 and clean["changed"] == []
    (tmp_path / "new.py").write_text("")
    assert provenance.code() == clean | {"changed": ["new.py"]}
    monkeypatch.setattr(provenance, "ROOT", Path("/"))
    assert provenance.code() == {"commit": "", "changed": []}


def test_the_commits_that_made_a_stage_are_known_to_every_draw_that_uses_it(tmp_path):
    """Fails when a stage that a changed tree made is taken for the work of a clean commit."""
    old, new = Stages(tmp_path, {"commit": "1"}), Stages(tmp_path, {"commit": "2"})

    def killed(work):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        old.folder("body", {"a": 1}, killed)
    new.folder("body", {"a": 1}, lambda work: None)
    third = Stages(tmp_path, {"commit": "3"})
    third.folder("body", {"a": 1}, lambda work: None)
    assert list(third.used.values()) == [[{"commit": "1"}, {"commit": "2"}]]


@pytest.mark.parametrize("paper", papers(), ids=PAPERS)
def test_every_need_of_every_row_has_facts(paper):
    """Fails when a row rests on data or weights of which its facts would say nothing."""
    for row in paper.rows:
        assert all(need.facts for need in paper.needs(row)), row.id


@pytest.mark.parametrize("paper", papers(), ids=PAPERS)
def test_the_facts_of_look_alikes_count_what_is_there(paper, tmp_path):
    """Fails when a paper counts another part of its data than it uses, or an image that is not there."""
    paper.write_phantoms(tmp_path / "data")
    folders = Folders(tmp_path / "data", tmp_path / "weights", tmp_path / "cache")
    seen = {}
    alike = {tuple(need.what for need in paper.needs(row)): row for row in paper.rows}
    for row in map(paper.demo, alike.values()):
        found = provenance.ground(paper, row, folders)["data"]
        seen |= {
            name: facts for name, facts in found.items() if "format" in facts["part"]
        }  # not labels alone
    assert seen
    for name, facts in seen.items():
        part = facts["part"]
        assert 0 < part["images"] <= facts["images"] and facts["images"] < facts["published"], name
        assert part["images"] <= part["published"]
        assert sum(part["format"].values()) == sum(part["channels"].values()) == part["images"]
        assert sum(here for here, _ in facts["classes"].values()) == facts["images"]
        assert not part["known"]["bytes"] and not part["known"]["pixels"], "a look-alike is not the real one"
