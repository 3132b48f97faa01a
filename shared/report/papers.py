"""What the report shows, as plain values: from runs, evidence, reported.csv and READMEs to views."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.comparison import (
    Comparison,
    Reported,
    Run,
    check_claims,
    compare,
    metrics,
    read_as,
)
from shared.consistency import checks
from shared.consistency.checks import Finding
from shared.paper import Paper
from shared.report import drawings, markdown, readmes, results, wording
from shared.report.audits import Audit, find_audits
from shared.report.pictures import MOST_BYTES, PictureBudget, audit_view
from shared.report.rows import row_views
from shared.report.views import Line, PaperView
from shared.trust.page import trust_page


def paper_view(paper: Paper, runs: Sequence[Run], out: Path) -> tuple[PaperView, list[tuple[Path, str]]]:
    """The view over the runs that can be shown, and the folders of the others with what is wrong with each.

    What a run folder may hold is open-ended: once something fails, each run is tried alone.
    """
    audits, damaged = find_audits(out, paper.name)
    files = _read_files(paper, audits)
    runs = [run for run in runs if run.paper == paper.name]
    try:
        return _view(paper, files, runs, out), damaged
    except Exception:
        problems = {id(run): _problem(paper, files, run, out) for run in runs}
    usable = [run for run in runs if not problems[id(run)]]
    damaged += [(run.folder, problems[id(run)]) for run in runs if problems[id(run)]]
    return _view(paper, files, usable, out), damaged


def _problem(paper: Paper, files: PaperFiles, run: Run, out: Path) -> str:
    try:
        _view(paper, files, [run], out)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


@dataclasses.dataclass(frozen=True)
class PaperFiles:
    """All that the report shows of a paper, whatever has run."""

    readme: str
    reported: Sequence[Reported]
    findings: Sequence[Finding]
    audits: Sequence[Audit]


def _read_files(paper: Paper, audits: Sequence[Audit]) -> PaperFiles:
    reported = paper.reported()
    return PaperFiles(
        readmes.readme_of(paper),
        reported,
        _findings(paper, reported),
        audits,
    )


def _findings(paper: Paper, reported: Sequence[Reported]) -> list[Finding]:
    """Findings that do not fit come first."""
    order = (checks.MISFIT, checks.READING, checks.FITS)
    return sorted(checks.check(reported, paper.printed_sets), key=lambda finding: order.index(finding.kind))


def _view(paper: Paper, files: PaperFiles, runs: Sequence[Run], out: Path) -> PaperView:
    budget = PictureBudget(MOST_BYTES)
    lines = _lines(paper, files.reported, runs)
    classes = sorted({name for run in runs for name in run.predictions.classes})
    turned = [number for name in classes for number in read_as(files.reported, name)]
    protocol = [markdown.section(files.readme, name) for name in ("Claims?", "Protocol")]
    return PaperView(
        paper=paper,
        short=markdown.blocks(markdown.section(files.readme, readmes.IN_SHORT)),
        protocol=[block for text in protocol for block in markdown.blocks(text)],
        deviations=_deviations(markdown.deviations(files.readme), runs),
        lines=lines,
        turned=_lines(paper, turned, runs),
        plot=_dot_plot(lines),
        claims=check_claims(paper.claims, runs),
        findings=files.findings,
        rows=row_views(paper, runs, budget),
        recorded=wording.recorded_rows(results.everything(paper, [run for run in runs if run.recorded])),
        audits=[audit_view(audit, budget) for audit in files.audits],
        figures=budget.of_figures(paper, runs),
        trust=trust_page(paper, runs, out),
    )


def _lines(paper: Paper, reported: Sequence[Reported], runs: Sequence[Run]) -> list[Line]:
    """Every reported number: from real runs of a row's own config, else from a demo or an override."""
    real = [run for run in runs if not run.demo and not run.overrides]
    others = [run for run in runs if run.demo or run.overrides]
    of_real, of_others = (
        [_line(c, group) for c in compare(reported, group, paper.printed_sets)] for group in (real, others)
    )
    return [a if a.origin or not b.origin else b for a, b in zip(of_real, of_others, strict=True)]


def _line(comparison: Comparison, runs: Sequence[Run]) -> Line:
    ours = comparison.obtained
    if ours is None:
        return Line(comparison, "")
    if ours.demo:
        return Line(comparison, "demo")
    here = any(run.row in comparison.reported.rows and not (run.recorded or run.demo) for run in runs)
    return Line(comparison, "here" if here else "recorded")


def _dot_plot(lines: Sequence[Line]) -> drawings.DotPlot | None:
    groups: dict[str, list[drawings.Dots]] = {}
    for line in lines:
        r = line.comparison.reported
        if line.comparison.obtained is not None and metrics.is_metric(r.metric):
            group = wording.metric_name(r.metric, r.split) + (f" · {r.class_name}" if r.class_name else "")
            groups.setdefault(group, []).append(_dots(line))
    return drawings.dot_plot(groups)


def _dots(line: Line) -> drawings.Dots:
    """One line of the plot, in percent."""
    compared = line.comparison
    to_percent = 100 * compared.reported.scale
    low, high = (value * to_percent for value in compared.interval)
    return drawings.Dots(
        label=compared.reported.label,
        reported=compared.reported.number * to_percent,
        obtained=compared.mean * to_percent,
        low=None if math.isnan(low) else low,
        high=None if math.isnan(high) else high,
        verdict=line.verdict,
    )


def _deviations(texts: Mapping[int, str], runs: Sequence[Run]) -> list[tuple[int, str, str]]:
    return [(number, text, _in_force(number, runs)) for number, text in sorted(texts.items())]


def _in_force(number: int, runs: Sequence[Run]) -> str:
    rows = list(dict.fromkeys(run.row for run in runs))
    bound = [
        row
        for row in rows
        if any(run.row == row and number in run.facts.get("deviations", ()) for run in runs)
    ]
    if not runs or not bound:
        return ""
    if bound == rows:
        return "in force in every row that has run"
    more = f" and {len(bound) - 6} more" if len(bound) > 6 else ""
    return f"in force in {', '.join(bound[:6])}{more}"
