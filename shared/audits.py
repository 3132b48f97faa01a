"""Audit folders: what an audit of a paper's data leaves behind for the report.

`<out>/audit/<paper>/<name>/audit.json`, or `<out>/demo/audit/…`, with its pictures beside it.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

AUDIT = "audit.json"


@dataclasses.dataclass(frozen=True)
class Audit:
    """One audit: sentences, a table, and pictures by their paths."""

    folder: Path
    title: str
    text: Sequence[str]
    columns: Sequence[str] = ()
    lines: Sequence[Sequence[Any]] = ()
    pictures: Mapping[str, tuple[Any, str]] = dataclasses.field(default_factory=dict)
    """name -> (matplotlib figure, or as read back the path of the PNG; caption)."""
    demo: bool = False


def write_audit(audit: Audit) -> None:
    """Writes the pictures and, last and at once, the audit.json that makes the folder an audit."""
    from shared.figures import png_bytes

    audit.folder.mkdir(parents=True, exist_ok=True)
    for name, (figure, _) in audit.pictures.items():
        (audit.folder / f"{name}.png").write_bytes(png_bytes(figure, audit.demo))
    content = {
        "title": audit.title,
        "text": list(audit.text),
        "columns": list(audit.columns),
        "lines": [list(map(str, line)) for line in audit.lines],
        "pictures": {name: caption for name, (_, caption) in audit.pictures.items()},
        "scale": "demo" if audit.demo else "paper",
    }
    temporary = audit.folder / f".{AUDIT}.{os.getpid()}"
    temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    os.replace(temporary, audit.folder / AUDIT)


def find_audits(out: Path, paper: str) -> tuple[list[Audit], list[tuple[Path, str]]]:
    """A paper's audits under an output folder, and the folders that cannot be used with what is wrong."""
    out = Path(out)
    folders = sorted(out.glob(f"audit/{paper}/*/")) + sorted(out.glob(f"demo/audit/{paper}/*/"))
    audits, damaged = [], []
    for folder in folders:
        try:
            audits.append(_read_audit(folder))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            damaged.append(
                (folder, f"no usable {AUDIT} ({type(error).__name__}: {error}): run the audit again")
            )
    return audits, damaged


def _read_audit(folder: Path) -> Audit:
    content = json.loads((folder / AUDIT).read_text(encoding="utf-8"))
    pictures = {name: (folder / f"{name}.png", caption) for name, caption in content["pictures"].items()}
    return Audit(
        folder=folder,
        title=str(content["title"]),
        text=[str(sentence) for sentence in content["text"]],
        columns=[str(column) for column in content["columns"]],
        lines=[[str(cell) for cell in line] for line in content["lines"]],
        pictures={name: pair for name, pair in pictures.items() if pair[0].is_file()},
        demo=content["scale"] == "demo",
    )
