"""Claims: one process at a time, also where flock does nothing."""

import json
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from shared.base import claim
from shared.base.claim import claimed
from shared.base.errors import UserError

FORK = multiprocessing.get_context("fork")


def owner_of(path) -> dict:
    return json.loads(path.read_text())


def test_a_claim_is_held_by_one_and_gone_afterwards(tmp_path):
    path = tmp_path / "deep" / "claim"
    with claimed(path) as mine:
        assert mine
        with claimed(path, wait=False) as second:
            assert not second
    assert list(path.parent.iterdir()) == []
    with claimed(path, wait=False) as again:
        assert again


def hold_for_ever(path, held):
    with claimed(path):
        held.set()
        time.sleep(60)


def killed_owner(path) -> int:
    held = FORK.Event()
    process = FORK.Process(target=hold_for_ever, args=(path, held))
    process.start()
    held.wait()
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    return process.pid


def test_the_claim_of_a_killed_process_is_taken_over_at_once(tmp_path):
    path = tmp_path / "claim"
    dead = killed_owner(path)
    assert owner_of(path)["process"] == dead
    with claimed(path, wait=False) as mine:
        assert mine
        assert owner_of(path)["process"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


def work(path, start, log):
    start.wait()
    with claimed(path):
        with open(log, "a") as file:
            file.write("in\n")
        time.sleep(0.01)
        with open(log, "a") as file:
            file.write("out\n")


def test_heirs_of_a_dead_owner_enter_one_after_another(tmp_path):
    path, log, start = tmp_path / "claim", tmp_path / "log", FORK.Event()
    killed_owner(path)
    racers = [FORK.Process(target=work, args=(path, start, log)) for _ in range(8)]
    for racer in racers:
        racer.start()
    start.set()
    for racer in racers:
        racer.join()
    assert [racer.exitcode for racer in racers] == [0] * 8
    assert log.read_text().split() == ["in", "out"] * 8
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log"]


def test_an_heir_who_comes_late_sees_that_another_was_first(tmp_path, monkeypatch):
    """Fails when two processes that found one dead owner both replace the claim."""
    path, read = tmp_path / "claim", claim._read
    dead = claim.Owner("old", claim._machine(), killed_owner(tmp_path / "other"), "1")
    seen = iter([dead])
    with claimed(path):
        monkeypatch.setattr(claim, "_read", lambda path: next(seen, None) or read(path))
        assert not claim._take(path, claim._myself())


@pytest.mark.parametrize(("silence", "taken"), [(10, False), (1000, True)])
def test_another_machine_is_taken_for_gone_after_a_long_silence(tmp_path, silence, taken):
    path = tmp_path / "claim"
    text = {"token": "t", "machine": "elsewhere 1 pid:[1]", "process": os.getpid(), "began": "1"}
    path.write_text(json.dumps(text))
    last = time.time() - silence
    os.utime(path, (last, last))
    with claimed(path, wait=False) as mine:
        assert mine == taken


@pytest.mark.parametrize(("silence", "taken"), [(10, False), (1000, True)])
def test_a_claim_without_a_name_is_unfinished_until_it_is_old(tmp_path, silence, taken):
    path = tmp_path / "claim"
    path.touch()
    last = time.time() - silence
    os.utime(path, (last, last))
    with claimed(path, wait=False) as mine:
        assert mine == taken


def test_the_number_of_a_dead_process_given_anew_is_not_its_owner(tmp_path):
    path = tmp_path / "claim"
    with claimed(path):
        text = owner_of(path)
    path.write_text(json.dumps(text | {"began": "1"}))
    with claimed(path, wait=False) as mine:
        assert mine


def claim_of_a_live_process(path, silence, began):
    owner = {"token": "t", "machine": claim._machine(), "process": os.getpid(), "began": began}
    path.write_text(json.dumps(owner))
    last = time.time() - silence
    os.utime(path, (last, last))


@pytest.mark.parametrize(("silence", "taken"), [(10, False), (1000, True)])
@pytest.mark.parametrize("known", ["", "1"])
def test_an_owner_whose_start_cannot_be_told_is_gone_after_a_long_silence(
    tmp_path, monkeypatch, silence, taken, known
):
    """Fails when a process that was given a dead owner's number keeps its claim for ever, as on macOS."""
    monkeypatch.setattr(claim, "began", lambda process: "")
    monkeypatch.setattr(claim, "HEARTBEAT", 0.01)
    claim_of_a_live_process(tmp_path / "claim", silence, known)
    with claimed(tmp_path / "claim", wait=False) as mine:
        assert mine == taken


def test_an_owner_on_a_machine_that_slept_keeps_its_claim(tmp_path, monkeypatch):
    """Fails when who wakes first takes the work over, since every sign of life is old then."""
    path = tmp_path / "claim"
    monkeypatch.setattr(claim, "began", lambda process: "")
    monkeypatch.setattr(claim.time, "sleep", lambda seconds: os.utime(path))
    claim_of_a_live_process(path, 1000, "")
    with claimed(path, wait=False) as mine:
        assert not mine


@pytest.mark.parametrize(("same", "taken"), [(True, False), (False, True)])
def test_a_process_of_another_user_is_known_by_its_start(tmp_path, monkeypatch, same, taken):
    """Fails when any process of another user counts as the owner, however old the claim."""

    def not_ours(process, signal):
        raise PermissionError

    monkeypatch.setattr(os, "kill", not_ours)
    claim_of_a_live_process(tmp_path / "claim", 1000, claim.began(os.getpid()) if same else "1")
    with claimed(tmp_path / "claim", wait=False) as mine:
        assert mine == taken


def test_who_may_write_nothing_there_waits(tmp_path, monkeypatch):
    """Fails when the claim of another user on another machine ends the command with a traceback."""

    def not_ours(path):
        raise PermissionError

    monkeypatch.setattr(Path, "touch", not_ours)
    text = {"token": "t", "machine": "elsewhere 1 pid:[1]", "process": 1, "began": "1"}
    (tmp_path / "claim").write_text(json.dumps(text))
    os.utime(tmp_path / "claim", (1, 1))
    with claimed(tmp_path / "claim", wait=False) as mine:
        assert not mine


def test_the_owner_gives_signs_of_life(tmp_path, monkeypatch):
    """Fails when a long computation looks dead to another machine."""
    monkeypatch.setattr(claim, "HEARTBEAT", 0.01)
    path = tmp_path / "claim"
    with claimed(path):
        os.utime(path, (1, 1))
        for _ in range(500):
            if path.stat().st_mtime > 1:
                break
            time.sleep(0.01)
        assert path.stat().st_mtime > 1


def test_who_lost_the_claim_hears_of_it(tmp_path):
    path = tmp_path / "claim"
    with pytest.raises(UserError, match="another took its work over"), claimed(path):
        path.write_text(json.dumps(owner_of(path) | {"token": "other"}))
    assert owner_of(path)["token"] == "other"
