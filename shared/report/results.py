"""The runs that count for a paper: those that are what they say, of a row's own config and code version."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from shared.comparison import LeftOut, Obtained, Run, find_evidence, find_runs, obtain, once_each, read_as
from shared.paper import Paper

EVIDENCE = "evidence"
"""A paper's folder of recorded draws."""


def find(papers: Sequence[Paper], out: Path) -> tuple[list[Run], LeftOut]:
    """The runs that count: those under an output folder, and the recorded draws that are not among them.

    Beside them the folders left out, with reasons.
    """
    here, left_out = local(papers, out)
    kept, not_kept = recorded(papers)
    own = {run.identity for run in here}
    return [*here, *(run for run in kept if run.identity not in own)], left_out + not_kept


def local(papers: Sequence[Paper], out: Path) -> tuple[list[Run], LeftOut]:
    """The runs under an output folder; those of an unknown paper are no concern here."""
    by_name = {paper.name: paper for paper in papers}

    def reason_of(run: Run) -> str:
        return foreign(by_name[run.paper], run) if run.paper in by_name else ""

    runs, left_out = find_runs(out)
    runs, others = _counting(runs, reason_of)
    return runs, left_out + others


def recorded(papers: Sequence[Paper]) -> tuple[list[Run], LeftOut]:
    """The papers' evidence."""
    found: list[Run] = []
    left_out: LeftOut = []
    for paper in papers:
        runs, damaged = find_evidence(paper.folder / EVIDENCE)
        runs, others = _counting(runs, functools.partial(_no_evidence, paper))
        found, left_out = found + runs, left_out + damaged + others
    return found, left_out


def _counting(runs: Sequence[Run], reason_of: Callable[[Run], str]) -> tuple[list[Run], LeftOut]:
    """Each draw once, and what is left out with the reason."""
    reasons = [(run, reason_of(run)) for run in runs]
    once, twice = once_each(run for run, reason in reasons if not reason)
    alike, unlike = _of_one_order(once)
    return alike, [(run.folder, reason) for run, reason in reasons if reason] + twice + unlike


def _of_one_order(runs: Sequence[Run]) -> tuple[list[Run], LeftOut]:
    """Without draws whose classes are not those of most draws of their row: nobody can pool them."""
    orders: dict[tuple, Counter] = {}
    for run in runs:
        orders.setdefault((run.paper, run.row, run.demo), Counter())[run.predictions.classes] += 1
    kept: list[Run] = []
    left_out: LeftOut = []
    for run in runs:
        common = orders[run.paper, run.row, run.demo].most_common(1)[0][0]
        if run.predictions.classes == common:
            kept.append(run)
        else:
            own = ", ".join(run.predictions.classes)
            left_out.append((run.folder, f"its classes are {own}, and those of its row {', '.join(common)}"))
    return kept, left_out


def _no_evidence(paper: Paper, run: Run) -> str:
    if run.paper != paper.name:
        return f"is of {run.paper}, not of {paper.name}"
    return foreign(paper, run) if run.recorded and not run.demo else "was not written by `record`"


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


def everything(paper: Paper, runs: Sequence[Run]) -> list[Obtained]:
    """All that runs give: what the paper prints, the same of every row, each class read as the positive one.

    Runs with fields set by hand stand apart, whatever else has run.
    """
    reported = paper.reported()
    found: list[Obtained] = []
    for overrides in sorted({run.overrides for run in runs}):
        group = [run for run in runs if run.overrides == overrides]
        classes = sorted({name for run in group for name in run.predictions.classes})
        turned = [number for name in classes for number in read_as(reported, name)]
        found += obtain([*reported, *turned], group)
    return found


def config_of(row: Any) -> dict[str, Any]:
    """The config as JSON keeps it."""
    return json.loads(json.dumps(dataclasses.asdict(row)))


def _defaults(row: Any) -> dict[str, Any]:
    fields = [f for f in dataclasses.fields(row) if f.default is not dataclasses.MISSING]
    return json.loads(json.dumps({f.name: f.default for f in fields}))
