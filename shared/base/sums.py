"""Checksums of files that are written once and read for months: is each still what was written?"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from shared.base.files import write_text

FILE = "sums.json"
BLOCK = 1 << 24
"""Bytes under one checksum: as many as are read at once."""
Sums = Mapping[str, Any]

_intact: set[tuple[Path, int, int]] = set()
"""What this process has found intact: a file is read for this once."""


def file_hash(path: Path) -> str:
    """SHA-256 of a file's contents, block by block: its name and size may stay the same when it changes."""
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def of_file(path: Path) -> Sums:
    """A file's length and a checksum for each block of it."""
    return {"length": path.stat().st_size, "blocks": list(_blocks(path))}


def of_folder(folder: Path, but: tuple[str, ...] = ()) -> dict[str, Sums]:
    """The checksums of all files below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: of_file(path) for name, path in names.items() if name not in but}


def keep(folder: Path) -> None:
    """Writes the checksums of a folder into it."""
    write_text(folder / FILE, json.dumps(of_folder(folder, but=(FILE,))))


def renew(folder: Path, name: str) -> None:
    """Takes over one file of a folder as it is now."""
    kept = json.loads((folder / FILE).read_text())
    write_text(folder / FILE, json.dumps(kept | {name: of_file(folder / name)}))


def damage(folder: Path, wanted: Callable[[str], bool] = lambda name: True) -> str:
    """The first damage of a folder that holds its own checksums, among the files that are wanted."""
    try:
        kept = json.loads((folder / FILE).read_text())
        return damage_of({folder / name: sums for name, sums in kept.items() if wanted(name)})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return f"{FILE} is missing or cannot be read"


def damage_of(files: Mapping[Path, Sums]) -> str:
    """What is the matter with the first file that is not what it was; '' where all are."""
    return next((found for path, sums in files.items() if (found := _damage(path, sums))), "")


def _damage(path: Path, sums: Sums) -> str:
    if not path.is_file():
        return f"{path.name} is missing"
    state = path.stat()
    seen = (path, state.st_size, state.st_mtime_ns)
    if seen in _intact:
        return ""
    if state.st_size != sums["length"]:
        return f"{path.name} has {state.st_size:,} bytes of {sums['length']:,}"
    for number, (now, then) in enumerate(zip(_blocks(path), sums["blocks"], strict=True)):
        if now != then:
            return f"{path.name} has changed after byte {number * BLOCK:,}"
    _intact.add(seen)
    return ""


def _blocks(path: Path) -> Iterator[int]:
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            yield zlib.crc32(block)
