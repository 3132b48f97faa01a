"""The picture of what the recorded trials found."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shared.comparison import Run
from shared.report.canvas import BLUE, INK, RED, panels
from shared.trust.found import Found, findings
from shared.trust.part_of_sights import SEEN


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
