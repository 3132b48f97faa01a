"""`--split-lists FOLDER`: the list that each draw takes, and what a run says of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shared.base.errors import UserError
from shared.base.sums import file_hash
from shared.paper import Paper

ENTRY = "split_lists"
"""Its name among the settings made by hand."""
DIGITS = 12


def of_draw(paper: Paper, row: Any, draw: int, folder: Path) -> Path:
    """The draw's list, or the one for all draws; none of both is an error."""
    name = _name(paper, row)
    if not name:
        raise UserError(f"--split-lists: {row.id} splits nothing; name other rows by --row")
    lists = _lists(name, folder)
    found = lists.get(f"{name}-draw-{draw}.csv") or lists.get(f"{name}.csv")
    if not found:
        remedy = f"python -m reproductions splits {paper.name} writes such lists"
        wanted = f"{folder / name}-draw-{draw}.csv is missing"
        raise UserError(f"--split-lists: {wanted}, which draw {draw} of {row.id} takes; {remedy}")
    return found


def check(paper: Paper, row: Any, draws: Iterable[int], folder: Path | None) -> None:
    """Stops where one of these draws has no list, if they take any."""
    if folder is not None:
        for draw in draws:
            of_draw(paper, row, draw, folder)


def entry(paper: Paper, row: Any, folder: Path | None) -> dict[str, str]:
    """The setting that stands for all lists of a row's split: its draws belong together."""
    if folder is None:
        return {}
    lists = sorted(_lists(_name(paper, row), folder).values())
    text = "".join(f"{path.name} {file_hash(path)}\n" for path in lists)
    return {ENTRY: hashlib.sha256(text.encode()).hexdigest()[:DIGITS]}


def _lists(name: str, folder: Path) -> dict[str, Path]:
    """The lists of a split by their file names, as the folder has them.

    A disk that ignores case gives a file under names that it does not have: what is read is what is hashed.
    """
    own = re.compile(rf"{re.escape(name)}(-draw-\d+)?\.csv")
    return {path.name: path for path in folder.glob("*") if own.fullmatch(path.name) and path.is_file()}


def _name(paper: Paper, row: Any) -> str:
    return paper.split_of(row) if paper.split_of else ""
