"""The papers' README files: what the report quotes from them, and the tables written into them.

A table stands between `<!-- table: name -->` and `<!-- /table -->` and is made from reported.csv and the
evidence alone, so that a clone without any run can check it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from shared.base.errors import UserError
from shared.base.text import markdown_table
from shared.comparison import (
    REPRODUCED,
    VERDICT_RULE,
    VERDICTS,
    Comparison,
    Obtained,
    Run,
    check_claims,
    compare,
)
from shared.consistency.shares import two_readings
from shared.paper import Paper
from shared.report import findings, markdown, results, shares
from shared.report.carried import carried
from shared.report.held import held
from shared.report.summaries import by_table, claims_table, own, verdict_counts
from shared.report.wording import RECORDED, SIGNS, recorded_rows

README = "README.md"
FOUND = Path("docs", "found.md")
IN_SHORT = "In short"
"""The section that says what came out, in words: without digits, for nothing would keep them up to date."""

OF_TESTS = ("protocol", "stages")
"""Tables that a paper's tests write from what they saw of its experiment."""

_TABLE = re.compile(r"(<!-- table: ([a-z-]+) -->\n).*?(<!-- /table -->)", re.DOTALL)
_ANY_MARK = re.compile(r"<!--\s*/?\s*table", re.IGNORECASE)


# --- the tables ------------------------------------------------------------------------------------------


def render_readmes(papers: Iterable[Paper], root: Path) -> list[Path]:
    """Writes the tables into the READMEs under the repository's root; returns the files that changed."""
    changed = list(rendered(papers, root))
    for path, text in changed:
        path.write_text(text, encoding="utf-8")
    return [path for path, _ in changed]


def stale_readmes(papers: Iterable[Paper], root: Path) -> list[Path]:
    """The READMEs that `render_readmes` would change."""
    return [path for path, _ in rendered(papers, root)]


def rendered(papers: Iterable[Paper], root: Path) -> Iterable[tuple[Path, str]]:
    """The READMEs whose tables do not follow from the evidence, as they should be."""
    papers = list(papers)
    evidence = {paper.name: results.recorded([paper])[0] for paper in papers}
    compared = {
        paper.name: compare(paper.reported(), evidence[paper.name], paper.printed_sets) for paper in papers
    }
    tables = {
        "papers": lambda: papers_table(papers),
        "overview": lambda: overview_table(papers, compared),
        "in-short": lambda: in_short(papers),
        "verdict-rule": verdict_rule,
        "finding": lambda: finding(papers),
        "carried": lambda: carried(papers, _link),
        "findings": lambda: findings.chosen_findings(findings.recorded_trials(root)),
    }
    yield from _changed(Path(root) / README, tables)
    all_trials = {"trials": lambda: findings.all_findings(findings.recorded_trials(root))}
    yield from _changed(Path(root) / FOUND, all_trials)
    for paper in papers:
        lines = compared[paper.name]
        tables = {
            "reported-against-obtained": partial(by_table, lines),
            "obtained": partial(_obtained_of, paper, evidence[paper.name]),
            "claims": partial(_claims_of, paper, evidence[paper.name]),
            "held": partial(_held_of, paper, lines, evidence[paper.name]),
            "verdicts": partial(_verdicts_of, lines),
            "verdict-rule": verdict_rule,
        }
        yield from _changed(paper.folder / README, tables)


def _obtained_of(paper: Paper, runs: Sequence[Run]) -> str:
    return obtained_table(results.everything(paper, runs))


def _claims_of(paper: Paper, runs: Sequence[Run]) -> str:
    return claims_table(check_claims(paper.claims, runs))


def _held_of(paper: Paper, lines: Sequence[Comparison], runs: Sequence[Run]) -> str:
    return held(lines, check_claims(paper.claims, runs))


def _verdicts_of(lines: Sequence[Comparison]) -> str:
    return verdict_counts(lines) + "\n"


def _changed(path: Path, tables: dict[str, Callable[[], str]]) -> Iterable[tuple[Path, str]]:
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")

    def filled(match: re.Match) -> str:
        if match[2] in OF_TESTS:
            return match[0]
        if match[2] not in tables:
            raise UserError(f"{path}: no table '{match[2]}'; there are {', '.join(sorted(tables))}")
        return f"{match[1]}{tables[match[2]]()}{match[3]}"

    if len(_ANY_MARK.findall(text)) != 2 * len(_TABLE.findall(text)):
        raise UserError(f"{path}: a table's mark is misspelt: it is <!-- table: NAME --> to <!-- /table -->")
    new = _TABLE.sub(filled, text)
    if new != text:
        yield path, new


def obtained_table(recorded: Iterable[Obtained]) -> str:
    """One line per row that is recorded, with all that is recorded of it."""
    return markdown_table(RECORDED, recorded_rows(recorded))


def papers_table(papers: Sequence[Paper]) -> str:
    """One line per paper: its name, as commands take it, and what it is about."""
    return markdown_table(
        ("Name", "Paper"), [(f"[{paper.name}]({_link(paper)})", paper.about) for paper in papers]
    )


def _link(paper: Paper) -> str:
    return f"{paper.package.replace('.', '/')}/{README}"


def overview_table(papers: Sequence[Paper], compared: dict[str, list[Comparison]]) -> str:
    """One line per paper: how many numbers of its own it reports, and how many have which verdict."""
    header = ("Paper", "Own numbers", *(f"{SIGNS[v]} {v.lower()}" for v in VERDICTS))
    rows = []
    for paper in papers:
        lines = own(compared[paper.name])
        link = f"[{paper.title}]({_link(paper)})"
        counts = [sum(line.verdict == verdict for line in lines) for verdict in VERDICTS]
        rows.append((link, str(len(lines)), *map(str, counts)))
    return markdown_table(header, rows) + _without_noise(compared)


def _without_noise(compared: dict[str, list[Comparison]]) -> str:
    """How many of the numbers that are reproduced are no outcome of a training."""
    held = [line for lines in compared.values() for line in own(lines) if line.verdict == REPRODUCED]
    sizes = sum(not line.reported.design for line in held)
    if not sizes:
        return ""
    of = "All" if sizes == len(held) else f"{sizes} of the"
    said = f"{of} {len(held)} reproduced numbers are sizes and counts, not rates. Where we set them to the"
    return f"\n{said}\nprinted value, that shows that the value is possible, and no more.\n"


def in_short(papers: Sequence[Paper]) -> str:
    """What came out of each paper, in the words of its own README."""
    said = [(f"[{paper.name}]({_link(paper)})", _words(paper)) for paper in papers]
    return "".join(f"- **{link}**: {words}\n" for link, words in said if words)


def _words(paper: Paper) -> str:
    return " ".join(markdown.section(readme_of(paper), IN_SHORT).split())


def readme_of(paper: Paper) -> str:
    """The text of a paper's README; '' where it has none."""
    path = paper.folder / README
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def finding(papers: Sequence[Paper]) -> str:
    """The first paper whose rates are shares of another test set than it states, with the figure of them."""
    for paper in papers:
        readings = two_readings(paper.reported(), paper.printed_sets)
        if readings:
            said = shares.sentence(f"[{paper.title}]({_link(paper)})", *readings)
            command = f"`python -m reproductions consistency {paper.name}` shows each computation."
            return f"{said} {command}\n\n![{shares.caption(*readings)}](docs/finding.png)\n"
    return ""


def verdict_rule() -> str:
    """The rule, as a quotation."""
    return "".join(f"> {line}\n" for line in VERDICT_RULE.splitlines())
