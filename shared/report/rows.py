"""The report's view of a row: draws, confusion matrices, curves, calibration, pictures and settings."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
import shlex
import statistics
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from shared.comparison import Predictions, Run, metrics, pool
from shared.paper import Paper
from shared.report import drawings
from shared.report.pictures import Picture, PictureBudget

MOST_CURVES, MOST_PANELS = 5, 6
"""Draws in one panel of curves, and panels per row: nobody could distinguish more."""


@dataclasses.dataclass(frozen=True)
class Confusion:
    """Counts over all draws, rows true and columns predicted, and their shares of each true class."""

    split: str
    classes: tuple[str, ...]
    counts: Sequence[Sequence[int]]
    shares: Sequence[Sequence[float]]


@dataclasses.dataclass(frozen=True)
class Draw:
    """One run's line in the table of draws, as text."""

    draw: str
    accuracy: str
    seed: str
    device: str
    precision: str
    speed: str
    """Of its trainings: images per second, and the share of the time that they waited for data."""
    memory: str
    """The most that it held: the GPU's, or without one the process's."""
    seconds: float
    deviations: str
    started: str
    recorded: bool


@dataclasses.dataclass(frozen=True)
class RowView:
    """The draws of one row with the same overrides: what the report shows of them."""

    id: str
    anchor: str
    """Its address in the page."""
    group: str
    """Rows of one group are folded together."""
    overrides: tuple[str, ...]
    demo: bool
    draws: Sequence[Draw]
    wanted: int
    commands: Sequence[str]
    accuracy: str
    confusions: Sequence[Confusion]
    panels: Sequence[drawings.Panel]
    calibration: drawings.Panel | None
    pictures: Sequence[Picture]
    left_out: int
    """Pictures that are in the run folders and not in the report."""
    settings: Sequence[tuple[str, str, str]]
    """(field, value, where the value comes from)."""
    deviations: Sequence[int]
    """The numbers of those that are in force."""

    @property
    def title(self) -> str:
        return " + ".join([self.id, *([", ".join(self.overrides)] if self.overrides else [])])


def row_views(paper: Paper, runs: Sequence[Run], budget: PictureBudget) -> list[RowView]:
    """Rows in the paper's order; each set of overrides, and the demo, is a row of its own."""
    order = {row.id: place for place, row in enumerate(paper.rows)}

    def group(run: Run) -> tuple:
        return order.get(run.row, len(order)), run.row, run.demo, run.overrides

    runs = sorted(runs, key=lambda run: (group(run), run.draw))
    return [_row_view(paper, list(draws), budget) for _, draws in itertools.groupby(runs, group)]


def _row_view(paper: Paper, runs: list[Run], budget: PictureBudget) -> RowView:
    first = runs[0]
    together = pool(runs)
    pictures, left_out = budget.of_runs(runs)
    return RowView(
        id=first.row,
        anchor=anchor(paper, first),
        group=_group(paper, first.row),
        overrides=first.overrides,
        demo=first.demo,
        draws=[_draw(run) for run in runs],
        wanted=int((first.facts.get("config") or {}).get("draws", 0)),
        commands=_commands(runs),
        accuracy=_accuracy(runs),
        confusions=[_confusion(together.of(split), split) for split in dict.fromkeys(together.split)],
        panels=_curves(runs),
        calibration=_calibration(together),
        pictures=pictures,
        left_out=left_out,
        settings=_settings(paper, first),
        deviations=sorted({n for run in runs for n in run.facts.get("deviations") or ()}),
    )


def anchor(paper: Paper, run: Run) -> str:
    """The address of a run's row in the page; a demo has its own, and so has each set of overrides."""
    words = (paper.name, "row", run.row, *run.overrides, *(("demo",) if run.demo else ()))
    plain = re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-")
    return f"{plain}-{zlib.crc32(' '.join(run.overrides).encode()):08x}" if run.overrides else plain


def _group(paper: Paper, row_id: str) -> str:
    """The row's value of the field that groups them; '' where it has no such field."""
    row = next((row for row in paper.rows if row.id == row_id), None)
    value = getattr(row, paper.grouped_by, "") if paper.grouped_by else ""
    return str(value)


def grouped(rows: Sequence[RowView]) -> dict[str, list[RowView]]:
    """Group -> its rows, in the order of the paper."""
    groups: dict[str, list[RowView]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    return groups


def _draw(run: Run) -> Draw:
    facts = run.facts
    return Draw(
        draw=str(run.draw),
        accuracy=_accuracy([run]),
        seed=str(facts.get("seed", "")),
        device=str(facts.get("device", "")),
        precision=str(facts.get("precision", "")),
        speed=_speed(facts),
        memory=f"{facts['peak_memory_bytes'] / 1e9:.1f} GB" if "peak_memory_bytes" in facts else "",
        seconds=float(facts.get("seconds", "nan")),
        deviations=", ".join(map(str, facts.get("deviations", ()))),
        started=str(facts.get("started", ""))[:16].replace("T", " "),
        recorded=run.recorded,
    )


def _speed(facts: Mapping[str, Any]) -> str:
    """Nothing where nothing was trained, or an older version made the draw."""
    if "images_per_second" not in facts:
        return ""
    return f"{facts['images_per_second']:.3g}/s, {facts['waiting_share']:.0%} waiting"


def _commands(runs: Sequence[Run]) -> list[str]:
    given = [run.facts.get("command", "") for run in runs]
    return [
        c for c in dict.fromkeys(c if isinstance(c, str) else shlex.join(map(str, c)) for c in given) if c
    ]


def _accuracy(runs: Sequence[Run]) -> str:
    values = [value for run in runs if not math.isnan(value := run.metric("accuracy"))]
    if not values:
        return ""
    spread = f" ± {100 * statistics.stdev(values):.2f}" if len(values) > 1 else ""
    return f"{100 * statistics.fmean(values):.2f}{spread}%"


def _confusion(predictions: Predictions, split: str) -> Confusion:
    counts = metrics.confusion(predictions.true, predictions.decided, len(predictions.classes))
    shares = metrics.shares_of_the_true(counts).round(3)
    return Confusion(split, predictions.classes, counts.tolist(), shares.tolist())


def _calibration(predictions: Predictions) -> drawings.Panel | None:
    """Of the test set; a score that is no probability has none."""
    test = predictions.of("test")
    if test.scores is not None or not len(test.true):
        return None
    return drawings.calibration(metrics.calibration_bins(test.true, test.probabilities).tolist())


def _curves(runs: Sequence[Run]) -> list[drawings.Panel]:
    """One panel per quantity of the histories: training solid, validation dashed, a line per draw."""
    histories = [run.history for run in runs if run.history][:MOST_CURVES]
    names = dict.fromkeys(name for history in histories for entry in history for name in entry)
    x_label = next((name for name in ("epoch", "step", "iteration") if name in names), "epoch")
    quantities = dict.fromkeys(
        name.removeprefix("val_") for name in names if name not in (x_label, "seconds")
    )
    panels = []
    for quantity in quantities:
        series = []
        for kind, name in (("training", quantity), ("validation", f"val_{quantity}")):
            series += [(kind, k, _points(history, x_label, name)) for k, history in enumerate(histories)]
        panels.append(drawings.curves(quantity.replace("_", " "), x_label, series))
    return [panel for panel in panels if panel][:MOST_PANELS]


def _points(history: Sequence[Mapping[str, Any]], x: str, y: str) -> list[tuple[float, float]]:
    return [
        (float(entry.get(x, k + 1)), float(entry[y]))
        for k, entry in enumerate(history)
        if isinstance(entry.get(y), float)
    ]


def _settings(paper: Paper, run: Run) -> list[tuple[str, str, str]]:
    """The config as it was run, each value with the place in the paper or the deviation it rests on."""
    row = next((row for row in paper.rows if row.id == run.row), None)
    sources = {f.name: f.metadata.get("source", "") for f in dataclasses.fields(row)} if row else {}
    config = run.facts.get("config") or {}
    return [(name, str(value), sources.get(name, "")) for name, value in config.items() if name != "id"]
