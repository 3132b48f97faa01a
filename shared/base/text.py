"""Tables in plain text and Markdown, durations, and the nearest word."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from itertools import zip_longest
from textwrap import wrap


def text_table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need to be."""
    widths = [max(len(line[i]) for line in [header, *lines]) for i in range(len(header))]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [header, rule, *lines]
    )


def fitted_table(header: Sequence[str], lines: Sequence[Sequence[str]], width: int) -> str:
    """The same, in a window of this width: the widest columns are wrapped; 0 is as wide as it needs to be."""
    widths = [max(len(line[i]) for line in [header, *lines]) for i in range(len(header))]
    while width and sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > 8:
        widths[widths.index(max(widths))] -= 1
    wrapped = [[wrap(cell, w) or [""] for cell, w in zip(line, widths, strict=True)] for line in lines]
    return text_table(header, [part for cells in wrapped for part in zip_longest(*cells, fillvalue="")])


def duration(seconds: float) -> str:
    """A time a person can read."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172800 else f"{seconds / 86400:.1f} days"


def nearest(word: str, known: Collection[str], most: int = 3) -> str:
    """The known words most like this one; where none is like it, the first few."""
    alike = difflib.get_close_matches(word, known, n=most, cutoff=0.5)
    return ", ".join(alike or list(known)[:most]) or "none"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(map(_escaped, cells)) + " |\n" for cells in lines)


def _escaped(cell: str) -> str:
    return " ".join(cell.replace("|", "\\|").split())
