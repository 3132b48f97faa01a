"""Around every command: signals stop it, and what a user can mend is one line."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

from shared.base.disk import cannot_write, existing, size
from shared.base.errors import UserError
from shared.base.files import write_text

SIGNALS = (signal.SIGTERM, signal.SIGHUP)
"""Of a scheduler that ends a job, and of a terminal that closes."""


class Stopped(KeyboardInterrupt):
    """Another signal than Ctrl-C's, which stops a command in the same way."""

    def __init__(self, number: int):
        super().__init__(number)
        self.number = number


def guarded(command: Callable[[], int]) -> int:
    """Runs a command and returns its exit code; an error that the user can mend is one line and code 2."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)  # a log file shows each epoch when it ends
    try:
        with _signals_stop(), _without_warnings():
            return command()
    except KeyboardInterrupt as stop:
        print("\nStopped. Run the same command to resume.", file=sys.stderr)
        return 128 + (stop.number if isinstance(stop, Stopped) else signal.SIGINT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        line = _one_line(error)
        if not line:
            raise
        print(f"error: {line}", file=sys.stderr)
        return 2


@contextlib.contextmanager
def naming_the_settings(settings: Sequence[str], out: Path) -> Iterator[None]:
    """An error under settings made by hand names them: nobody has tried all values together.

    The whole message is kept in a file, for the case that the settings are not to blame.
    """
    try:
        yield
    except Exception as error:
        if not settings or _one_line(error):
            raise
        kept = Path(out) / "error.txt"
        write_text(kept, traceback.format_exc())
        reason = next(iter(str(error).strip().splitlines()), "")
        raise UserError(
            f"with {', '.join(settings)} this cannot run ({type(error).__name__}: {reason}); "
            f"choose other values; the whole message is in {kept}"
        ) from error


def _one_line(error: Exception) -> str:
    """What the user can mend, and how; '' for an error of the program."""
    text = str(error)
    if isinstance(error, UserError):
        return text
    if "No space left" in text and not isinstance(error, OSError):  # as TensorFlow says it
        return _of_a_full_disk(re.search(r"/[^\s;]+", text))
    if _is_full_memory(error):
        return "the memory is not enough: end other programs, or set a smaller batch by --set batch=N"
    if isinstance(error, ImportError) and ".so" in text:
        remedy = "install the system's libgl1 and libglib2.0-0, or opencv-python-headless"
        return f"a library cannot be loaded ({text}); if it is OpenCV's: {remedy}"
    return _of_the_system(error) if isinstance(error, OSError) and error.errno is not None else ""


def _is_full_memory(error: Exception) -> bool:
    """As Python, TensorFlow and the system say it."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def _of_a_full_disk(path: re.Match[str] | None) -> str:
    where = Path(path[0]) if path else None
    free = (
        f"{size(shutil.disk_usage(existing(where)).free)} are free at {where}" if where else "nothing is free"
    )
    return f"the disk is full ({free}): make room, then run the same command again"


def _of_the_system(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT) and not error.filename:
        return _of_a_full_disk(None)
    if not error.filename:
        return error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        return str(cannot_write(Path(error.filename), error))
    remedies = {errno.ENOENT: "it is not there any more", errno.EACCES: "no permission"}
    return f"{error.filename}: {remedies.get(error.errno or 0, error.strerror)} ({error.strerror})"


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """Libraries warn of what no user can mend; `python -W default` shows it."""
    with warnings.catch_warnings():
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _signals_stop() -> Iterator[None]:
    """SIGTERM and SIGHUP stop what is inside, as Ctrl-C does; one that is ignored (nohup) stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped(number)

    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
