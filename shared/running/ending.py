"""The last three lines of a command: what came out, where the report is, what to do next."""

from __future__ import annotations

import argparse
import importlib
import webbrowser
from collections import Counter
from collections.abc import Mapping, Sequence

from shared.base.errors import UserError
from shared.comparison import VERDICTS, Comparison
from shared.paper import Paper
from shared.report import page

REPORT = "report.html"


def show(paper: Paper, args: argparse.Namespace, came_out: str, next_step: str) -> None:
    """Writes the report and prints the three lines; `--open` shows the report."""
    print(f"\n{came_out}")
    try:
        target = page.write_report(_all_papers(paper), args.out, args.out / REPORT).resolve()
        print(f"Report: {target}")
    except UserError as error:
        print(f"Report: not written: {error}")
        args.open = False
    print(f"Next: {next_step}")
    if args.open:
        webbrowser.open(target.as_uri())


def came_out(comparisons: Sequence[Comparison]) -> str:
    """The verdicts, counted."""
    counts = Counter(c.verdict for c in comparisons if c.obtained is not None)
    if not counts:
        return "No number of the paper could be compared."
    words = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    return f"{sum(counts.values())} numbers of the paper compared: {words}."


def next_step(paper: Paper, missing: Mapping[str, Sequence[str]]) -> str:
    """The command for what most runs need next: missing data, else to keep the draws."""
    if any(missing.values()):
        return f"python -m reproductions get {paper.name}   (fetches what can be fetched)"
    return f"python -m reproductions record {paper.name}   (keeps the draws as evidence)"


def _all_papers(paper: Paper) -> list[Paper]:
    """The paper and its neighbours: the report is one for all."""
    package = paper.package.rpartition(".")[0]
    names = importlib.import_module(package).PAPERS
    return [importlib.import_module(f"{package}.{name}").PAPER for name in names]
