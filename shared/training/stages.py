"""Stages: work shared by rows or draws, computed once and found again by the next run."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shared.base.claim import claimed
from shared.base.files import make_folder, write_text

KEY_FILE, CODE_FILE = "stage.json", "code.json"


class Stages:
    """A folder of finished stages, each named after a hash of all it depends on."""

    def __init__(self, root: Path, code: Mapping[str, Any] | None = None):
        self.root = Path(root)
        self.code = dict(code or {})
        """The commit that this process runs, kept with each stage that it makes."""
        self.used: dict[str, list[Mapping[str, Any]]] = {}
        """Stage -> the commits that made it, of all stages that were asked for."""

    def done(self, name: str, key: Mapping[str, Any]) -> bool:
        """Whether the stage is there, finished."""
        return (self._path(name, key) / KEY_FILE).exists()

    def any_done(self, name: str, part: Mapping[str, Any]) -> bool:
        """Whether a finished stage of that name has all of this in its key."""
        part = _plain(part)
        keys = (json.loads(path.read_text())["key"] for path in self.root.glob(f"{name}-*/{KEY_FILE}"))
        return any(all(key.get(field) == value for field, value in part.items()) for key in keys)

    def folder(self, name: str, key: Mapping[str, Any], make: Callable[[Path], None]) -> Path:
        """The stage's folder; `make(work)` fills it if nobody has.

        A killed `make` is called again with the same work folder, so that checkpoints in it serve. A second
        process that wants the same stage waits for the first and then finds it done.
        """
        final = self._path(name, key)
        if not self.done(name, key):
            with claimed(final.with_suffix(".claim")):
                if not self.done(name, key):
                    self._make(final, name, key, make)
        self.used[final.name] = json.loads((final / KEY_FILE).read_text()).get("code", [])
        return final

    def _make(self, final: Path, name: str, key: Mapping[str, Any], make: Callable[[Path], None]) -> None:
        work = final.with_suffix(".work")
        make_folder(work)
        code = _read_list(work / CODE_FILE)
        code += [self.code] if self.code not in code else []
        write_text(work / CODE_FILE, json.dumps(code))
        make(work)
        write_text(work / KEY_FILE, json.dumps({"name": name, "key": _plain(key), "code": code}, indent=1))
        os.replace(work, final)

    def _path(self, name: str, key: Mapping[str, Any]) -> Path:
        text = json.dumps(_plain(key), sort_keys=True)
        return self.root / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def file_hash(path: Path) -> str:
    """What a key says of a file, whose name and size may stay when it changes."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _read_list(path: Path) -> list[Any]:
    """What a killed process had noted here; nothing where the note itself was cut."""
    try:
        return list(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return []


def _plain(key: Mapping[str, Any]) -> Any:
    """The key as JSON keeps it, so that a key read back from disk is equal to the one written."""
    return json.loads(json.dumps(dict(key), sort_keys=True))
