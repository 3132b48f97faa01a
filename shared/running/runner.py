"""Runs rows draw by draw into run folders, then compares."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import shlex
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.base import screen
from shared.base.claim import claimed
from shared.base.errors import NoResult, UserError
from shared.base.files import make_folder
from shared.base.text import duration
from shared.comparison import DamagedRun, Predictions, Run, put_aside, read_run, write_run
from shared.paper import Context, Folders, Paper
from shared.report import results
from shared.running import ending, plan, provenance, quiet, split_lists
from shared.running.clock import counted
from shared.running.overrides import by_hand
from shared.running.places import Place, real_place, stages_folder
from shared.running.summary import summarise
from shared.training import pace
from shared.training.runtime import Runtime
from shared.training.stages import Stages, listed


def run_ready(
    paper: Paper, rows, ready, missing, overrides: Mapping[str, str], args: argparse.Namespace
) -> int:
    """The rows whose data and weights are there, at the paper's scale, after the plan."""
    if len(ready) < len(rows):
        print(
            f"{len(rows) - len(ready)} of {len(rows)} rows cannot run:\n" + plan.missing_lines(missing) + "\n"
        )
    place = real_place(paper, args)
    check_lists(place, ready, args)
    if args.draw is None:  # a plan costs a minute; who asks for one draw has seen it
        plan.show(paper, ready, missing, args)
    lost = run_draws(place, ready, overrides, args)
    compared = summarise(place, [row.id for row in ready], lost)
    ending.show(paper, args, ending.came_out(compared), ending.next_step(paper, missing))
    return 1 if lost else 0


@quiet.at_work()
def run_draws(place: Place, rows, overrides: Mapping[str, str], args: argparse.Namespace) -> list[str]:
    """Runs every draw that is not there yet; those without a result, each as a line."""
    code = provenance.code()
    lost: list[str] = []

    @functools.cache
    def at_first() -> tuple[Runtime, Mapping[str, Any]]:
        runtime = plan.started(args)
        return runtime, provenance.process(runtime, code)

    for number, row in enumerate(rows, 1):
        name, began = f"[{number}/{len(rows)}] {place.mark}{row.id}", time.perf_counter()
        found: list[Predictions | None] = []
        began_with, tried = len(lost), 0
        draws = draws_of(place, row, args)
        for draw in draws:
            screen.label(f"{name}, draw {draw}:" if len(draws) > 1 else f"{name}:")
            own = by_hand(place.paper, row, overrides, args.split_lists)
            folder = place.folder(row, own, args.seed, args.precision, args.fast) / f"draw-{draw}"
            there = _finished(place, folder, row)
            if there:
                found.append(there.predictions)
                continue
            tried += 1
            screen.detail(f"{name}, draw {draw}")
            try:
                found.append(run_draw(place, row, draw, folder, overrides, args, *at_first()))
            except NoResult as error:
                lost.append(f"{row.id}, draw {draw}: {error}")
        words = [] if tried else ["done before"]
        words += [f"{len(lost) - began_with} without a result"] if len(lost) > began_with else []
        print(f"{name}: {', '.join([*words, *_outcome(found, time.perf_counter() - began)])}")
    screen.label("")
    return lost


def _outcome(found: Sequence[Predictions | None], seconds: float) -> list[str]:
    """The draws, the mean share of right decisions on held-out images, and the time."""
    there = [predictions for predictions in found if predictions is not None]
    held_out = [p.of("test") if "test" in p.split else p for p in there]
    shares = [float((p.true == p.decided).mean()) for p in held_out if len(p.true)]
    words = [f"{len(there)} draws"] if len(there) > 1 else []
    words += [f"accuracy {sum(shares) / len(shares):.1%}"] if shares else []
    return [*words, duration(seconds)]


def run_draw(
    place: Place, row, draw: int, folder: Path, overrides, args, runtime: Runtime, process: Mapping[str, Any]
) -> Predictions | None:
    """One draw of one row into its folder; the checkpoints of a killed one are found again."""
    work = place.cache_dir / "work" / f"{place.paper.name}-{folder.parent.name}-{folder.name}"
    wait = args.wait or place.demo  # the demo's control needs every draw
    with claimed(work.with_name(f"{work.name}.claim"), wait=wait) as free:
        if not free:
            print("  skipped: another process is running this draw")
            return None
        there = _finished(place, folder, row)  # by another process, a moment ago
        if there:
            return there.predictions
        make_folder(work)
        lists = args.split_lists
        split_list = split_lists.of_draw(place.paper, row, draw, lists) if lists else None
        machine = {key: process[key] for key in provenance.MACHINE}
        context = Context(
            place.data_dir,
            args.weights_dir,
            place.built,
            work,
            runtime,
            Stages(stages_folder(place.cache_dir, args.fast), process["code"], machine),
            args.seed,
            place.demo,
            split_list,
        )
        facts = facts_of(place, row, draw, overrides, args)
        folders = Folders(place.data_dir, args.weights_dir, place.built)
        ground = {
            "config": facts["config"],
            **listed(split_list),
            **provenance.ground(place.paper, row, folders),
        }
        facts |= provenance.begin(work, ground, process)
        pace.forget_peak(runtime)
        with counted(work / "seconds") as clock, pace.measured() as speed:
            predictions = place.paper.run(row, draw, context)
        if predictions.history:
            facts["deviations"] = place.paper.in_force(row, runtime.precision)
        if args.no_models:
            predictions = dataclasses.replace(predictions, model={})
        facts |= {**speed.facts(), "peak_memory_bytes": pace.peak_bytes(runtime)}
        stages = {"stages": context.stages.used, "stages_made_elsewhere": context.stages.made_elsewhere}
        write_run(folder, predictions, {**facts, **stages, "seconds": clock.total})
        shutil.rmtree(work)
        return predictions


def facts_of(place: Place, row, draw: int, overrides: Mapping[str, str], args) -> dict[str, Any]:
    """The facts that identify a run, and the command that repeats it."""
    return {
        "paper": place.paper.name,
        "row": row.id,
        "draw": draw,
        "scale": "demo" if place.demo else "paper",
        "config": results.config_of(row),
        "overrides": by_hand(place.paper, row, overrides, args.split_lists),
        "deviations": place.paper.in_force(row),
        "seed": args.seed,
        "asked_precision": args.precision,
        "fast": args.fast,
        "command": command(place, row, overrides, args),
    }


def command(place: Place, row, overrides: Mapping[str, str], args) -> str:
    """The command that makes this row again, wherever data and weights are."""
    parts = ["python", "-m", place.paper.package, "--row", row.id]
    parts += [word for field, value in overrides.items() for word in ("--set", f"{field}={value}")]
    parts += ["--split-lists", str(args.split_lists)] * (args.split_lists is not None)
    parts += ["--seed", str(args.seed)] * (args.seed != 0)
    parts += ["--precision", args.precision] * (args.precision != "auto")
    parts += ["--parts", str(args.parts)] * (args.parts != 1)
    parts += ["--fast"] * args.fast
    parts += ["--scale", "demo" if place.demo else "paper"]
    return shlex.join(parts)


def check_lists(place: Place, rows: Sequence[Any], args: argparse.Namespace) -> None:
    """Stops before anything starts where a draw has no list."""
    for row in rows:
        split_lists.check(place.paper, row, draws_of(place, row, args), args.split_lists)


def draws_of(place: Place, row, args) -> Sequence[int]:
    """The draws that are asked for, or the first so many; a demo has no more of them than its row."""
    asked = plan.draws_asked(row, args)
    if not place.demo:
        return asked
    if args.draw is None:
        return asked[: row.draws]
    if max(asked) >= row.draws:
        raise UserError(f"--draw {max(args.draw)}: the demo of {row.id} has draws 0 to {row.draws - 1}")
    return asked


def _finished(place: Place, folder: Path, row) -> Run | None:
    """The run if it is there, whole; a damaged one is put aside, and one of another config is an error."""
    if not (folder / "facts.json").exists():
        return None
    try:
        run = read_run(folder)
    except DamagedRun as error:
        print(f"  {folder} cannot be used ({error}); kept as {put_aside(folder).name}")
        return None
    other = results.other_than(place.paper, row, run)
    if other and place.demo:  # nothing rests on it
        return None
    if other:
        raise UserError(f"{folder} {other}: move it away or choose another --out")
    return run
