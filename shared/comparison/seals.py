"""The seal of a run folder: SHA-256 of every file that facts.json describes, and of the facts themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.base.sums import file_hash

FACTS = "facts.json"
SEAL = "sha256"
"""The field of facts.json that holds the seal: file name -> SHA-256."""
MODEL = "model"
"""The field that holds the same of the files of the trained model."""


def write_facts(folder: Path, facts: Mapping[str, Any]) -> None:
    """Writes facts.json with a seal over itself and over the files in its folder.

    The trained model is left out: no number is read from it, and hashing it would slow down every report.
    Its own sums are among the facts, for those who load it.
    """
    plain = json.loads(json.dumps(facts, default=_plain))
    others = {FACTS, *facts.get(MODEL, ())}
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name not in others)
    plain[SEAL] = {path.name: file_hash(path) for path in files}
    plain[SEAL][FACTS] = facts_hash(plain)
    (folder / FACTS).write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def facts_hash(facts: Mapping[str, Any]) -> str:
    """SHA-256 of the facts in canonical JSON (sorted keys, no spaces), without the hash itself."""
    seal = {name: value for name, value in facts[SEAL].items() if name != FACTS}
    text = json.dumps({**facts, SEAL: seal}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def broken(facts: Mapping[str, Any], folder: Path) -> str:
    """'' where facts and files are as sealed, else one line that names the first file that is not.

    A picture that is gone is no number: only a changed one breaks the seal.
    """
    seal = facts.get(SEAL)
    if not isinstance(seal, dict) or FACTS not in seal:
        return f"{FACTS} has no seal: it was written by an earlier version"
    if seal[FACTS] != facts_hash(facts):
        return f"{FACTS} was changed after the run"
    for name, expected in seal.items():
        path = folder / name
        if name == FACTS or (name.endswith(".png") and not path.is_file()):
            continue
        if not path.is_file():
            return f"{name} is missing"
        if file_hash(path) != expected:
            return f"{name} was changed after the run"
    added = [path.name for path in sorted(folder.glob("*.csv*")) if path.name not in seal]
    return f"{added[0]} was added after the run" if added else ""


def _plain(value: Any) -> Any:
    """numpy scalars, paths and the like, for JSON."""
    return value.tolist() if hasattr(value, "tolist") else str(value)
