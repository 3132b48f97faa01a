"""Audit folders, as the report reads them: what an audit of the data found.

`<out>/audit/<dataset>/audit.json` with its pictures beside it, or `<out>/audit/<paper>/<name>/audit.json`
where the audit is of one paper's split; a demo's lie under `<out>/demo/`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

AUDIT = "audit.json"


@dataclasses.dataclass(frozen=True)
class Audit:
    """One audit: sentences, a table, and pictures: name -> (path of the PNG, caption)."""

    title: str
    text: Sequence[str]
    columns: Sequence[str]
    lines: Sequence[Sequence[str]]
    pictures: Mapping[str, tuple[Path, str]]
    demo: bool


def find_audits(out: Path, paper: str | None = None) -> tuple[list[Audit], list[tuple[Path, str]]]:
    """A paper's audits, or without one those of whole datasets; and the unusable folders with why."""
    place = f"audit/{paper}/*/{AUDIT}" if paper else f"audit/*/{AUDIT}"
    audits, damaged = [], []
    for path in [*sorted(Path(out).glob(place)), *sorted(Path(out).glob(f"demo/{place}"))]:
        try:
            audits.append(_read(path))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"{AUDIT} is not usable ({type(error).__name__}: {error}): run the audit again"
            damaged.append((path.parent, reason))
    return audits, damaged


def _read(path: Path) -> Audit:
    content = json.loads(path.read_text(encoding="utf-8"))
    pictures = {
        name: (path.with_name(f"{name}.png"), caption) for name, caption in content["pictures"].items()
    }
    return Audit(
        title=str(content["title"]),
        text=[str(sentence) for sentence in content["text"]],
        columns=[str(column) for column in content["columns"]],
        lines=[[str(cell) for cell in line] for line in content["lines"]],
        pictures={name: pair for name, pair in pictures.items() if pair[0].is_file()},
        demo=content["scale"] == "demo",
    )
