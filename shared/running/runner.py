"""Runs rows draw by draw into run folders, then compares."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.base.claim import claimed
from shared.base.errors import Diverged, UserError
from shared.base.files import make_folder, write_bytes, write_text
from shared.base.text import duration
from shared.comparison import (
    Comparison,
    DamagedRun,
    Run,
    by_row,
    compare,
    obtain,
    put_aside,
    read_run,
    write_run,
)
from shared.paper import Context, Folders, Paper
from shared.report import figures, results, terminal
from shared.report.canvas import png_bytes
from shared.running import plan, provenance
from shared.running.clock import counted
from shared.running.overrides import settle
from shared.running.places import Place, demo_place, real_place
from shared.training.runtime import Runtime
from shared.training.stages import Stages


def run_ready(
    paper: Paper, rows, ready, missing, overrides: Mapping[str, str], args: argparse.Namespace
) -> int:
    """The rows whose data and weights are there, at the paper's scale, after the plan."""
    if len(ready) < len(rows):
        print(
            f"{len(rows) - len(ready)} of {len(rows)} rows cannot run:\n" + plan.missing_lines(missing) + "\n"
        )
    if args.draw is None:  # a plan costs a minute; who asks for one draw has seen it
        plan.show(paper, ready, missing, args)
    return run_rows(real_place(paper, args), ready, overrides, args)


def run_demo(
    paper: Paper, rows: Sequence[Any], overrides: Mapping[str, str], args: argparse.Namespace
) -> int:
    """The same rows, small, on synthetic look-alikes."""
    place = demo_place(paper, args)
    if not place.data_dir.exists():  # a finished demo may lie where nothing can be written
        write_look_alikes(paper, place.data_dir)
    return run_rows(place, settle(paper, [paper.demo(row) for row in rows], overrides), overrides, args)


def write_look_alikes(paper: Paper, data_dir: Path) -> None:
    """The demo's images, once, by one process; they are in place when they are whole."""
    with claimed(data_dir.with_suffix(".claim")):
        if data_dir.exists():  # another process wrote them a moment ago
            return
        unfinished = data_dir.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        make_folder(unfinished)
        paper.write_phantoms(unfinished)
        os.replace(unfinished, data_dir)


def run_rows(place: Place, rows, overrides: Mapping[str, str], args: argparse.Namespace) -> int:
    """Every draw that is not there yet; then reported against obtained."""
    jobs = [(row, draw) for row in rows for draw in _draws(place, row, args)]
    began, process, code = time.perf_counter(), {}, provenance.code()
    runtime, lost = None, []
    for number, (row, draw) in enumerate(jobs, 1):
        folder = place.folder(row, overrides, args.seed, args.precision) / f"draw-{draw}"
        label = f"[{number}/{len(jobs)}] {'DEMO ' if place.demo else ''}{row.id}, draw {draw}"
        if _finished(place, folder, row):
            print(f"{label}: done before")
            continue
        print(f"{label} ({duration(time.perf_counter() - began)} so far)")
        if runtime is None:
            runtime = plan.started(args)
            process = provenance.process(runtime, code)
        try:
            run_draw(place, row, draw, folder, overrides, args, runtime, process)
        except Diverged as error:
            lost.append(f"{row.id}, draw {draw}: {error}")
            print(f"  no result: {error}")
    summarise(place, [row.id for row in rows])
    if lost:
        print("\nDiverged, and so without a result:", *lost, sep="\n  - ")
    return 1 if lost else 0


def run_draw(
    place: Place, row, draw: int, folder: Path, overrides, args, runtime: Runtime, process: Mapping[str, Any]
) -> None:
    """One draw of one row into its folder; the checkpoints of a killed one are found again."""
    work = place.cache_dir / "work" / f"{place.paper.name}-{folder.parent.name}-{folder.name}"
    with claimed(work.with_name(f"{work.name}.claim"), wait=args.wait) as free:
        if not free:
            print("  skipped: another process is running this draw")
            return
        if _finished(place, folder, row):  # by another process, a moment ago
            return
        make_folder(work)
        context = Context(
            place.data_dir,
            args.weights_dir,
            place.built,
            work,
            runtime,
            Stages(place.cache_dir / "stages", process["code"]),
            args.seed,
            place.demo,
        )
        facts = facts_of(place, row, draw, overrides, args)
        folders = Folders(place.data_dir, args.weights_dir, place.built)
        ground = {"config": facts["config"], **provenance.ground(place.paper, row, folders)}
        facts |= provenance.begin(work, ground, process)
        with counted(work / "seconds") as clock:
            predictions = place.paper.run(row, draw, context)
        write_run(folder, predictions, {**facts, "stages": context.stages.used, "seconds": clock.total})
        shutil.rmtree(work)


def facts_of(place: Place, row, draw: int, overrides: Mapping[str, str], args) -> dict[str, Any]:
    """The facts that identify a run, and the command that repeats it."""
    return {
        "paper": place.paper.name,
        "row": row.id,
        "draw": draw,
        "scale": "demo" if place.demo else "paper",
        "config": results.config_of(row),
        "overrides": {field: value for field, value in overrides.items() if hasattr(row, field)},
        "deviations": place.paper.in_force(row),
        "seed": args.seed,
        "asked_precision": args.precision,
        "command": command(place, row, overrides, args),
    }


def command(place: Place, row, overrides: Mapping[str, str], args) -> str:
    """The command that makes this row again, wherever data and weights are."""
    parts = ["python", "-m", place.paper.package, "--row", row.id]
    parts += [word for field, value in overrides.items() for word in ("--set", f"{field}={value}")]
    parts += ["--seed", str(args.seed)] * (args.seed != 0)
    parts += ["--precision", args.precision] * (args.precision != "auto")
    parts += ["--scale", "demo" if place.demo else "paper"]
    return shlex.join(parts)


def summarise(place: Place, row_ids: Sequence[str]) -> None:
    """Prints the results; writes them, and the figures over several rows, next to the runs."""
    runs, left_out = results.find([place.paper], place.root if not place.demo else place.root.parent)
    own = [run for run in runs if run.paper == place.paper.name and run.demo == place.demo]
    reported = place.paper.reported()
    comparisons = [
        c for c in compare(reported, own, place.paper.printed_sets) if set(c.reported.rows) & set(row_ids)
    ]
    told = {row for c in comparisons if c.obtained for row in c.reported.rows}
    others = obtain(reported, [run for run in own if run.row in set(row_ids) - told])
    heading = f"{place.paper.title}: reported against obtained"
    parts = ["DEMO – synthetic images, no verdicts\n" * place.demo + heading]
    parts += [terminal.comparison_table(comparisons)] if comparisons else []
    parts += ["Without a number to compare with:", terminal.obtained_table(others)] if others else []
    folder = place.root / place.paper.name
    drawn = _pictures(place, own, comparisons, heading)
    print("\n" + "\n\n".join(parts) + "\n")
    try:
        write_text(folder / "comparison.txt", "\n\n".join(parts) + "\n")
        for name, figure in drawn.items():
            write_bytes(folder / f"{name}.png", png_bytes(figure, demo=place.demo))
        written = ", ".join(["comparison.txt", *(f"{name}.png" for name in drawn)])
        print(f"Written to {folder}/: {written} and the run folders.")
    except UserError as error:  # finished draws can be looked at where nothing can be written
        print(f"not kept: {error}")
    for folder, reason in left_out:
        print(f"left out: {folder}: {reason}")


def _pictures(place: Place, own: Sequence[Run], comparisons: Sequence[Comparison], heading: str) -> dict:
    """name -> figure: the rates compared, and the paper's figures over several rows."""
    rates = [c for c in comparisons if c.obtained is not None and c.reported.unit in ("%", "fraction")]
    found = {"comparison": _figure(rates, heading)} if rates else {}
    if place.paper.figures:
        drawn = place.paper.figures(by_row(own, place.demo))
        found |= {name: figure for name, (figure, _) in drawn.items()}
    return found


def _figure(rates: Sequence[Comparison], heading: str):
    scale = [100 if c.reported.unit == "fraction" else 1 for c in rates]
    return figures.reported_against_obtained(
        [f"{' '.join(c.reported.rows)} {terminal.quantity(c.reported)}" for c in rates],
        [float(c.reported.value) * s for c, s in zip(rates, scale, strict=True)],
        [c.mean * s for c, s in zip(rates, scale, strict=True)],
        [(c.interval[0] * s, c.interval[1] * s) for c, s in zip(rates, scale, strict=True)],
        title=heading,
    )


def _draws(place: Place, row, args) -> Sequence[int]:
    """The draws that are asked for, or the first so many; a demo has no more of them than its row."""
    if args.draw is None:
        return range(min(args.draws or row.draws, row.draws) if place.demo else args.draws or row.draws)
    if place.demo and max(args.draw) >= row.draws:
        raise UserError(f"--draw {max(args.draw)}: the demo of {row.id} has draws 0 to {row.draws - 1}")
    return args.draw


def _finished(place: Place, folder: Path, row) -> bool:
    """Whether the run is there, whole; a damaged one is put aside, and one of another config is an error."""
    if not (folder / "facts.json").exists():
        return False
    try:
        run = read_run(folder)
    except DamagedRun as error:
        print(f"  {folder} cannot be used ({error}); kept as {put_aside(folder).name}")
        return False
    other = results.other_than(place.paper, row, run)
    if other:
        raise UserError(f"{folder} {other}: move it away or choose another --out")
    return True
