"""The runs that count for a paper: those that are what they say, of a row's own config and code version."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.comparison import Run, find_runs
from shared.paper import Paper

LeftOut = list[tuple[Path, str]]


def find(papers: Sequence[Paper], out: Path) -> tuple[list[Run], LeftOut]:
    """The runs under an output folder that count for these papers, and the folders left out, with reasons."""
    by_name = {paper.name: paper for paper in papers}
    runs, left_out = find_runs(out)
    counting = []
    for run in runs:
        paper = by_name.get(run.paper)
        reason = foreign(paper, run) if paper else ""
        if reason:
            left_out.append((run.folder, reason))
        else:
            counting.append(run)
    return counting, left_out


def foreign(paper: Paper, run: Run) -> str:
    """'' where the run is of one of the paper's rows as it is now, else one line."""
    row = next((row for row in paper.rows if row.id == run.row), None)
    if row is None:
        return f"{paper.name} has no row '{run.row}'"
    return other_than(paper, paper.demo(row) if run.demo else row, run)


def other_than(paper: Paper, row: Any, run: Run) -> str:
    """'' where the run's config is the row's, but for what was set by hand, and so is its code version.

    A field that the run's config lacks was added later: it has its default as long as the code version is
    the same.
    """
    version, now = run.facts.get("code_version", 1), paper.code_version(row)
    if version != now:
        return f"is of code version {version} of the row, which is now {now}"
    config = run.facts.get("config")
    if not isinstance(config, dict):
        return "holds no config"
    wanted, whole = config_of(row), {**_defaults(row), **config}
    by_hand = {text.partition("=")[0] for text in run.overrides}
    differing = {name for name in {**wanted, **whole} if wanted.get(name) != whole.get(name)} - by_hand
    return f"holds a run of another config ({', '.join(sorted(differing))})" if differing else ""


def config_of(row: Any) -> dict[str, Any]:
    """The config as JSON keeps it."""
    return json.loads(json.dumps(dataclasses.asdict(row)))


def _defaults(row: Any) -> dict[str, Any]:
    fields = [f for f in dataclasses.fields(row) if f.default is not dataclasses.MISSING]
    return json.loads(json.dumps({f.name: f.default for f in fields}))
