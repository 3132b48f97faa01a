"""What the recorded trials found: tables for the documents and the report."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

from shared.base.text import markdown_table
from shared.comparison import Run, find_evidence
from shared.trust.found import HEAD, Found, findings
from shared.trust.part import Part

EVIDENCE = Path("docs", "trials")
"""The recorded trials, under the repository's root."""
ROOT = Path(__file__).parents[2]
SENTENCE = (
    "A network that is not trained, and a small head on its features: means of the classes' recalls. A fault "
    "is named where the 99% interval shows one. docs/found.md says how it was done."
)
ONE_OF = ("Shortcut", "Shown blind")
"""Questions that are asked in several ways: the README has the one that tells most."""


@functools.cache
def recorded_trials(root: Path) -> Sequence[Run]:
    """The trials that are kept in the repository: read once, with what is computed from them."""
    return find_evidence(Path(root) / EVIDENCE)[0]


def part(runs: Sequence[Run]) -> Part:
    """The report's section: every answer of the trials on disk, and the recorded ones of other sets.

    A set's own trials are not mixed with recorded ones: these may be of other images.
    """
    own = {run.facts["config"]["set"] for run in runs}
    kept = [run for run in recorded_trials(ROOT) if run.facts["config"]["set"] not in own]
    return Part("Each answer", (SENTENCE,), HEAD, tuple(found.line for found in findings([*runs, *kept])))


def all_findings(runs: Sequence[Run]) -> str:
    """A line for each question about each set."""
    return _table(findings(runs))


def chosen_findings(runs: Sequence[Run]) -> str:
    """The faults that were found; of those that were sought in several ways, the largest of each set."""
    faults = [found for found in findings(runs) if found.fault]
    best: dict[tuple[str, str], Found] = {}
    for found in faults:
        key = found.set, found.question
        if key not in best or found.rate[0] > best[key].rate[0]:
            best[key] = found
    return _table([f for f in faults if f.question not in ONE_OF or f is best[f.set, f.question]])


def _table(found: Sequence[Found]) -> str:
    lines = [(*one.line[:-1], f"`{one.command}`") for one in found]
    return markdown_table(HEAD, lines)
