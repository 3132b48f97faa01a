"""What the report shows of a paper, as plain values for the templates."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from shared.comparison import VERDICTS, Claim, ClaimResult, Comparison
from shared.consistency import checks
from shared.consistency.checks import Finding
from shared.paper import Paper
from shared.report import drawings, markdown
from shared.report.pictures import AuditView, Picture
from shared.report.rows import RowView, grouped
from shared.trust.page import Page

DEMO = "DEMO"
LINE_VERDICTS = (*VERDICTS, DEMO)
CLAIM_VERDICTS = ("HOLDS", "FAILS", "INCONCLUSIVE", "NOT RUN")


@dataclasses.dataclass(frozen=True)
class Line:
    """A reported number with its comparison, and where ours comes from."""

    comparison: Comparison
    origin: str
    """'here', 'recorded' where all of its draws are evidence, 'demo', or '' for nothing."""

    @property
    def verdict(self) -> str:
        """A demo has none."""
        return DEMO if self.origin == "demo" else self.comparison.verdict


@dataclasses.dataclass(frozen=True)
class PaperView:
    """All that the template shows of a paper."""

    paper: Paper
    short: Sequence[markdown.Block]
    """What came out, in words."""
    protocol: Sequence[markdown.Block]
    deviations: Sequence[tuple[int, str, str]]
    """(number, text, where it is in force)."""
    lines: Sequence[Line]
    turned: Sequence[Line]
    """Numbers whose positive class the text leaves open, read with another class as the positive one."""
    plot: drawings.DotPlot | None
    claims: Sequence[tuple[Claim, ClaimResult]]
    findings: Sequence[Finding]
    rows: Sequence[RowView]
    recorded: Sequence[tuple[str, ...]]
    """The results of earlier runs, here or elsewhere (see `wording.RECORDED`)."""
    audits: Sequence[AuditView]
    figures: Sequence[Picture]
    """Over several rows."""
    trust: Page
    """What its printed numbers and its runs can carry."""

    @property
    def real(self) -> int:
        return sum(len(row.draws) for row in self.rows if not row.demo)

    @property
    def evidence(self) -> int:
        """How many of the real draws are recorded with the code, whoever ran them."""
        return sum(draw.recorded for row in self.rows if not row.demo for draw in row.draws)

    @property
    def demo(self) -> int:
        return sum(len(row.draws) for row in self.rows if row.demo)

    @property
    def latest(self) -> str:
        """When the youngest run started."""
        return max((draw.started for row in self.rows for draw in row.draws), default="")

    @property
    def rows_run(self) -> int:
        return len({row.id for row in self.rows if not row.demo})

    @property
    def groups(self) -> Mapping[str, Sequence[RowView]]:
        return grouped(self.rows)

    @property
    def ran(self) -> Mapping[str, str]:
        """Row id -> the address of what ran of it; a demo's only where nothing else did."""
        found = {row.id: row.anchor for row in self.rows if row.demo}
        return found | {row.id: row.anchor for row in self.rows if not row.demo and not row.overrides}

    @property
    def own(self) -> Sequence[Line]:
        """The paper's own numbers: these alone are counted."""
        return [line for line in self.lines if line.comparison.reported.by == "paper"]

    @property
    def quoted(self) -> Sequence[Line]:
        """Numbers of other work that the paper prints beside its own."""
        return [line for line in self.lines if line.comparison.reported.by != "paper"]

    @property
    def notes(self) -> Mapping[str, int]:
        """The notes on reported numbers, each once, numbered."""
        notes = dict.fromkeys(line.comparison.reported.note for line in self.lines)
        return {note: number for number, note in enumerate(filter(None, notes), 1)}

    @property
    def misfits(self) -> int:
        return len(checks.misfits(self.findings))

    @property
    def counts(self) -> Mapping[str, int]:
        verdicts = [line.verdict for line in self.own]
        return {verdict: verdicts.count(verdict) for verdict in LINE_VERDICTS}

    @property
    def claim_counts(self) -> Mapping[str, int]:
        verdicts = [result.verdict for _, result in self.claims]
        return {verdict: verdicts.count(verdict) for verdict in CLAIM_VERDICTS}
