"""A new paper's folder, which runs as it is and is then filled with the paper's own values."""

from __future__ import annotations

import csv
import io
import keyword
import os
import re
import shutil
from collections.abc import Collection
from pathlib import Path

from shared.base.errors import UserError
from shared.base.files import make_folder, write_text
from shared.comparison import REPORTED_COLUMNS

TEMPLATE = Path(__file__).parent / "template"


def write(name: str, papers: Path, taken: Collection[str]) -> Path:
    """The folder of a new paper among those of the others, whole or not at all."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise UserError(f"'{name}' cannot name a paper: take small letters, such as an author's name")
    folder = papers / name
    if name in taken or folder.exists():
        raise UserError(f"{folder} is there already: choose another name")
    unfinished = papers / f".{name}.part"
    shutil.rmtree(unfinished, ignore_errors=True)
    make_folder(unfinished)
    for file in sorted(TEMPLATE.glob("*.txt")):
        text = file.read_text(encoding="utf-8").replace("NAME", name)
        write_text(unfinished / file.stem, _full(text) if file.stem.endswith(".csv") else text)
    os.replace(unfinished, folder)
    return folder


def _full(text: str) -> str:
    """The lines of a reported.csv with all its columns; the template leaves out those that stay empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, REPORTED_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(csv.DictReader(io.StringIO(text)))
    return out.getvalue()
