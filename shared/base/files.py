"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from shared.base.disk import cannot_write


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary path in the same folder; what is written there takes its place once it is on disk.

    A write that fails leaves the old file as it was, and one line that names the file.
    """
    path = Path(path)
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield temporary
        sync(temporary)
        os.replace(temporary, path)
    except OSError as error:
        if error.filename not in (None, str(temporary)):
            raise  # about another file
        raise cannot_write(path, error) from error
    finally:
        with contextlib.suppress(OSError):  # a read-only disk refuses even where there is nothing to remove
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str, errors: str = "strict") -> None:
    """A text file, whole, as UTF-8."""
    with whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors=errors)


def write_bytes(path: Path, content: bytes) -> None:
    """A file, whole."""
    with whole(path) as temporary:
        temporary.write_bytes(content)


def remove_left_overs(path: Path) -> None:
    """Removes what killed writers of this file left behind; only for a process that alone may write it."""
    path = Path(path)
    for left_over in path.parent.glob(f".{glob.escape(path.name)}.{'[0-9a-f]' * 8}.part"):
        left_over.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """The folder and those above it; where none can be made, one line says why."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error


def sync(path: Path) -> None:
    """Waits until a file is on disk."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
