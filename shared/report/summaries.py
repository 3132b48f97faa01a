"""The short tables of the READMEs: what a paper prints, table by table, and what came of it.

Counted are the paper's own numbers. The whole list, with what it quotes of others, is in the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from shared.base.text import markdown_table
from shared.comparison import VERDICTS, Claim, ClaimResult, Comparison
from shared.report.wording import (
    SIGNS,
    at_other_deltas,
    difference_text,
    interval_text,
    metric_name,
    n_text,
    obtained_text,
    reported_text,
    signed,
)

WHOLE_LIST = "All of them, with what would decide each, are in the report (`make report`)."


def own(lines: Sequence[Comparison]) -> list[Comparison]:
    """Without the numbers of other work that the paper quotes."""
    return [line for line in lines if line.reported.by == "paper"]


def by_table(lines: Sequence[Comparison]) -> str:
    """A line for each place of the paper, then each number that something was obtained for."""
    counted = own(lines)
    places = list(dict.fromkeys(line.reported.place for line in counted))
    header = ("Place", "Numbers", *(f"{SIGNS[v]} {v.lower()}" for v in VERDICTS))
    rows = [(place, *_counts([c for c in counted if c.reported.place == place])) for place in places]
    quoted = len(lines) - len(counted)
    said = f"The paper also quotes {numbers(quoted)} of other work, not counted here. " if quoted else ""
    ran = [line for line in counted if line.obtained]
    return markdown_table(header, rows) + f"\n{said}{WHOLE_LIST}\n" + (f"\n{_judged(ran)}" if ran else "")


def numbers(count: int) -> str:
    """'1 number', '2 numbers'."""
    return f"{count} number{'s' if count != 1 else ''}"


def _counts(lines: Sequence[Comparison]) -> tuple[str, ...]:
    found = [sum(line.verdict == verdict for line in lines) for verdict in VERDICTS]
    return str(len(lines)), *(str(count or "") for count in found)


def _judged(lines: Sequence[Comparison]) -> str:
    """One line per number."""
    header = (
        "Place",
        "Row",
        "Class",
        "Metric",
        "Reported",
        "Obtained",
        "95% interval (of)",
        "n × draws",
        "D ± w; δ (design)",
        "Verdict",
    )
    return markdown_table(header, [_cells(line) for line in lines])


def _cells(line: Comparison) -> tuple[str, ...]:
    r = line.reported
    said = "; ".join(filter(None, (line.reason, at_other_deltas(line))))
    return (
        r.place,
        r.label,
        r.class_name,
        metric_name(r.metric, r.split),
        reported_text(line),
        obtained_text(line),
        interval_text(line),
        n_text(line),
        difference_text(line),
        f"{SIGNS[line.verdict]} {line.verdict.lower()}: {said}",
    )


def claims_table(checked: Iterable[tuple[Claim, ClaimResult]]) -> str:
    """One line per claim that runs tell something about, and how many wait."""
    checked = list(checked)
    told = [(claim, result) for claim, result in checked if result.verdict != "NOT RUN"]
    waiting = f"{len(checked) - len(told)} of {len(checked)} claims wait for runs.\n"
    if not told:
        return waiting
    header = ("Claim", "Place", "Effect (95% interval)", "Draws", "Outcome")
    table = markdown_table(header, [_claim_cells(claim, result) for claim, result in told])
    return table + (f"\n{waiting}" if len(told) < len(checked) else "")


def _claim_cells(claim: Claim, result: ClaimResult) -> tuple[str, ...]:
    effect = signed(result.effect)
    if result.low < result.high:
        effect += f" ({signed(result.low)} to {signed(result.high)})"
    outcome = f"{SIGNS[result.verdict]} {result.verdict.lower()}: {result.reason}".removesuffix(": ")
    return claim.text, claim.place, effect, str(result.draws or ""), outcome


def verdict_counts(lines: Sequence[Comparison]) -> str:
    """'12 reproduced, 3 close, …': the verdicts on the paper's own numbers, in the rule's order."""
    counted = own(lines)
    counts = [(sum(line.verdict == verdict for line in counted), verdict) for verdict in VERDICTS]
    said = ", ".join(f"{count} {verdict.lower()}" for count, verdict in counts if count)
    return f"{said}{_by_chance(counted)}"


def _by_chance(lines: Sequence[Comparison]) -> str:
    """How many false verdicts a table of so many must expect."""
    judged = sum(np.isfinite(line.w) for line in lines)
    if not judged:
        return ""
    false = f"chance alone calls up to {judged * 0.05:.1f} close or not reproduced"
    return f" (of {judged} differences with noise, {false})"
