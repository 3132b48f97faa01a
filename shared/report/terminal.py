"""Plain-text tables for the terminal: the rows of a paper, and reported against obtained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.base.text import text_table
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


def comparison_table(comparisons: Sequence[Comparison]) -> str:
    """Reported against obtained, with interval and verdict."""
    header = (
        *("row", "quantity", "reported", "obtained", "95% interval (of)", "draws"),
        *("D ± w; δ (design)", "verdict"),
    )
    return text_table(header, [_comparison_line(c) for c in comparisons])


def _comparison_line(c: Comparison) -> tuple[str, ...]:
    r = c.reported
    return (
        " ".join(r.rows) or r.label,
        quantity(r),
        printed(r),
        obtained_text(c) or "–",
        interval_text(c) or "–",
        str(c.draws or "–"),
        difference_text(c) or "–",
        "DEMO, no verdict" if c.demo else c.verdict,
    )


def obtained_table(obtained: Sequence[Obtained]) -> str:
    """The results of rows for which the paper prints no number."""
    return text_table(RECORDED[:4], [cells[:4] for cells in recorded_rows(obtained)])
