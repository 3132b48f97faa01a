"""The README's table of claims says what the trust page says."""

import re

from reproductions.papers import papers
from shared.report.carried import carried
from shared.trust.parts_of_numbers import printed_parts
from shared.trust.rates import printed_by

VERDICTS = ("supported", "not supported", "contradicted", "not decidable")


def counted(sentence: str) -> dict[str, int]:
    """The counts in 'Of 34 claims: 2 supported, 16 not supported, 16 not decidable.'"""
    return {name: int(count) for count, name in re.findall(r"(\d+) ([a-z ]+?)[,.]", sentence)}


def test_counts_are_those_of_the_trust_page_and_what_is_contradicted_is_told_first():
    """Fails when verdicts change columns, or a claim that the numbers show is told as one they do not."""
    found = papers()
    said = carried(found, lambda paper: paper.name)
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in said.splitlines() if "](" in line]
    for paper, line in zip(found, cells, strict=True):
        printed = printed_by(paper.reported(), paper.printed_sets)
        first, _ = printed_parts(paper.claims, printed)
        on_page = counted(first.sentences[0].partition(": ")[2])
        shown = [int(cell or 0) for cell in line[2:]]
        assert shown == [on_page.get(name, 0) for name in VERDICTS[:3]], paper.name
        assert line[1] == f"{sum(shown)} of {len(paper.claims)}"
        item = next((text for text in said.splitlines() if text.startswith(f"- {paper.name}:")), "")
        assert bool(item) == bool(shown[1] or shown[2])
        if shown[2]:
            assert "say the opposite" in item
