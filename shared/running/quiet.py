"""A quiet machine for a benchmark: runs that are at work are stopped while it measures, and then go on.

A run signs in with a file that names its process. A benchmark claims the machine, so that no run begins
meanwhile, and sends SIGSTOP to those that signed in: a training may not come to a natural pause for an hour.
A small process of its own sends SIGCONT when the benchmark ends, in whatever way it ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from shared.base.claim import began, claimed
from shared.base.files import make_folder

FOLDER = Path(tempfile.gettempdir()) / f"covid-reproductions-{os.getuid()}"
CLAIM = "measuring.claim"
RESUME = 'cat > /dev/null; for each in "$@"; do kill -CONT "$each"; done'
"""Waits for the end of its input, which comes when the benchmark closes it or dies."""


@contextlib.contextmanager
def at_work(folder: Path = FOLDER) -> Iterator[None]:
    """Signs this process in; waits first for a benchmark that is measuring."""
    make_folder(folder)
    sign = folder / str(os.getpid())
    with claimed(folder / CLAIM):
        sign.write_text(began(os.getpid()), encoding="utf-8")
    try:
        yield
    finally:
        sign.unlink(missing_ok=True)


@contextlib.contextmanager
def paused(folder: Path = FOLDER) -> Iterator[int]:
    """Stops all processes that signed in; gives their number."""
    make_folder(folder)
    with claimed(folder / CLAIM):
        processes = signed_in(folder)
        words = ["sh", "-c", RESUME, "resume", *map(str, processes)]
        resume = subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True)
        try:
            for process in processes:
                os.kill(process, signal.SIGSTOP)
            yield len(processes)
        finally:
            resume.communicate()


def signed_in(folder: Path) -> list[int]:
    """The processes at work; the sign of one that was killed is removed."""
    found = []
    for sign in folder.iterdir():
        if sign.name.isdecimal():
            if sign.read_text(encoding="utf-8") == began(int(sign.name)) != "":
                found.append(int(sign.name))
            else:
                sign.unlink(missing_ok=True)
    return found
