"""The last three lines of a command: what came out, where the report is, what to do next."""

from __future__ import annotations

import argparse
import importlib
import webbrowser
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.base.errors import UserError
from shared.comparison import VERDICTS, Comparison
from shared.paper import Paper
from shared.report import page

REPORT = "report.html"


def show(paper: Paper, args: argparse.Namespace, came_out: str, next_step: str) -> None:
    """Prints the three lines; after draws that are asked for one by one, no report: it waits for all."""
    print(f"\n{came_out}")
    if args.draw is None:
        report(_all_papers(paper), args.out, args.open)
    print(f"Next: {next_step}")


def report(papers: Sequence[Paper], out: Path, opened: bool = False) -> None:
    """Writes the report over all that is in the folder of results, and says where it is."""
    try:
        target = page.write_report(papers, out, out / REPORT).resolve()
    except UserError as error:  # finished draws can be looked at where nothing can be written
        print(f"Report: not written: {error}")
        return
    print(f"Report: {target}")
    if opened:
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
