"""Stages: computed once, found again, safe against kills and races."""

import fcntl
import multiprocessing
import os
import time

import pytest

from shared.training.stages import Stages


def test_a_stage_is_made_once_and_found_by_the_next_run(tmp_path):
    made = []

    def make(work):
        made.append(work)
        (work / "x").write_text("1")

    for _ in range(2):
        folder = Stages(tmp_path).folder("features", {"seed": 1, "shape": (2, 3)}, make)
        assert (folder / "x").read_text() == "1"
    assert len(made) == 1


def test_any_part_of_the_key_makes_another_stage(tmp_path):
    stages = Stages(tmp_path)
    paths = {stages.folder(n, {"a": a, "b": 2}, lambda work: None) for n in "pq" for a in (1, "1", 1.5)}
    assert len(paths) == 6


def test_a_finished_stage_is_known_by_all_of_the_part_of_its_key_that_is_asked_for(tmp_path):
    """Fails when the plan takes a stage of another seed for the one that it needs."""
    stages = Stages(tmp_path)
    stages.folder("features", {"side": 224, "seed": 0}, lambda work: None)
    assert stages.any_done("features", {"seed": 0}) and stages.any_done("features", {"side": 224, "seed": 0})
    assert not stages.any_done("features", {"side": 224, "seed": 1})
    assert not stages.any_done("body", {"seed": 0})


def test_a_killed_stage_is_not_done_and_its_checkpoints_are_found_again(tmp_path):
    stages, key = Stages(tmp_path), {"seed": 1}

    def killed(work):
        (work / "checkpoint").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stages.folder("training", key, killed)
    assert not stages.done("training", key)
    seen = []
    stages.folder("training", key, lambda work: seen.append((work / "checkpoint").read_text()))
    assert seen == ["half"]
    assert stages.done("training", key)


def test_a_stage_tells_the_machines_that_made_it_where_they_are_others(tmp_path):
    """Fails when a training that a GPU began passes for the work of the CPU that ended it."""
    gpu, cpu = {"device": "GPU", "threads": {"intra": 2}}, {"device": "CPU", "threads": {"intra": 2}}

    def killed(work):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Stages(tmp_path, machine=gpu).folder("body", {}, killed)
    here = Stages(tmp_path, machine=cpu)
    folder = here.folder("body", {}, lambda work: None)
    here.folder("own", {}, lambda work: None)
    assert here.made_elsewhere == {folder.name: [{"device": "GPU"}]}
    again = Stages(tmp_path, machine=cpu)
    again.folder("body", {}, lambda work: None)
    assert again.made_elsewhere == here.made_elsewhere


def _race(root, start):
    start.wait()

    def make(work):
        with open(root / "makers", "a") as file:
            file.write(f"{os.getpid()}\n")
        time.sleep(0.1)
        (work / "value").write_text("whole")

    assert (Stages(root).folder("raced", {"k": 1}, make) / "value").read_text() == "whole"


def test_processes_that_race_for_a_stage_make_it_once(tmp_path, monkeypatch):
    """Also where flock does nothing, as on some network file systems."""
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)
    context = multiprocessing.get_context("fork")
    start = context.Event()
    racers = [context.Process(target=_race, args=(tmp_path, start)) for _ in range(4)]
    for racer in racers:
        racer.start()
    start.set()
    for racer in racers:
        racer.join()
    assert [racer.exitcode for racer in racers] == [0] * 4
    assert len((tmp_path / "makers").read_text().split()) == 1


def truncated(path):
    path.write_bytes(path.read_bytes()[:-1])


def flipped(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("file", ["value.bin", "deep/note", "stage.json"])
@pytest.mark.parametrize("damage", [truncated, flipped, lambda path: path.unlink()])
def test_a_damaged_stage_is_made_again_with_a_line_that_says_so(file, damage, tmp_path, capsys):
    """Fails when a flipped byte is trained with, or a truncated file ends in a traceback for ever."""

    def make(work):
        (work / "deep").mkdir(exist_ok=True)
        (work / "value.bin").write_bytes(bytes(range(200)))
        (work / "deep" / "note").write_text("note")

    stages = Stages(tmp_path)
    folder = stages.folder("features", {"a": 1}, make)
    damage(folder / file)
    if (folder / file).exists():
        os.utime(folder / file, ns=(1, 1))
    again = stages.folder("features", {"a": 1}, make)
    assert again == folder and (folder / "value.bin").read_bytes() == bytes(range(200))
    said = capsys.readouterr().out
    assert said.startswith(f"{folder} cannot be used (") and len(said.splitlines()) == 1
    stages.folder("features", {"a": 1}, lambda work: pytest.fail("made a third time"))
    assert not stages.any_done("features", {"a": 2})


def test_a_stage_without_checksums_is_called_old_and_made_again(tmp_path, capsys):
    """Fails when an older version's stage is used unchecked, or called damaged."""
    stages = Stages(tmp_path)
    folder = stages.folder("features", {}, lambda work: (work / "value").write_text("old"))
    (folder / "stage.json").write_text('{"name": "features", "key": {}, "code": []}')
    stages.folder("features", {}, lambda work: (work / "value").write_text("new"))
    assert (folder / "value").read_text() == "new"
    assert "an older version made it" in capsys.readouterr().out


def test_checkpoints_go_when_their_stage_is_finished(tmp_path):
    def make(work):
        (work / "checkpoints").mkdir()
        (work / "checkpoints" / "1.npz").write_text("gigabytes")

    folder = Stages(tmp_path).folder("training", {}, make)
    assert not (folder / "checkpoints").exists()
    assert Stages(tmp_path).folder("training", {}, make) == folder
