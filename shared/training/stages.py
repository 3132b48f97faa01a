"""Stages: work shared by rows or draws, computed once and found again by the next run."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shared.base import sums
from shared.base.claim import claimed
from shared.base.files import make_folder, write_text

KEY_FILE, CODE_FILE, MACHINES_FILE = "stage.json", "code.json", "machines.json"
CHECKPOINTS = "checkpoints"
"""A folder in a stage that is needed until the stage is finished."""


class Stages:
    """A folder of finished stages, each named after a hash of all it depends on."""

    def __init__(
        self, root: Path, code: Mapping[str, Any] | None = None, machine: Mapping[str, Any] | None = None
    ):
        self.root = Path(root)
        self.code = dict(code or {})
        """The commit that this process runs, kept with each stage that it makes."""
        self.machine = _plain(machine or {})
        """Device, threads and versions of this process, kept in the same way."""
        self.used: dict[str, list[Mapping[str, Any]]] = {}
        """Stage -> the commits that made it, of all stages that were asked for."""
        self.made_elsewhere: dict[str, list[Mapping[str, Any]]] = {}
        """Stage -> in what the machines that made it were others than this one, where they were."""

    def done(self, name: str, key: Mapping[str, Any]) -> bool:
        """Whether the stage is there, finished."""
        return (self._path(name, key) / KEY_FILE).exists()

    def any_done(self, name: str, part: Mapping[str, Any]) -> bool:
        """Whether a finished stage of that name has all of this in its key."""
        part = _plain(part)
        keys = map(_key_in, self.root.glob(f"{name}-*/{KEY_FILE}"))
        return any(all(key.get(field) == value for field, value in part.items()) for key in keys)

    def folder(self, name: str, key: Mapping[str, Any], make: Callable[[Path], None]) -> Path:
        """The stage's folder; `make(work)` fills it if nobody has.

        A killed `make` is called again with the same work folder, so that checkpoints in it serve. A second
        process that wants the same stage waits for the first and then finds it done. A stage of which a file
        is not what it was when it was made is made again.
        """
        final = self._path(name, key)
        if not _usable(final):
            with claimed(final.with_suffix(".claim")):
                if not _usable(final):
                    _remove_damaged(final)
                    self._make(final, name, key, make)
        shutil.rmtree(final / CHECKPOINTS, ignore_errors=True)  # gigabytes that have served
        self._note_use(final)
        return final

    def _note_use(self, final: Path) -> None:
        made = json.loads((final / KEY_FILE).read_text())
        self.used[final.name] = made.get("code", [])
        others = [other for each in made.get("machines", []) if (other := self._other_than_here(each))]
        if others:
            self.made_elsewhere[final.name] = others

    def _other_than_here(self, machine: Mapping[str, Any]) -> Mapping[str, Any]:
        return {key: value for key, value in machine.items() if value != self.machine.get(key)}

    def _make(self, final: Path, name: str, key: Mapping[str, Any], make: Callable[[Path], None]) -> None:
        work = final.with_suffix(".work")
        make_folder(work)
        makers = {
            "code": _noted(work / CODE_FILE, self.code),
            "machines": _noted(work / MACHINES_FILE, self.machine),
        }
        make(work)
        facts = {"name": name, "key": _plain(key), **makers, "files": _sums_of_results(work)}
        write_text(work / KEY_FILE, json.dumps(facts, indent=1))
        os.replace(work, final)

    def _path(self, name: str, key: Mapping[str, Any]) -> Path:
        text = json.dumps(_plain(key), sort_keys=True)
        return self.root / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def listed(split_list: Path | None) -> dict[str, str]:
    """For the key of what depends on a split: a list's SHA-256, and nothing where there is none."""
    return {"split_list": sums.file_hash(split_list)} if split_list else {}


def _sums_of_results(work: Path) -> dict[str, sums.Sums]:
    found = sums.of_folder(work)
    return {name: kept for name, kept in found.items() if not name.startswith(f"{CHECKPOINTS}/")}


def _usable(final: Path) -> bool:
    return final.is_dir() and not _damage(final)


def _remove_damaged(final: Path) -> None:
    if final.is_dir():
        print(f"{final} cannot be used ({_damage(final)}): it is made again")
        shutil.rmtree(final)


def _damage(final: Path) -> str:
    try:
        stage = json.loads((final / KEY_FILE).read_text(encoding="utf-8"))
        if "files" not in stage:
            return "an older version made it, without checksums"
        files = stage["files"]
        return sums.damage_of({final / name: kept for name, kept in files.items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"{KEY_FILE} cannot be read"


def _key_in(path: Path) -> Mapping[str, Any]:
    """The key of a finished stage; of one that is damaged, nothing."""
    try:
        return dict(json.loads(path.read_text())["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _noted(path: Path, maker: Mapping[str, Any]) -> list[Any]:
    """All who worked at a stage, this process among them: one that is killed leaves its note to the next."""
    makers = _read_list(path)
    makers += [maker] if maker not in makers else []
    write_text(path, json.dumps(makers))
    return makers


def _read_list(path: Path) -> list[Any]:
    """The note that a killed process left here; nothing if the note itself was cut off."""
    try:
        return list(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return []


def _plain(key: Mapping[str, Any]) -> Any:
    """The key as JSON keeps it, so that a key read back from disk is equal to the one written."""
    return json.loads(json.dumps(dict(key), sort_keys=True))
