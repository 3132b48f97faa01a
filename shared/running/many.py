"""Many tasks of many papers: listed, written as a script, or run on the devices of a machine or cluster."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.base.errors import UserError
from shared.base.text import nearest
from shared.comparison import DamagedRun, read_run
from shared.paper import Paper
from shared.report import results
from shared.running import cli, split_lists
from shared.running.overrides import by_hand, parse_overrides, settle
from shared.running.places import Place, demo_place, real_place
from shared.running.tasks import Job, Task, graph, jobs, steps
from shared.running.worker import signalled
from shared.training.runtime import PRECISIONS, import_quietly


def add_which(p: argparse.ArgumentParser) -> None:
    """The options that say which tasks, on which data, and how each runs."""
    cli.add_folders(p)
    p.add_argument("--scale", choices=cli.SCALES, help="paper: real data or an error; demo: synthetic images")
    p.add_argument("--row", metavar="ID", action="extend", nargs="+", default=[], help="rows by their ids")
    p.add_argument("--seed", type=cli.seed, default=0, metavar="N", help="of all draws (default: 0)")
    p.add_argument("--precision", choices=PRECISIONS, default="auto", help="default: by the device")
    p.add_argument("--fast", action="store_true", help=cli.FAST)
    p.add_argument(
        "--set",
        metavar="FIELD=VALUE",
        action="append",
        default=[],
        help="override a config field: a deviation",
    )
    p.add_argument(
        "--split-lists",
        type=Path,
        metavar="FOLDER",
        help="each paper's lists of who is in which part, as `splits` writes them: a deviation",
    )
    p.add_argument("--threads", type=cli.positive, metavar="N", help="of the processor, for each task")
    p.add_argument("--parts", type=cli.positive, metavar="N", help="of each batch, to save memory")


def add_options(p: argparse.ArgumentParser) -> None:
    """The options of `run`: which tasks, and on what machines."""
    add_which(p)
    p.add_argument(
        "--on",
        metavar="WHERE",
        help="local (all GPUs of this machine), slurm, or CONFIG.py with a Parsl configuration; "
        "without it papers run one after another",
    )
    p.add_argument("--gpus", type=cli.positive, metavar="N", help="GPUs of a machine (local: all)")
    p.add_argument(
        "--workers", type=cli.positive, metavar="N", help="tasks at once without GPUs (default: 1)"
    )
    p.add_argument("--jobs", type=cli.positive, default=1, metavar="N", help="at once, on SLURM (default: 1)")
    p.add_argument("--partition", metavar="P", help="of SLURM")
    p.add_argument("--account", metavar="A", help="of SLURM")
    p.add_argument("--time", default="12:00:00", metavar="T", help="limit of a SLURM job (default: 12:00:00)")
    p.add_argument(
        "--print", action="store_true", help="write a list of tasks and an sbatch script, and run nothing"
    )


def list_tasks(papers: Sequence[Paper], args: argparse.Namespace) -> int:
    """Every task as a command, and what it waits for."""
    import_quietly()
    for paper in papers:
        found = graph(paper, rows_of(paper, papers, args))
        print(f"# {paper.name}: {len(found)} tasks{_shared(found)}")
        for task in found:
            makes = f"makes {' and '.join(task.makes)}" if task.makes else ""
            after = f"after {', '.join(task.after)}" if task.after else ""
            note = "; ".join(filter(None, (makes, after)))
            print(" ".join(["python", *command(paper, Job((task,)), args)]) + (f"  # {note}" if note else ""))
    return 0


def _shared(found: Sequence[Task]) -> str:
    names = [stage for task in found for stage in task.makes]
    counts = ", ".join(f"{names.count(name)} {name}" for name in dict.fromkeys(names))
    return f"; the stages that they share: {counts}" if counts else ""


def run(papers: Sequence[Paper], args: argparse.Namespace) -> int:
    """The papers one after another, or all their tasks on many workers."""
    if args.on or args.print:
        return run_tasks(papers, args)
    for option in ("gpus", "workers", "partition", "account"):
        if getattr(args, option):
            raise UserError(f"--{option} needs --on local, --on slurm or --on CONFIG.py")
    rows_of(papers[0], papers, args)  # a misspelt row is an error before the first paper runs
    return one_after_another(papers, args)


def one_after_another(papers: Sequence[Paper], args: argparse.Namespace) -> int:
    """Each paper in a process of its own, so that memory and traces of one do not burden the next.

    One that fails keeps no other from running; the worst code is returned. A signal ends them all.
    """
    worst = 0
    for paper in papers:
        rows = [row.id for row in paper.rows if row.id in args.row]
        if args.row and not rows:
            continue
        words = ["-m", paper.package, *(["--row", *rows] if rows else []), *_common(paper, args)]
        words += ["--scale", args.scale] if args.scale else []
        print(f"== {paper.title}")
        code = subprocess.run([sys.executable, *words], check=False).returncode
        if signalled(code):
            return code
        worst = max(worst, code)
    return worst


def run_tasks(papers: Sequence[Paper], args: argparse.Namespace) -> int:
    """All tasks that are not finished, on the workers that the options ask for."""
    import_quietly()
    args.scale = args.scale or "paper"
    from shared.running import ending, engine, scripts, sites

    by_name = {paper.name: paper for paper in papers}
    rows = {paper.name: runnable(paper, papers, args) for paper in papers}
    everything = [task for paper in papers for task in graph(paper, rows[paper.name])]
    if not everything:
        raise UserError("no row can run: see what is missing above, or give --scale demo")
    left = [task for task in everything if not is_done(by_name[task.paper], rows, task, args)]
    print(f"{len(everything)} tasks, {len(everything) - len(left)} of them done before.")
    site = None if args.print else sites.site(args)
    ordered = [job for step in steps(jobs(left, site.workers if site else args.jobs)) for job in step]
    commands = {job: command(by_name[job.paper], job, args) for job in ordered}
    if site is None:
        return scripts.write(commands, args)
    code = engine.run(commands, site, args.out / "tasks") if ordered else 0
    for paper in papers:
        summarise(paper, rows[paper.name], args)
    ending.report(papers, args.out)
    return code


def rows_of(paper: Paper, papers: Sequence[Paper], args: argparse.Namespace) -> list[Any]:
    """The rows that are asked for, at the scale that is asked for."""
    known = [row.id for each in papers for row in each.rows]
    for row_id in args.row:
        if row_id not in known:
            raise UserError(f"no row is called '{row_id}'; did you mean {nearest(row_id, known)}?")
    rows = [row for row in paper.rows if not args.row or row.id in args.row]
    sized = [paper.demo(row) for row in rows] if args.scale == "demo" else rows
    return settle(paper, sized, parse_overrides(paper, args.set))


def runnable(paper: Paper, papers: Sequence[Paper], args: argparse.Namespace) -> list[Any]:
    """Those of the rows whose data and weights are there; what the others miss is printed."""
    from shared.running import plan

    rows = rows_of(paper, papers, args)
    for row in rows:
        split_lists.check(paper, row, range(row.draws), _lists(paper, args))
    if args.scale == "demo":
        return rows
    missing = {row.id: plan.missing(paper, row, args.data_dir, args.weights_dir) for row in rows}
    waiting = [row for row in rows if missing[row.id]]
    if waiting:
        lines = plan.missing_lines(missing)
        print(f"{paper.name}: {len(waiting)} of {len(rows)} rows cannot run:\n{lines}\n")
    return [row for row in rows if not missing[row.id]]


def place(paper: Paper, args: argparse.Namespace) -> Place:
    """Where the runs of the scale that is asked for are."""
    return demo_place(paper, args) if args.scale == "demo" else real_place(paper, args)


def is_done(paper: Paper, rows: Mapping[str, Sequence[Any]], task: Task, args: argparse.Namespace) -> bool:
    """Whether the task's run is there, whole and of today's row; any other is left to the task itself."""
    row = next(row for row in rows[paper.name] if row.id == task.row)
    own = by_hand(paper, row, parse_overrides(paper, args.set), _lists(paper, args))
    folder = place(paper, args).folder(row, own, args.seed, args.precision, args.fast)
    try:
        run = read_run(folder / f"draw-{task.draw}")
    except DamagedRun:
        return False
    return not results.other_than(paper, row, run)


def command(paper: Paper, job: Job, args: argparse.Namespace) -> list[str]:
    """The words after `python` that run this job, wherever they are typed."""
    words = ["-m", paper.package, "--row", job.row, "--draw", *map(str, job.draws)]
    words += ["--scale", args.scale or "paper", "--wait"]
    return words + _common(paper, args)


def _lists(paper: Paper, args: argparse.Namespace) -> Path | None:
    """The folder of the paper's own lists."""
    return args.split_lists.resolve() / paper.name if args.split_lists else None


def _common(paper: Paper, args: argparse.Namespace) -> list[str]:
    """The options that a paper's command has too."""
    places = {"--data-dir": args.data_dir, "--weights-dir": args.weights_dir, "--out": args.out}
    places |= {"--cache": args.cache} if args.cache else {}
    places |= {"--split-lists": _lists(paper, args)} if args.split_lists else {}
    words = [word for option, path in places.items() for word in (option, str(Path(path).resolve()))]
    words += [word for setting in args.set for word in ("--set", setting)]
    words += ["--seed", str(args.seed)] * (args.seed != 0)
    words += ["--precision", args.precision] * (args.precision != "auto")
    words += ["--fast"] * args.fast
    words += ["--parts", str(args.parts)] * (args.parts is not None)
    return words + ["--threads", str(args.threads)] * (args.threads is not None)


def summarise(paper: Paper, rows: Sequence[Any], args: argparse.Namespace) -> None:
    """Reported against obtained, for all that there is of these rows."""
    from shared.running import summary

    if rows:
        summary.summarise(place(paper, args), [row.id for row in rows], [])
