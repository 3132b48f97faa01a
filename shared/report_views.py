"""What the report shows, as plain values: from runs, reported.csv, obtained.csv and READMEs to views."""

from __future__ import annotations

import base64
import dataclasses
import importlib
import importlib.util
import itertools
import math
import shlex
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shared import consistency, drawings, metrics, readmes
from shared.audits import Audit, find_audits
from shared.consistency import Finding
from shared.listing import package_folder
from shared.paper import Paper
from shared.results import (
    VERDICTS,
    Claim,
    ClaimResult,
    Comparison,
    Obtained,
    Predictions,
    Reported,
    Run,
    check_claims,
    compare,
    load_obtained,
    load_reported,
)
from shared.runs import pool

DEMO = "DEMO"
LINE_VERDICTS = (*VERDICTS, DEMO)
CLAIM_VERDICTS = ("HOLDS", "FAILS", "INCONCLUSIVE", "NOT RUN")

MOST_PICTURES, MOST_BYTES = 8, 6_000_000
"""Pictures shown per row, and bytes of pictures per paper: a report must stay a file that can be mailed."""
MOST_LINES = 300
"""Lines of an audit's table."""
MOST_CURVES, MOST_PANELS = 5, 6
"""Draws in one panel of curves, and panels per row: more cannot be told apart."""

PNG = b"\x89PNG\r\n\x1a\n"


@dataclasses.dataclass(frozen=True)
class Line:
    """A reported number with its comparison, and where ours comes from."""

    comparison: Comparison
    origin: str
    """'here', 'recorded' in obtained.csv, 'demo', or '' for nothing."""

    @property
    def verdict(self) -> str:
        """A demo has none."""
        return DEMO if self.origin == "demo" else self.comparison.verdict


@dataclasses.dataclass(frozen=True)
class Picture:
    """A PNG as a data URI."""

    uri: str
    caption: str
    source: str
    """The draw it is of, where there are several."""


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
    seconds: float
    deviations: str
    started: str


@dataclasses.dataclass(frozen=True)
class RowView:
    """The draws of one row with the same overrides: what the report shows of them."""

    id: str
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


@dataclasses.dataclass(frozen=True)
class AuditView:
    """One audit, cut to what a page can hold."""

    title: str
    text: Sequence[str]
    columns: Sequence[str]
    lines: Sequence[Sequence[str]]
    lines_left_out: int
    pictures: Sequence[Picture]
    left_out: int
    demo: bool


@dataclasses.dataclass(frozen=True)
class PaperView:
    """All that the template shows of a paper."""

    paper: Paper
    protocol: Sequence[readmes.Block]
    deviations: Sequence[tuple[int, str, str]]
    """(number, text, where it is in force)."""
    lines: Sequence[Line]
    plot: drawings.DotPlot | None
    claims: Sequence[tuple[Claim, ClaimResult]]
    findings: Sequence[Finding]
    rows: Sequence[RowView]
    audits: Sequence[AuditView]

    @property
    def real(self) -> int:
        return sum(len(row.draws) for row in self.rows if not row.demo)

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
    def notes(self) -> Mapping[str, int]:
        """The notes on reported numbers, each once, numbered."""
        notes = dict.fromkeys(line.comparison.reported.note for line in self.lines)
        return {note: number for number, note in enumerate(filter(None, notes), 1)}

    @property
    def misfits(self) -> int:
        return len(consistency.misfits(self.findings))

    @property
    def counts(self) -> Mapping[str, int]:
        verdicts = [line.verdict for line in self.lines]
        return {verdict: verdicts.count(verdict) for verdict in LINE_VERDICTS}

    @property
    def claim_counts(self) -> Mapping[str, int]:
        verdicts = [result.verdict for _, result in self.claims]
        return {verdict: verdicts.count(verdict) for verdict in CLAIM_VERDICTS}


def paper_view(paper: Paper, runs: Sequence[Run], out: Path) -> tuple[PaperView, list[tuple[Path, str]]]:
    """The view over the runs that can be shown, and the folders of the others with what is wrong with each.

    What a run folder may hold is open-ended: once something fails, each run is tried alone.
    """
    audits, damaged = find_audits(out, paper.name)
    files = _read_files(paper, audits)
    runs = [run for run in runs if run.paper == paper.name]
    try:
        return _view(paper, files, runs), damaged
    except Exception:
        problems = {id(run): _problem(paper, files, run) for run in runs}
    usable = [run for run in runs if not problems[id(run)]]
    damaged += [(run.folder, problems[id(run)]) for run in runs if problems[id(run)]]
    return _view(paper, files, usable), damaged


def _problem(paper: Paper, files: PaperFiles, run: Run) -> str:
    try:
        _view(paper, files, [run])
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


@dataclasses.dataclass(frozen=True)
class PaperFiles:
    """What there is to show of a paper, whatever has run."""

    readme: str
    reported: Sequence[Reported]
    recorded: Sequence[Obtained]
    findings: Sequence[Finding]
    audits: Sequence[Audit]


def _read_files(paper: Paper, audits: Sequence[Audit]) -> PaperFiles:
    folder = package_folder(paper)
    readme = folder / readmes.README
    reported = load_reported(folder / readmes.REPORTED)
    return PaperFiles(
        readme.read_text(encoding="utf-8") if readme.is_file() else "",
        reported,
        load_obtained(folder / readmes.OBTAINED),
        _findings(paper, reported),
        audits,
    )


def _findings(paper: Paper, reported: Sequence[Reported]) -> list[Finding]:
    """What does not fit comes first."""
    module = f"{paper.package}.test_sets"
    sizes = importlib.import_module(module).TEST_SETS if importlib.util.find_spec(module) else ()
    order = (consistency.MISFIT, consistency.READING, consistency.FITS)
    return sorted(consistency.check(reported, sizes), key=lambda finding: order.index(finding.kind))


def _view(paper: Paper, files: PaperFiles, runs: Sequence[Run]) -> PaperView:
    budget = PictureBudget(MOST_BYTES)
    lines = _lines(files.reported, files.recorded, runs)
    protocol = [readmes.section(files.readme, name) for name in ("Claims?", "Protocol")]
    return PaperView(
        paper=paper,
        protocol=[block for text in protocol for block in readmes.blocks(text)],
        deviations=_deviations(readmes.deviations(files.readme), runs),
        lines=lines,
        plot=_dot_plot(lines),
        claims=check_claims(paper.claims, runs),
        findings=files.findings,
        rows=_row_views(paper, runs, budget),
        audits=[_audit_view(audit, budget) for audit in files.audits],
    )


def _lines(reported: Sequence[Reported], recorded: Sequence[Obtained], runs: Sequence[Run]) -> list[Line]:
    """Every reported number: from real runs here, else as recorded, else from a demo or an override."""
    real = [run for run in runs if not run.demo and not run.overrides]
    others = [run for run in runs if run.demo or run.overrides]
    return [
        _line(first if first.obtained or not second.obtained else second, recorded)
        for first, second in zip(
            compare(reported, [*recorded, *real]), compare(reported, others), strict=True
        )
    ]


def _line(comparison: Comparison, recorded: Sequence[Obtained]) -> Line:
    ours = comparison.obtained
    if ours is None:
        return Line(comparison, "")
    if any(ours is entry for entry in recorded):
        return Line(comparison, "recorded")
    return Line(comparison, "demo" if ours.demo else "here")


def _dot_plot(lines: Sequence[Line]) -> drawings.DotPlot | None:
    groups: dict[str, list[drawings.Dots]] = {}
    for line in lines:
        r = line.comparison.reported
        if line.comparison.obtained is not None and metrics.is_metric(r.metric):
            group = readmes.metric_name(r.metric, r.split) + (f" · {r.class_name}" if r.class_name else "")
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
        return "in force in every row run here"
    more = f" and {len(bound) - 6} more" if len(bound) > 6 else ""
    return f"in force in {', '.join(bound[:6])}{more}"


# --- rows ------------------------------------------------------------------------------------------------


def _row_views(paper: Paper, runs: Sequence[Run], budget: PictureBudget) -> list[RowView]:
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
    )


def _draw(run: Run) -> Draw:
    facts = run.facts
    return Draw(
        draw=str(run.draw),
        accuracy=_accuracy([run]),
        seed=str(facts.get("seed", "")),
        device=str(facts.get("device", "")),
        precision=str(facts.get("precision", "")),
        seconds=float(facts.get("seconds", "nan")),
        deviations=", ".join(map(str, facts.get("deviations", ()))),
        started=str(facts.get("started", ""))[:16].replace("T", " "),
    )


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
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return Confusion(split, predictions.classes, counts.tolist(), shares.round(3).tolist())


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
    quantities = dict.fromkeys(name.removeprefix("val_") for name in names if name != x_label)
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


# --- pictures and audits ---------------------------------------------------------------------------------


@dataclasses.dataclass
class PictureBudget:
    """Takes pictures as long as there are bytes left for a paper."""

    bytes_left: int

    def of_runs(self, runs: Sequence[Run]) -> tuple[list[Picture], int]:
        """A row's pictures, each name once, from the first draw that has it; and how many are left out."""
        first: dict[str, tuple[Path, str, str]] = {}
        for run in runs:
            for name, (path, caption) in run.pictures.items():
                if path.parent == run.folder:  # a name in facts.json may hold a path
                    first.setdefault(name, (path, caption, f"draw {run.draw}"))
        shown = self._take(first.values())
        return shown, sum(len(run.pictures) for run in runs) - len(shown)

    def of_audit(self, audit: Audit) -> tuple[list[Picture], int]:
        """An audit's pictures, and how many are left out."""
        shown = self._take((path, caption, "") for path, caption in audit.pictures.values())
        return shown, len(audit.pictures) - len(shown)

    def _take(self, files: Iterable[tuple[Path, str, str]]) -> list[Picture]:
        taken = []
        for path, caption, source in itertools.islice(files, MOST_PICTURES):
            content = self._png(path)
            if content:
                uri = f"data:image/png;base64,{base64.b64encode(content).decode()}"
                taken.append(Picture(uri, str(caption), source))
        return taken

    def _png(self, path: Path) -> bytes:
        """The file's bytes if it is a PNG and fits; a link would lead out of the folder."""
        if path.is_symlink() or path.stat().st_size > self.bytes_left:
            return b""
        content = path.read_bytes()
        if not content.startswith(PNG):
            return b""
        self.bytes_left -= len(content)
        return content


def audit_views(out: Path) -> tuple[list[AuditView], list[tuple[Path, str]]]:
    """The audits of whole datasets, and the folders that cannot be used."""
    audits, damaged = find_audits(out)
    budget = PictureBudget(MOST_BYTES)
    return [_audit_view(audit, budget) for audit in audits], damaged


def _audit_view(audit: Audit, budget: PictureBudget) -> AuditView:
    pictures, left_out = budget.of_audit(audit)
    lines = audit.lines[:MOST_LINES]
    more = len(audit.lines) - len(lines)
    return AuditView(audit.title, audit.text, audit.columns, lines, more, pictures, left_out, audit.demo)
