"""For the README: which claims of the papers their own printed numbers show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.base.text import markdown_table
from shared.comparison import Claim
from shared.paper import Paper
from shared.trust.judged import CONTRADICTED, NOT_DECIDABLE, NOT_SUPPORTED, VERDICTS, Judged
from shared.trust.printed_claims import judge_claims
from shared.trust.rates import printed_by

Found = list[tuple[Claim, Judged]]


def carried(papers: Sequence[Paper], link: Callable[[Paper], str]) -> str:
    """A line for each paper, then of each the first claim that its printed numbers do not show."""
    judged = [(paper, _judged(paper)) for paper in papers]
    decided = [verdict for verdict in VERDICTS if verdict != NOT_DECIDABLE]
    header = ("Paper", "Claims that its numbers decide", *decided)
    lines = [(f"[{paper.title}]({link(paper)})", *_counts(found, decided)) for paper, found in judged]
    said = [_first(paper, found) for paper, found in judged]
    return markdown_table(header, lines) + "\n" + "".join(said)


def _judged(paper: Paper) -> Found:
    return judge_claims(paper.claims, printed_by(paper.reported(), paper.printed_sets))


def _counts(found: Found, decided: Sequence[str]) -> tuple[str, ...]:
    verdicts = [judged.verdict for _, judged in found]
    counts = [verdicts.count(verdict) for verdict in decided]
    return f"{sum(counts)} of {len(found)}", *(str(count or "") for count in counts)


def _first(paper: Paper, found: Found) -> str:
    for claim, judged in sorted(found, key=lambda pair: pair[1].verdict != CONTRADICTED):
        if judged.verdict in (CONTRADICTED, NOT_SUPPORTED):
            return f"- {paper.name}: “{claim.text}” ({claim.place}). {judged.text}.\n"
    return ""
