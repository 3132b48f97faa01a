"""The needs and cost of a run: data and weights, stages, image-steps, and an estimate of the time."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from shared.base.files import write_text
from shared.base.text import duration, text_table
from shared.comparison import best_verdicts
from shared.paper import Paper, Work
from shared.report.terminal import printed, quantity
from shared.running import timing
from shared.training.runtime import Runtime, start
from shared.training.stages import Stages


def missing(paper: Paper, row: Any, data_dir: Path, weights_dir: Path) -> tuple[str, ...]:
    """One line for each thing that the row needs and that is missing."""
    lines = (need.find(data_dir, weights_dir) for need in paper.needs(row))
    return tuple(line for line in lines if line)


def missing_lines(missing: Mapping[str, Sequence[str]]) -> str:
    """Every missing thing once, with the number of rows that wait for it."""
    waiting: dict[str, int] = {}
    for lines in missing.values():
        for line in lines:
            waiting[line] = waiting.get(line, 0) + 1
    return "\n".join(f"  - {line}  [{n} {'row' if n == 1 else 'rows'}]" for line, n in waiting.items())


def show(paper: Paper, rows: Sequence[Any], missing: Mapping, args: argparse.Namespace) -> Runtime:
    """Prints the plan of these rows."""
    runtime = start(args.precision, args.seed, args.threads)
    pieces = {row.id: paper.work(row) for row in rows}
    stages = Stages(args.out / "cache" / "stages")
    done = {_identity(w) for works in pieces.values() for w in works if _is_done(w, stages, args.seed)}
    speeds = measure(
        [w for works in pieces.values() for w in works if _identity(w) not in done], runtime, args.out
    )
    seen, lines, total = set(done), [], 0.0
    for row in rows:
        own = [w for w in pieces[row.id] if _identity(w) not in seen]
        shared = [w for w in pieces[row.id] if _identity(w) in seen]
        seconds = sum(w.images * speeds[_speed(w)] for w in own)
        total += seconds
        images = f"{sum(w.images for w in own):,}"
        lines.append((row.id, _found(missing[row.id]), _shared(shared, done), images, duration(seconds)))
        seen.update(map(_identity, own))
    header = ("row", "data and weights", "shared or done", "image-steps", "time")
    print(text_table(header, lines))
    runnable = [row for row in rows if not missing[row.id]]
    print(f"\n{len(runnable)} of {len(rows)} rows can run; in all about {duration(total)} on this machine.")
    if any(missing.values()):
        print("Missing:\n" + missing_lines(missing))
    print("\n" + what_it_can_show(paper, rows))
    return runtime


def what_it_can_show(paper: Paper, rows: Sequence[Any]) -> str:
    """For each printed number of these rows the best verdict that the planned draws can give."""
    draws = {row.id: row.draws for row in rows}
    found = best_verdicts(paper.reported(), draws, paper.printed_sets)
    if not found:
        return "The paper prints no number for these rows alone."
    lines = [(r.place, r.label, quantity(r), printed(r), verdict, why) for r, verdict, why in found]
    header = ("place", "label", "quantity", "reported", "best verdict", "what more would need")
    return "The best verdict that these draws can give:\n" + text_table(header, lines)


def measure(works: Sequence[Work], runtime: Runtime, out: Path) -> dict[str, float]:
    """Seconds per image of each kind of work, from a few steps; remembered for the next plan."""
    path = Path(out) / "cache" / "speeds.json"
    known = _remembered(path)
    prefix = f"{runtime.device} {runtime.precision} "
    kinds = {_speed(w): w for w in works}
    todo = {kind: w for kind, w in kinds.items() if prefix + kind not in known}
    for kind, work in tqdm(
        todo.items(), desc="timing a few steps of each kind of work", disable=None, leave=False
    ):
        known[prefix + kind] = timing.seconds_per_image(work, runtime)
        write_text(path, json.dumps(known, indent=1))
    return {kind: known[prefix + kind] for kind in kinds}


def _remembered(path: Path) -> dict[str, float]:
    """The speeds measured before; none where the file cannot be used."""
    if not path.exists():
        return {}
    try:
        known = dict(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        print(f"{path} is damaged: the speeds are measured again")
        return {}
    return {kind: speed for kind, speed in known.items() if isinstance(speed, float) and 0 < speed < math.inf}


def _identity(work: Work) -> tuple[str, str]:
    return work.name, json.dumps(dict(work.key), sort_keys=True, default=str)


def _speed(work: Work) -> str:
    return work.speed or f"{work.name} {_identity(work)[1]}"


def _is_done(work: Work, stages: Stages, seed: int) -> bool:
    return bool(work.stage) and stages.any_done(work.stage, {**work.key, "seed": seed})


def _found(lines: Sequence[str]) -> str:
    return f"{len(lines)} missing" if lines else "found"


def _shared(works: Sequence[Work], done: set) -> str:
    return "; ".join(f"{w.name}: {'done' if _identity(w) in done else 'shared'}" for w in works) or "–"
