"""What the recorded trials found: tables and a picture for the documents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shared.base.text import markdown_table
from shared.comparison import Run, find_evidence
from shared.report.canvas import BLUE, INK, RED, panels
from shared.trust.found import HEAD, Found, findings
from shared.trust.part import Part
from shared.trust.part_of_sights import SEEN

EVIDENCE = Path("docs", "trials")
"""The recorded trials, under the repository's root."""
ROOT = Path(__file__).parents[2]
SENTENCE = (
    "A network that is not trained, and a small head on its features: means of the classes' recalls. A fault "
    "is named where the 99% interval shows one. docs/found.md says how it was done."
)
ONE_OF = ("Shortcut", "Shown blind")
"""Questions that are asked in several ways: the README has the one that tells most."""


def recorded_trials(root: Path) -> list[Run]:
    """The trials that are kept in the repository."""
    return find_evidence(Path(root) / EVIDENCE)[0]


def part(runs: Sequence[Run]) -> Part:
    """The report's section: every answer of the trials on disk, and of those recorded that are not there."""
    own = {run.row for run in runs}
    kept = [run for run in recorded_trials(ROOT) if run.row not in own]
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


def forest(runs: Sequence[Run]) -> Figure:
    """A panel for each set: every rate with its interval, beside chance."""
    by_set: dict[str, list[Found]] = {}
    for found in findings(runs):
        if not math.isnan(found.rate[0]):
            by_set.setdefault(found.set, []).append(found)
    figure, axes = panels(len(by_set), 2, 6.2, 4.4, "")
    for each, (name, several) in zip(axes, by_set.items(), strict=True):
        _panel(each, name, several)
    return figure


def _panel(axes: Axes, name: str, several: Sequence[Found]) -> None:
    for place, found in enumerate(reversed(several)):
        value, low, high = (100 * number for number in found.rate)
        colour, marker = (RED, "D") if found.fault else (BLUE, "o")
        axes.plot([low, high], [place, place], color=colour, linewidth=1.4)
        axes.plot(value, place, marker, color=colour, markersize=5)
    axes.axvline(100 * several[0].by_chance, color=INK, linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(several)), [_label(found.trial) for found in reversed(several)], fontsize=8)
    axes.set_xlim(0, 102)
    axes.set_title(name, fontsize=10, color=INK)
    axes.set_xlabel("mean of the classes' recalls, %", fontsize=9)


def _label(trial: str) -> str:
    """The name of a trial in words."""
    kind, _, rest = trial.partition("-")
    if kind == "only":
        return SEEN[rest]
    if kind == "shown":
        return f"learnt from whole, shown {SEEN[rest]}"
    if kind == "shuffled":
        among, _, by = rest.partition("-by-")
        return f"labels dealt to {among}, split by {by}"
    return f"on {rest}" if kind == "elsewhere" else "as they are"
