"""The needs and cost of a run: data and weights, stages, time, memory and disk."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.base.disk import existing, size
from shared.base.text import duration, text_table
from shared.comparison import best_verdicts
from shared.paper import Need, Paper, Work
from shared.report import results
from shared.report.terminal import printed, quantity
from shared.running import costs
from shared.running.costs import Cost, kind
from shared.running.places import stages_folder
from shared.training.runtime import Runtime, start
from shared.training.stages import Stages

HEADER = ("row", "data and weights", "shared or done", "time", "an epoch", "memory")
AT_MOST = "at most: a stopping rule ends these trainings, often much earlier."
TOO_LARGE = "does not fit whole"
NOT_COUNTED = (
    f"{TOO_LARGE}: a batch needs more memory than there is, and its time is not counted; --parts N trains "
    "each batch in N parts, where no batch norm is trained (else: a GPU with more memory)."
)


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


def started(args: argparse.Namespace) -> Runtime:
    """This process's device and settings, as the options ask for."""
    return start(args.precision, args.seed, args.threads, args.devices, args.parts, args.fast)


def show(paper: Paper, rows: Sequence[Any], missing: Mapping, args: argparse.Namespace) -> Runtime:
    """Prints the plan of these rows."""
    runtime = started(args)
    asked = {row.id: draws_asked(row, args) for row in rows}
    pieces = {row.id: work_of(paper, row, asked[row.id]) for row in rows}
    stages = Stages(stages_folder(args.out / "cache", args.fast))
    made_by = {"seed": args.seed, "precision": runtime.precision}
    done = {_identity(w) for works in pieces.values() for w in works if _is_done(w, stages, made_by)}
    shares = own_and_shared(pieces, done)
    todo = [work for own, _ in shares.values() for work in own]
    known = costs.measure(todo, runtime, args.out)
    lines = [
        (row.id, _found(missing[row.id]), _shared(shares[row.id][1], done), *_costs(*shares[row.id], known))
        for row in rows
    ]
    print(text_table(HEADER, lines))
    print("\n" + "\n".join(_summary(rows, missing, todo, known, runtime, args.out)))
    print("\n".join([*_recorded(paper, rows), disk(paper, rows, pieces, known, args)]))
    if any(missing.values()):
        print("Missing:\n" + missing_lines(missing))
    print("\n" + what_it_can_show(paper, {row: max(draws) + 1 for row, draws in asked.items()}))
    return runtime


def draws_asked(row: Any, args: argparse.Namespace) -> Sequence[int]:
    """The draws that are named, or the first so many, or all that the row has."""
    return args.draw or range(args.draws or row.draws)


def work_of(paper: Paper, row: Any, draws: Sequence[int]) -> list[Work]:
    """Of work that each draw has of its own, that of these draws; of other work as much as so many have."""
    own = paper.work(dataclasses.replace(row, draws=max(draws) + 1))
    of_all = paper.work(dataclasses.replace(row, draws=len(draws)))
    return [w for w in own if w.key.get("draw") in draws] + [w for w in of_all if "draw" not in w.key]


def own_and_shared(
    pieces: Mapping[str, Sequence[Work]], done: set[tuple[str, str]]
) -> dict[str, tuple[list[Work], list[Work]]]:
    """Of each row the pieces that are still to be done for it, and those that were or are done before it."""
    seen, found = set(done), {}
    for row, works in pieces.items():
        own = [work for work in works if _identity(work) not in seen]
        found[row] = own, [work for work in works if _identity(work) in seen]
        seen.update(map(_identity, own))
    return found


def seconds(works: Sequence[Work], known: Mapping[str, Cost]) -> float:
    """The time of these pieces, or the most that it can be."""
    return sum(work.images * known[kind(work)].seconds for work in works)


def _at_most(works: Sequence[Work]) -> str:
    return "at most " if any(work.at_most for work in works) else ""


def _costs(own: Sequence[Work], before: Sequence[Work], known: Mapping[str, Cost]) -> tuple[str, str, str]:
    """Time, the longest epoch and the memory of a row."""
    works = [work for work in (*own, *before) if kind(work) in known]
    epochs = [work.epoch * known[kind(work)].seconds for work in works if work.epoch]
    memory = max((known[kind(work)].memory for work in works), default=0)
    fits = all(kind(work) in known for work in own)
    return (
        _at_most(own) + duration(seconds(own, known)) if fits else TOO_LARGE,
        duration(max(epochs)) if epochs else "–",
        size(memory) if memory else "–",
    )


def _summary(rows, missing, todo: Sequence[Work], known, runtime: Runtime, out: Path) -> list[str]:
    """The whole time here and, where their costs are remembered, on other machines."""
    runnable = [row for row in rows if not missing[row.id]]
    counted = [work for work in todo if kind(work) in known]
    most = _at_most(counted)
    whole = duration(seconds(counted, known))
    lines = [f"{len(runnable)} of {len(rows)} rows can run; in all {most}about {whole} on this machine."]
    others = costs.elsewhere(out, costs.machine(runtime), lambda its: seconds(todo, its))
    lines += [f"On {place}: {most}about {duration(its)}." for place, its in others.items()]
    return lines + ([AT_MOST] if most else []) + ([NOT_COUNTED] if len(counted) < len(todo) else [])


def _recorded(paper: Paper, rows: Sequence[Any]) -> list[str]:
    """How long recorded draws of these rows took, by device: where a rule stops a training, this tells."""
    took: dict[tuple[str, str], list[float]] = {}
    asked = {row.id for row in rows}
    for run in (run for run in results.recorded([paper])[0] if run.row in asked):
        trained = sum(float(epoch.get("seconds", 0)) for epoch in run.history)
        # A draw that found its training done says nothing of what it costs.
        if float(run.facts.get("seconds", 0)) > max(trained, 1):
            took.setdefault((run.row, str(run.facts.get("device", ""))), []).append(run.facts["seconds"])
    return [
        f"Recorded: a draw of {row} took {duration(sum(each) / len(each))} on {device}."
        for (row, device), each in took.items()
    ]


def disk(paper: Paper, rows: Sequence[Any], pieces, known: Mapping[str, Cost], args) -> str:
    """What the data that are missing take, and the copies that are made of all data for training."""
    needs = [(row, need) for row in rows for need in paper.needs(row)]
    to_fetch = {w.name: w.to_fetch for _, n in needs for w in n.datasets if _absent(n, args)}
    built = {w.name: w.built for _, n in needs for w in n.datasets}
    decoded = {
        (w.name, known[kind(work)].pixels): w.images * known[kind(work)].pixels
        for row, need in needs
        for w in need.datasets
        for work in pieces[row.id]
        if kind(work) in known
    }
    free = shutil.disk_usage(existing(args.out)).free
    copies = size(sum(built.values()) + sum(decoded.values()))
    much = size(sum(to_fetch.values())) if all(to_fetch.values()) else "an unknown number of bytes"
    fetched = f"{much} for data that are missing, " if to_fetch else ""
    return f"Disk: at most {fetched}{copies} for copies of the data; {size(free)} are free in {args.out}."


def _absent(need: Need, args: argparse.Namespace) -> bool:
    return need.find(args.data_dir, args.weights_dir) is not None


def what_it_can_show(paper: Paper, draws: Mapping[str, int]) -> str:
    """For each printed number of these rows the best verdict that so many draws can give."""
    found = best_verdicts(paper.reported(), draws, paper.printed_sets)
    if not found:
        return "The paper prints no number for these rows alone."
    lines = [(r.place, r.label, quantity(r), printed(r), verdict, why) for r, verdict, why in found]
    header = ("place", "label", "quantity", "reported", "best verdict", "what more would need")
    return (
        "The best verdict that these draws can give, if they lie as far apart as is printed:\n"
        + text_table(header, lines)
    )


def _identity(work: Work) -> tuple[str, str]:
    return work.name, json.dumps(dict(work.key), sort_keys=True, default=str)


def _is_done(work: Work, stages: Stages, made_by: Mapping[str, Any]) -> bool:
    """Whether a stage of the row's own split has it, made by the same seed and in the same precision."""
    return bool(work.stage) and stages.any_done(work.stage, {**work.key, **made_by, "split_list": None})


def _found(lines: Sequence[str]) -> str:
    return f"{len(lines)} missing" if lines else "found"


def _shared(works: Sequence[Work], done: set) -> str:
    """'target training, draws 0, 1, 2: done; features: shared'."""
    draws: dict[tuple[str, str], list[str]] = {}
    for work in works:
        name, _, draw = work.name.partition(", draw ")
        draws.setdefault((name, "done" if _identity(work) in done else "shared"), []).append(draw)
    return "; ".join(f"{name}{_draws(of)}: {state}" for (name, state), of in draws.items()) or "–"


def _draws(numbers: Sequence[str]) -> str:
    said = ", ".join(filter(None, numbers))
    return f", draw{'s' * (len(numbers) > 1)} {said}" if said else ""
