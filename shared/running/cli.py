"""The one command line: list, plan and run the rows of a paper."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.base import screen
from shared.base.errors import UserError
from shared.paper import Paper
from shared.running.guard import guarded, naming_the_settings
from shared.running.overrides import parse_overrides, settle
from shared.training.runtime import PRECISIONS

SCALES = ("paper", "demo")
FAST = "compile steps on a GPU, and sum in any order: such draws do not repeat to the bit and decide nothing"
MOST_DRAWS = 10_000
MOST_SEED = 2**31 - 1
"""A generator of TensorFlow takes no larger one."""


def main(paper: Paper, argv: Sequence[str] | None = None) -> int:
    """`python -m reproductions.<paper>`: the exit code."""
    words = sys.argv[1:] if argv is None else argv

    def command() -> int:
        return _main(paper.check(), parser(paper).parse_args(words))

    return command() if "--debug" in words else guarded(command)


def parser(paper: Paper) -> argparse.ArgumentParser:
    """The options, the same for each paper but for the fields that select rows."""
    description = f"{paper.title}. Reproduces the paper's rows and compares reported with obtained."
    p = argparse.ArgumentParser(f"python -m {paper.package}", description=description, allow_abbrev=False)
    what = p.add_argument_group("what to do (default: run)")
    what.add_argument("--list", action="store_true", help="print the rows with their reported numbers")
    what.add_argument(
        "--plan", action="store_true", help="print what is missing, the work and its estimated time"
    )
    rows = p.add_argument_group("which rows (default: all)")
    rows.add_argument("--row", metavar="ID", action="extend", nargs="+", default=[], help="rows by their ids")
    for option, field in paper.selectors.items():
        choices = sorted({value for row in paper.rows for value in _values(row, field)})
        rows.add_argument(f"--{option}", choices=choices, help=f"rows with this {field}")
    how = p.add_argument_group("how")
    which = how.add_mutually_exclusive_group()
    which.add_argument(
        "--draws", type=positive, metavar="N", help="run the first N draws only, or more of them"
    )
    which.add_argument(
        "--draw", type=_number_of_draw, metavar="K", nargs="+", help="run these draws alone, counted from 0"
    )
    how.add_argument("--seed", type=seed, default=0, metavar="N", help="of all draws (default: 0)")
    how.add_argument(
        "--scale", choices=SCALES, help="paper: real data or an error; demo: small synthetic images"
    )
    how.add_argument("--precision", choices=PRECISIONS, default="auto", help="default: by the device")
    how.add_argument("--fast", action="store_true", help=FAST)
    how.add_argument("--threads", type=positive, metavar="N", help="of the processor (default: its cores)")
    how.add_argument(
        "--devices", type=positive, default=1, metavar="N", help="GPUs that share every batch (default: 1)"
    )
    how.add_argument(
        "--parts", type=positive, default=1, metavar="N", help="train each batch in N parts, to save memory"
    )
    how.add_argument(
        "--wait",
        action="store_true",
        help="wait for a draw that another process runs (default: skip it)",
    )
    how.add_argument(
        "--set",
        metavar="FIELD=VALUE",
        action="append",
        default=[],
        help="override a config field: a deviation",
    )
    how.add_argument(
        "--split-lists",
        type=Path,
        metavar="FOLDER",
        help="who is in which part, from lists such as `python -m reproductions splits` writes: a deviation",
    )
    how.add_argument(
        "--no-models", action="store_true", help="keep no trained models, which `predict` needs, to save disk"
    )
    how.add_argument("--quiet", action="store_true", help="plain lines, as in a log file, also on a terminal")
    how.add_argument("--open", action="store_true", help="open the report at the end")
    how.add_argument(
        "--debug",
        action="store_true",
        help="the demo of the rows' first draws in eager mode, one batch per training, errors in full",
    )
    add_folders(p)
    return p


def add_folders(p: argparse.ArgumentParser) -> None:
    """Where things are, for every command."""
    where = p.add_argument_group("where")
    where.add_argument("--data-dir", type=Path, default=Path("data"), help="datasets (default: data)")
    where.add_argument("--weights-dir", type=Path, default=Path("weights"), help="weights (default: weights)")
    where.add_argument("--out", type=Path, default=Path("results"), help="results (default: results)")
    where.add_argument(
        "--cache", type=Path, help="what is built of the data, on a local disk say (default: in the results)"
    )


def _main(paper: Paper, args: argparse.Namespace) -> int:
    from shared.report import terminal

    rows = select(paper, args)
    if args.list:
        print(terminal.listing(paper, rows))
        return 0
    overrides = parse_overrides(paper, args.set)
    settle(paper, rows, overrides, args.draws)  # before TensorFlow is waited for
    if args.debug and args.split_lists:
        raise UserError("--debug shows images that no list names: leave --split-lists out")
    if args.debug:
        from shared.running import debugging

        return debugging.debug(paper, settle(paper, [paper.demo(row) for row in rows], overrides), args)
    with naming_the_settings([*args.set, *given(args)], args.out), screen.opened(args.quiet):
        return _run(paper, rows, overrides, args)


def _run(paper: Paper, rows: Sequence[Any], overrides: dict[str, str], args: argparse.Namespace) -> int:
    from shared.training import runtime

    runtime.import_quietly()  # before any module that imports TensorFlow, which would not be quiet
    from shared.running import demo, plan, runner

    if args.scale == "demo":
        return demo.run_demo(paper, for_demo(paper, rows, args), overrides, args)
    published, rows = rows, settle(paper, rows, overrides, args.draws)
    missing = {row.id: plan.missing(paper, row, args.data_dir, args.weights_dir) for row in rows}
    ready = [row for row in rows if not missing[row.id]]
    if args.plan:
        plan.show(paper, rows, missing, args)
        return 0
    if ready and (args.scale != "paper" or len(ready) == len(rows)):
        return runner.run_ready(paper, rows, ready, missing, overrides, args)
    if args.scale == "paper" or args.split_lists:
        raise UserError("these rows cannot run:\n" + plan.missing_lines(missing))
    print("No row can run on real data:\n" + plan.missing_lines(missing))
    print("\nSo here is a DEMO: the paper, small, on synthetic look-alikes; no result of the paper.\n")
    return demo.run_demo(paper, for_demo(paper, published, args), overrides, args)


def for_demo(paper: Paper, rows: Sequence[Any], args: argparse.Namespace) -> Sequence[Any]:
    """The rows of a demo: those that were chosen; where none was, those that prove the pipeline."""
    if args.row or any(getattr(args, option.replace("-", "_")) for option in paper.selectors):
        return rows
    return [paper.row(row_id) for row_id in paper.control_rows]


def select(paper: Paper, args: argparse.Namespace) -> list[Any]:
    """The rows that the options name, in the paper's order."""
    named = {paper.row(row_id).id for row_id in args.row}
    chosen = [row for row in paper.rows if not named or row.id in named]
    for option, field in paper.selectors.items():
        wanted = getattr(args, option.replace("-", "_"))
        if wanted is not None:
            chosen = [row for row in chosen if wanted in _values(row, field)]
    if not chosen:
        raise UserError("no row is all of what the options ask for; --list shows the rows")
    return chosen


def _values(row: Any, field: str) -> tuple[str, ...]:
    value = getattr(row, field, ())
    return value if isinstance(value, tuple) else (value,)


def given(args: argparse.Namespace) -> list[str]:
    """The numbers that were set by hand besides the fields."""
    found = {"--draws": args.draws, "--seed": args.seed or None, "--split-lists": args.split_lists}
    return [f"{option} {value}" for option, value in found.items() if value is not None]


def positive(text: str) -> int:
    """A number of things, for an option."""
    return _whole(text, 1, MOST_DRAWS)


def _number_of_draw(text: str) -> int:
    return _whole(text, 0, MOST_DRAWS - 1)


def seed(text: str) -> int:
    """A seed, for an option."""
    return _whole(text, 0, MOST_SEED)


def _whole(text: str, least: int, most: int) -> int:
    if not text.strip().isdecimal() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text}: a whole number from {least} to {most:,} is expected")
    return int(text)
