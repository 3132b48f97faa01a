"""The report: one HTML file that shows, number by number, what was reported and what came out.

A pure function of run folders, the papers' evidence, reported.csv and READMEs; TensorFlow is not needed.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from shared.base.files import write_text
from shared.comparison import CLAIM_RULE, VERDICT_RULE, Run
from shared.paper import Paper
from shared.report import drawings, findings, results, wording
from shared.report.papers import paper_view
from shared.report.pictures import audit_views
from shared.report.readmes import render_readmes, stale_readmes
from shared.report.views import CLAIM_VERDICTS, LINE_VERDICTS
from shared.trust.trial import NAME as TRIALS

__all__ = ["render_readmes", "stale_readmes", "write_report"]

TEMPLATES = Path(__file__).parent / "templates"


def write_report(papers: Iterable[Paper], out: Path, target: Path) -> Path:
    """Writes the report over an output folder's runs, at once, and returns where it is."""
    papers = list(papers)
    runs, damaged = results.find(papers, out)
    shown = [paper_view(paper, runs, Path(out)) for paper in papers]
    damaged += [problem for _, found in shown for problem in found]
    audits, unusable = audit_views(Path(out))
    damaged += unusable
    damaged += _strangers(runs, {TRIALS, *(paper.name for paper in papers)})
    views = [view for view, _ in shown]
    template = _environment().get_template("report.html")
    text = template.render(
        papers=views,
        audits=audits,
        trials=findings.part([run for run in runs if run.paper == TRIALS]),
        out=str(out),
        real=sum(view.real for view in views),
        evidence=sum(view.evidence for view in views),
        demo=sum(view.demo for view in views),
        problems=sorted((str(folder), reason) for folder, reason in damaged),
        verdict_rule=VERDICT_RULE,
        claim_rule=CLAIM_RULE,
        latest=max((view.latest for view in views), default=""),
    )
    write_text(Path(target), text, errors="replace")
    return Path(target)


def _strangers(runs: Iterable[Run], known: set[str]) -> list[tuple[Path, str]]:
    return [
        (run.folder, f"of a paper '{run.paper}' that is not here") for run in runs if run.paper not in known
    ]


@functools.cache
def _environment() -> jinja2.Environment:
    """Escapes everything but the page's own style and script, and the marks of `inline`."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    environment.globals.update(
        signs=wording.SIGNS,
        recorded_heads=wording.RECORDED,
        line_verdicts=LINE_VERDICTS,
        claim_verdicts=CLAIM_VERDICTS,
        drawing=drawings,
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    environment.filters.update(
        inline=_inline,
        slug=_slug,
        duration=_duration,
        effect=wording.signed,
        used=_used,
        paragraphs=_paragraphs,
        metric=wording.metric_name,
        reported=wording.reported_text,
        obtained=wording.obtained_text,
        interval=wording.interval_text,
        n=wording.n_text,
        difference=wording.difference_text,
        at_other_deltas=wording.at_other_deltas,
    )
    return environment


def _inline(text: str) -> Markup:
    """The Markdown inside a line: code, bold, emphasis, and links to the web; all else is text."""
    marked = str(escape(text))
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", marked)
    marked = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", marked)
    marked = re.sub(r"(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])", r"<em>\1</em>", marked)
    marked = re.sub(r"\[([^\]]+)\]\((https?://[^\s)]+)\)", r'<a href="\2" rel="noreferrer">\1</a>', marked)
    return Markup(re.sub(r"\[([^\]]+)\]\([^\s)]+\)", r"\1", marked))


def _slug(text: Any) -> str:
    return re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-")


def _duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds != seconds:
        return ""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _used(counts: Mapping[str, int]) -> list[str]:
    """The verdicts that occur."""
    return [name for name, count in counts.items() if count]


def _paragraphs(rule: str) -> list[str]:
    """The rule reflowed: a paragraph begins where a line begins with a verdict or an operator."""
    return [" ".join(part.split()) for part in re.split(r'\n(?=[A-Z]{3,}|"|For )', rule)]
