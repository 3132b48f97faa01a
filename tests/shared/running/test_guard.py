"""What stops a command from outside, and what a user can mend, end in one line."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shared.running.guard import guarded

ROOT = Path(__file__).parents[3]
STOPPED = """
import sys, time
from shared.running.guard import guarded
sys.exit(guarded(lambda: print("begun") or time.sleep(60)))
"""


def stopped_by(number: signal.Signals, *before: str) -> tuple[int, str]:
    """Exit code and last words of a command that gets this signal while it works."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
    # Tests that nohup started would hand its deaf ear on.
    hears = {"preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)}
    with subprocess.Popen([*before, sys.executable, "-u", "-c", STOPPED], **pipes, **hears) as process:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(number)
        _, words = process.communicate(timeout=30)
    return process.returncode, words


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_stops_at_once_with_the_same_sentence(number, code):
    """Fails when a scheduler's SIGTERM kills without a word, or in the middle of a file."""
    assert stopped_by(number) == (code, "\nStopped. Run the same command to resume.\n")


def test_a_terminal_that_closes_does_not_end_what_nohup_started():
    code = "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
    code += "from shared.running.guard import guarded; import os; "
    code += "sys.exit(guarded(lambda: os.kill(os.getpid(), signal.SIGHUP) or print('went on') or 0))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "went on\n")


def test_a_caller_gets_its_own_handlers_back():
    before = signal.getsignal(signal.SIGTERM)
    assert guarded(lambda: 0) == 0
    assert signal.getsignal(signal.SIGTERM) is before


class ResourceExhaustedError(Exception):
    """As TensorFlow's."""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/x/y"), "/x/y cannot be written (No space"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "the disk is full (nothing is free)"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS), "/tmp/x"), "Read-only file system"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/secret"), "/secret: no permission"),
        (FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "/gone"), "/gone: it is not there any"),
        (ResourceExhaustedError("/a/b.tfrecord; No space left on device"), "are free at /a/b.tfrecord)"),
        (ResourceExhaustedError("failed to allocate memory"), "the memory is not enough"),
        (MemoryError(), "the memory is not enough"),
        (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), "the memory is not enough"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "error: Read-only file system\n"),
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "error: Too many open files\n"),
    ],
)  # fmt: skip
def test_a_full_or_vanished_disk_and_full_memory_are_one_line(error, words, capsys):
    def fail() -> int:
        raise error

    assert guarded(fail) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ") and words in said and len(said.splitlines()) == 1


def test_an_error_of_the_program_is_not_hidden():
    def fail() -> int:
        raise ValueError("a mistake of ours")

    with pytest.raises(ValueError, match="ours"):
        guarded(fail)
