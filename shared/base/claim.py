"""One process at a time: a claim is a file that exactly one process can create.

A lock of the operating system (flock) does nothing on some network file systems. A file that is created
exclusively works on all of them. It names its owner, and the owner touches it as long as it works; when the
owner is gone, the next process takes the claim over.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from shared.base.disk import cannot_write
from shared.base.errors import UserError
from shared.base.files import make_folder

HEARTBEAT = 5.0
"""Seconds between two signs of life."""
SILENCE = 120.0
"""Seconds without one after which the owner on another machine is taken for gone."""
PAUSE = 0.1
"""Seconds between two attempts of a process that waits."""


@dataclasses.dataclass(frozen=True)
class Owner:
    """A process, as another one can recognise it; the token tells its claims apart."""

    token: str
    machine: str
    process: int
    began: str


UNFINISHED = Owner("unfinished", "an unknown machine", 0, "")
"""Of a claim that is just being written, or whose owner was killed while it was."""


@contextlib.contextmanager
def claimed(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Holds the claim `path` for a while; gives False where another process has it and we do not wait."""
    path, me = Path(path), _myself()
    make_folder(path.parent)
    if not _obtain(path, me, wait):
        yield False
        return
    done = threading.Event()
    threading.Thread(target=_keep_alive, args=(path, done), daemon=True).start()
    try:
        yield True
        if not path.parent.is_dir():
            raise UserError(
                f"{path.parent} is gone, and with it what was made there: run the same command again"
            )
        if _read(path) != me:
            raise UserError(f"{path}: this process was silent for too long and another took its work over")
    finally:
        done.set()
        if _read(path) == me:
            path.unlink(missing_ok=True)


def _obtain(path: Path, me: Owner, wait: bool) -> bool:
    told = False
    while not _take(path, me):
        if not wait:
            return False
        other = _read(path)
        if other and other != UNFINISHED and not told:
            print(f"waiting for process {other.process} on {other.machine.split()[0]}, which holds {path}")
            told = True
        time.sleep(PAUSE)
    return True


def _take(path: Path, me: Owner) -> bool:
    """Whether the claim is ours now: created, or taken over from an owner who is gone.

    Who takes over must first hold a claim that is named after the dead owner's token. So two heirs cannot
    both replace the file, and one who comes late sees that the token has changed.
    """
    if _create(path, me):
        return True
    other = _read(path)
    if other is None or _is_alive(other, path):
        return False
    right = path.with_name(f"{path.name}.{other.token}")
    if not _take(right, me):
        return False
    try:
        return _read(path) == other and _replace(path, me)
    finally:
        right.unlink(missing_ok=True)


def _create(path: Path, me: Owner) -> bool:
    try:
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        return False
    except OSError as error:
        raise cannot_write(path, error) from error
    with open(file, "w", encoding="utf-8") as out:
        out.write(_text(me))
    return True


def _replace(path: Path, me: Owner) -> bool:
    new = path.with_name(f"{path.name}.{me.token}.new")
    new.write_text(_text(me), encoding="utf-8")
    os.replace(new, path)
    return True


def _text(owner: Owner) -> str:
    return json.dumps(dataclasses.asdict(owner)) + "\n"


def _read(path: Path) -> Owner | None:
    """The owner; None where there is no claim."""
    try:
        return Owner(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError):
        return UNFINISHED


def _keep_alive(path: Path, done: threading.Event) -> None:
    while not done.wait(HEARTBEAT):
        with contextlib.suppress(OSError):
            os.utime(path)


# --- who is alive ----------------------------------------------------------------------------------------


def _myself() -> Owner:
    return Owner(secrets.token_hex(8), _machine(), os.getpid(), began(os.getpid()))


def _machine() -> str:
    """The machine since it was started and, in a container, its own numbering of processes.

    Nodes of a cluster may share a name: the number of the start tells them apart.
    """
    try:
        start = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()} {start} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()


def began(process: int) -> str:
    """When a process began, in the kernel's own count: its number may have been given anew."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _is_alive(owner: Owner, path: Path) -> bool:
    if owner.machine != _machine():
        return not _is_silent(path)
    try:
        with contextlib.suppress(PermissionError):  # a process of another user
            os.kill(owner.process, 0)
    except ProcessLookupError:
        return False
    now = began(owner.process)
    if now and owner.began:
        return now == owner.began
    return not _stays_silent(path)  # the number alone may be another process's by now


def _stays_silent(path: Path) -> bool:
    """Whether no sign of life comes while we watch: where the machine slept, the last one is old."""
    if not _is_silent(path):
        return False
    time.sleep(2 * HEARTBEAT)
    return _is_silent(path)


def _is_silent(path: Path) -> bool:
    """Whether the last sign of life is old, by the file system's own clock."""
    clock = path.with_name(f"{path.name}.{secrets.token_hex(4)}.clock")
    try:
        clock.touch()
        return clock.stat().st_mtime - path.stat().st_mtime > SILENCE
    except OSError:  # the claim was given back, or lies where we may write nothing
        return False
    finally:
        clock.unlink(missing_ok=True)
