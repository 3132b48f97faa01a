"""The disk: how much is free, and what to say when it cannot be written."""

from __future__ import annotations

import shutil
from pathlib import Path

from shared.base.errors import UserError


def need_room(
    folder: Path, needed: int, what: str, remedy: str = "free some, or choose another folder"
) -> None:
    """One line with what is needed and what is free, before a write that the disk has no room for."""
    free = shutil.disk_usage(existing(folder)).free
    if needed > free:
        raise UserError(f"{folder}: {what} need {size(needed)} and {size(free)} are free: {remedy}")


def cannot_write(path: Path, error: OSError) -> UserError:
    """Why a file or folder could not be written, and how much room there is."""
    try:
        room = f"; {size(shutil.disk_usage(existing(path)).free)} are free there"
    except OSError:
        room = ""
    reason = error.strerror or error
    return UserError(f"{path} cannot be written ({reason}{room}): make room or choose another folder")


def existing(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    path = Path(path).absolute()
    return next((each for each in (path, *path.parents) if each.exists()), path)


def size(count: float) -> str:
    """A number of bytes that a person can read."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:,.1f} GB"
