"""Plain-text tables for the terminal: the rows of a paper, and reported against obtained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.base.text import fitted_table, text_table
from shared.comparison import Comparison, Obtained, Reported
from shared.paper import Paper
from shared.report.wording import RECORDED, difference_text, interval_text, obtained_text, recorded_rows


def listing(paper: Paper, rows: Sequence[Any]) -> str:
    """The rows with their reported numbers."""
    reported = paper.reported()
    lines = [(row.id, str(row.draws), _reported_for(row.id, reported)) for row in rows]
    return text_table(("row", "draws", "reported"), lines)


def _reported_for(row_id: str, reported: Sequence[Reported]) -> str:
    own = [r for r in reported if row_id in r.rows]
    return ", ".join(f"{quantity(r)} {printed(r)}" for r in own) or "–"


def quantity(reported: Reported) -> str:
    """The quantity that a reported number measures."""
    parts = [reported.metric.replace("_", " "), reported.class_name]
    if reported.split != "test":
        parts.append(f"({reported.split})")
    return " ".join(part for part in parts if part)


def printed(reported: Reported) -> str:
    """The number as the paper prints it."""
    operator = "" if reported.operator == "=" else f"{reported.operator} "
    spread = f" ± {reported.spread}" if reported.spread else ""
    unit = "" if reported.unit in ("fraction", "count") else f" {reported.unit}"
    return f"{operator}{reported.value}{spread}{unit}"


HEADER = (
    "row",
    "quantity",
    "reported",
    "obtained",
    "95% interval (of)",
    "draws",
    "D ± w; δ (design)",
    "verdict",
)
NARROW = (0, 1, 2, 3, 7)
"""The columns that a window of less than `WIDE` has room for."""
WIDE = 130


def comparison_table(comparisons: Sequence[Comparison], width: int = 0) -> str:
    """Reported against obtained, with interval and verdict: whole, or what a window of this width shows."""
    shown = [c for c in comparisons if c.obtained is not None] if width else comparisons
    columns: Sequence[int] = NARROW if 0 < width < WIDE else range(len(HEADER))
    if width and all(c.demo for c in shown):
        columns = columns[:-1]  # it would say on each line that there is none
    lines = [_comparison_line(c, bool(width)) for c in shown]
    table = fitted_table([HEADER[i] for i in columns], [[line[i] for i in columns] for line in lines], width)
    rest = len(comparisons) - len(shown)
    return table + (f"\n({rest} more without a result: comparison.txt lists them.)" if rest else "")


def _comparison_line(c: Comparison, short: bool) -> tuple[str, ...]:
    r = c.reported
    several = f"{r.label} ({len(r.rows)} rows)" if short and len(r.rows) > 1 else " ".join(r.rows)
    return (
        several or r.label,
        quantity(r),
        printed(r),
        obtained_text(c) or "–",
        interval_text(c) or "–",
        str(c.draws or "–"),
        difference_text(c) or "–",
        "DEMO, no verdict" if c.demo else c.verdict,
    )


def obtained_table(obtained: Sequence[Obtained], width: int = 0) -> str:
    """The results of rows for which the paper prints no number; in a window the first one of each."""
    cells = [cells[:4] for cells in recorded_rows(obtained)]
    if width:
        cells = [(*first, results.split("; ")[0]) for *first, results in cells]
    return fitted_table(RECORDED[:4], cells, width)
