"""Recording real draws as evidence, and verifying that all that is shown follows from it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from shared.comparison import (
    DamagedRun,
    LeftOut,
    Run,
    files_of,
    find_evidence,
    find_runs,
    place_of,
    read_run,
    record_run,
    same_run,
    strange_files,
    unfit,
)
from shared.paper import Paper
from shared.report import findings, readmes, results
from shared.trust.trial import NAME as TRIALS

Foreign = Callable[[Run], str]


def record(papers: Sequence[Paper], out: Path) -> Iterator[str]:
    """Copies the real draws under an output folder into the papers' evidence; a line for each."""
    runs, left_out = results.local(papers, out)
    yield from (f"left out: {folder}: {reason}" for folder, reason in left_out)
    for paper in papers:
        real = [run for run in runs if run.paper == paper.name and not run.demo]
        if not real:
            yield f"{paper.name}: no real run under {out}"
        for run in real:
            kept = _record(run, paper.folder / results.EVIDENCE, partial(results.foreign, paper))
            yield f"{paper.name}: {run.row}, draw {run.draw}: {kept}"


def record_trials(out: Path, root: Path) -> Iterator[str]:
    """Copies the trials under an output folder into the repository's; a line for each."""
    for run in find_runs(out)[0]:
        if run.paper == TRIALS and not run.demo:
            yield f"{run.row}: {_record(run, root / findings.EVIDENCE, _of_trials)}"


def _of_trials(run: Run) -> str:
    return "" if run.paper == TRIALS else "is no trial"


def _record(run: Run, evidence: Path, foreign: Foreign) -> str:
    reason = unfit(run)
    if reason:
        return f"not recorded: {reason}"
    target = place_of(run, evidence)
    there = _there(target, foreign)
    if there and same_run(run, there):
        return "recorded before"
    if there:
        return f"not recorded: {target} holds another run of this draw; remove it to take this one"
    record_run(run, target)
    return f"recorded in {target}"


def _there(target: Path, foreign: Foreign) -> Run | None:
    """The draw that is recorded here, if it can be used as things are now."""
    try:
        found = read_run(target)
    except DamagedRun:
        return None
    return None if foreign(found) else found


def verify(papers: Sequence[Paper], root: Path) -> Iterator[str]:
    """A line for every broken seal, strange file, and table that does not follow from the evidence."""
    for paper in papers:
        yield from _wrong_in(paper.folder / results.EVIDENCE, results.recorded([paper])[1])
    trials = root / findings.EVIDENCE
    yield from _wrong_in(trials, find_evidence(trials)[1])
    for path, text in readmes.rendered(papers, root):
        yield f"{path}: {_first_difference(path.read_text(encoding='utf-8'), text)}"


def _wrong_in(folder: Path, left_out: LeftOut) -> Iterator[str]:
    """A line for each draw that is left out, run of unknown code, and strange file."""
    yield from (f"{place}: {reason}" for place, reason in left_out)
    runs, _ = find_evidence(folder)
    yield from (f"{run.folder}: {reason}" for run in runs if (reason := unfit(run)))
    known = [path for run in runs for path in files_of(run)]
    broken = {place for place, _ in left_out}
    strange = strange_files(folder, known)
    yield from (f"{path}: belongs to no recorded draw" for path in strange if path.parent not in broken)


def _first_difference(there: str, wanted: str) -> str:
    pairs = itertools.zip_longest(there.splitlines(), wanted.splitlines(), fillvalue="")
    number, (_, line) = next((n, pair) for n, pair in enumerate(pairs, 1) if pair[0] != pair[1])
    return f"line {number} does not follow from the evidence, which gives: {line[:160]}"
