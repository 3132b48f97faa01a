"""Where a draw comes from: code, machine, data and weights, as they are when it starts."""

from __future__ import annotations

import datetime
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.base.files import make_folder, write_text
from shared.paper import Folders, Paper
from shared.training.runtime import Runtime, threads, versions

ROOT = Path(__file__).parents[2]
BEGUN = "begun.json"
MACHINE = ("threads", "device", "parts", "versions")
"""The facts that a result's last bits depend on, and on the parts of a batch what dropout leaves out; on the
precision and on `ground` more depends."""


def code() -> dict[str, Any]:
    """The commit, and the Python files that differ from it; an empty commit outside a git checkout."""
    try:
        commit = _git("rev-parse", "HEAD").strip()
        changed = _git("status", "--porcelain", "--untracked-files=all", "--", "*.py").splitlines()
    except (OSError, subprocess.CalledProcessError):
        return {"commit": "", "changed": []}
    return {"commit": commit, "changed": [line[3:] for line in changed]}


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def process(runtime: Runtime, code: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that all draws of this process share."""
    machine = {"device": runtime.device, "precision": runtime.precision, "parts": runtime.parts}
    return {"code": dict(code), "versions": versions(), "threads": threads(), **machine}


def ground(paper: Paper, row: Any, folders: Folders) -> dict[str, Any]:
    """The facts that a checkpoint must share with the draw that it serves."""
    found: dict[str, Any] = {"code_version": paper.code_version(row), "data": {}, "weights": {}}
    for need in paper.needs(row):
        for kind, facts in (need.facts(folders) if need.facts else {}).items():
            found[kind] |= facts
    return found


def begin(work: Path, ground: Mapping[str, Any], process: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a draw's first start, kept in its work folder; a later start on other terms is noted.

    Checkpoints of other data, weights or config, or of another precision, are removed.
    """
    now = _plain({"started": _now(), **process})
    needed = _plain(ground) | {"precision": now["precision"]}
    begun = _read(work / BEGUN)
    changed = [key for key, value in needed.items() if begun and begun.get(key) != value]
    if begun is None or changed:
        if begun is not None:
            print(f"  begun anew, since this has changed: {', '.join(changed)}")
        shutil.rmtree(work)
        make_folder(work)
        begun = {**ground, **now, "resumed": []}
    else:
        others = [key for key in ("code", *MACHINE) if begun.get(key) != now[key]]
        if others:
            begun["resumed"].append({"started": now["started"], **{key: now[key] for key in others}})
        _warn([key for key in others if key in MACHINE], begun, now)
    write_text(work / BEGUN, json.dumps(begun, indent=1))
    return begun


def _warn(others: list[str], begun: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    if others:
        terms = "; ".join(f"{key} {_words(begun.get(key))}, now {_words(now[key])}" for key in others)
        dropout = " and by its dropout" if "parts" in others else ""
        print(
            f"  warning: begun under {terms}: the result may differ from one in one go in its last digits"
            + dropout
        )


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return str(value)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("resumed"), list) else None


def _now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON keeps them, so that what is read back is equal to what was written."""
    return json.loads(json.dumps(values))
