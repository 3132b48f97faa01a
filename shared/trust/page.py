"""One readable page per paper: what its printed numbers, and the runs there are, can carry."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Sequence
from pathlib import Path

from shared.base.text import fitted_table
from shared.comparison import Run
from shared.paper import Paper
from shared.trust import leaks
from shared.trust.part import Part
from shared.trust.part_of_sights import sights_part
from shared.trust.parts_of_numbers import printed_parts, readings_part
from shared.trust.parts_of_runs import calibration_part, leaks_part, prevalence_part
from shared.trust.rates import printed_by

WIDTH = 130


@dataclasses.dataclass(frozen=True)
class Page:
    """A paper's page."""

    title: str
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return "\n\n".join([f"== {self.title}", *map(_text, self.parts)]) + "\n"


def trust_page(paper: Paper, runs: Sequence[Run], out: Path) -> Page:
    """The page of a paper over the runs that count and what was found in its splits."""
    reported = paper.reported()
    printed = printed_by(reported, paper.printed_sets)
    of_paper = [run for run in runs if run.paper == paper.name]
    own = [run for run in of_paper if not run.overrides]
    rows = {row.id: row for row in paper.rows}
    found = leaks.read(leaks.place(out, paper.name))
    parts = (
        *printed_parts(paper.claims, printed),
        readings_part(rows, reported, printed, own, paper.printed_sets),
        leaks_part(list(rows), own, found, may_look=paper.splits is not None),
        sights_part(paper.name, of_paper),
        calibration_part(own),
        prevalence_part(printed, list(rows), own),
    )
    return Page(paper.title, parts)


def _text(part: Part) -> str:
    sentences = [textwrap.fill(sentence, WIDTH, break_on_hyphens=False) for sentence in part.sentences]
    table = [fitted_table(part.head, part.lines, WIDTH)] if part.lines else []
    return "\n\n".join([f"-- {part.title}", *sentences, *table])
