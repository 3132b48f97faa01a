"""What a command shows of its work: in a log a line a minute, on a terminal one line that is rewritten."""

import contextlib
import io
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

from shared.base import screen

ROOT = Path(__file__).parents[3]
WORK = """
import sys, time
from shared.base import screen
screen.EVERY = 0.2
with screen.opened(quiet={quiet}):
    screen.label("[1/2] a row:")
    with screen.working("a training", 4) as progress:
        for step in range(4):
            progress.note = f"epoch {{step + 1}}/4"
            screen.detail(f"line of epoch {{step + 1}}")
            time.sleep(0.4)
            progress.tick()
    print("[1/2] a row: done")
"""

ELSEWHERE = """
import contextlib, io, time
from shared.base import screen
with screen.opened():
    with contextlib.redirect_stdout(io.StringIO()):
        for _ in screen.over(range(4), "a build", 4):
            print("a word of a library")
            time.sleep(0.4)
    print("a row: done")
"""


def on_a_terminal(code: str) -> str:
    """All that a terminal of 80 columns gets to see of this code."""
    control, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=terminal,
        stderr=terminal,
        env=os.environ | {"COLUMNS": "80", "TERM": "xterm"},
    )
    os.close(terminal)
    seen = b""
    while True:
        try:
            part = os.read(control, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        seen += part
    process.wait()
    os.close(control)
    return seen.decode()


def test_on_a_terminal_one_line_is_rewritten_and_the_result_stays():
    """Fails when every epoch leaves a line behind, or the row's result is wiped away with the progress."""
    seen = on_a_terminal(WORK.format(quiet=False))
    assert "[1/2] a row: epoch 3/4" in seen and "left, a training" in seen
    assert "line of epoch" not in seen
    assert seen.count("[1/2] a row: done") == 1 and seen.index("[1/2] a row: done") > seen.index("epoch 4/4")


def test_quiet_is_plain_also_on_a_terminal():
    """Fails when escape codes end up in what a person asked to be plain, or lines are left out."""
    seen = on_a_terminal(WORK.format(quiet=True))
    assert "\x1b" not in seen and "line of epoch 4" in seen


def heard_of_an_epoch(capsys) -> str:
    """What the log says until it names the epoch that is at work, or after long enough."""
    with screen.working("a training", 10) as progress:
        progress.note = "epoch 1/9"
        deadline = time.monotonic() + 20
        said = ""
        while "  epoch 1/9, a training\n" not in said and time.monotonic() < deadline:
            time.sleep(0.05)
            said += capsys.readouterr().out
    return said


def test_a_log_hears_of_long_work_while_it_lasts(capsys, monkeypatch):
    """Fails when an epoch of ten minutes says nothing until it ends."""
    monkeypatch.setattr(screen, "EVERY", 0.05)
    with screen.opened():
        assert "  epoch 1/9, a training\n" in heard_of_an_epoch(capsys)


def test_a_log_hears_of_work_whose_own_words_go_elsewhere(capsys, monkeypatch):
    """Fails when a build of hours is silent, since what its library prints is thrown away."""
    monkeypatch.setattr(screen, "EVERY", 0.05)
    with screen.opened(), contextlib.redirect_stdout(io.StringIO()):
        assert "  epoch 1/9, a training\n" in heard_of_an_epoch(capsys)


def test_a_terminal_sees_work_whose_own_words_go_elsewhere():
    seen = on_a_terminal(ELSEWHERE)
    assert "2 of 4" in seen and "a word" not in seen and "a row: done" in seen


def test_a_fact_is_told_once_in_a_command_and_again_in_the_next(capsys):
    for _ in range(2):
        with screen.opened():
            screen.once("sc2c: 2,482 images")
            screen.once("sc2c: 2,482 images")
    assert capsys.readouterr().out.count("sc2c") == 2


def test_the_time_left_is_by_the_ticks_after_the_first(monkeypatch):
    """By hand: the first tick took 100 s (tracing), two more took 1 s each, five are left: 5 s."""
    now = iter([100.0, 101.0, 102.0, 102.0])
    monkeypatch.setattr(screen.time, "monotonic", lambda: next(now))
    progress = screen.Progress("a training", 8)
    progress.tick()
    monkeypatch.setattr(screen.time, "monotonic", lambda: 102.0)
    progress.tick()
    progress.tick()
    assert str(progress) == "3 of 8, 5 s left, a training"
