"""The one command line: list, plan and run the rows of a paper."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from shared.base.errors import UserError
from shared.paper import Paper
from shared.running.overrides import override, parse_overrides
from shared.training.runtime import PRECISIONS

SCALES = ("paper", "demo")


def main(paper: Paper, argv: Sequence[str] | None = None) -> int:
    """`python -m reproductions.<paper>`: the exit code."""
    return guarded(lambda: _main(paper.check(), parser(paper).parse_args(argv)))


def guarded(command: Callable[[], int]) -> int:
    """Runs a command; what the user can mend is one line and exit code 2, never a traceback."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)  # a log file shows each epoch when it ends
    try:
        return command()
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on where this one was.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except ImportError as error:
        if ".so" not in str(error):
            raise
        remedy = "install the system's libgl1 and libglib2.0-0, or opencv-python-headless"
        print(f"error: a library cannot be loaded ({error}); if it is OpenCV's: {remedy}", file=sys.stderr)
        return 2
    except PermissionError as error:
        print(f"error: {error.filename}: no permission ({error.strerror})", file=sys.stderr)
        return 2
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def parser(paper: Paper) -> argparse.ArgumentParser:
    """The options, the same for each paper but for the fields that select rows."""
    description = f"{paper.title}. Reproduces the paper's rows and compares reported with obtained."
    p = argparse.ArgumentParser(f"python -m {paper.package}", description=description)
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
    how.add_argument(
        "--draws", type=_positive, metavar="N", help="run the first N draws only, or more of them"
    )
    how.add_argument("--seed", type=int, default=0, help="of all draws (default: 0)")
    how.add_argument(
        "--scale", choices=SCALES, help="paper: real data or an error; demo: small synthetic images"
    )
    how.add_argument("--precision", choices=PRECISIONS, default="auto", help="default: by the device")
    how.add_argument(
        "--set",
        metavar="FIELD=VALUE",
        action="append",
        default=[],
        help="override a config field: a deviation",
    )
    add_folders(p)
    return p


def add_folders(p: argparse.ArgumentParser) -> None:
    """Where things are, for every command."""
    where = p.add_argument_group("where")
    where.add_argument("--data-dir", type=Path, default=Path("data"), help="datasets (default: data)")
    where.add_argument("--weights-dir", type=Path, default=Path("weights"), help="weights (default: weights)")
    where.add_argument("--out", type=Path, default=Path("results"), help="results (default: results)")


def _main(paper: Paper, args: argparse.Namespace) -> int:
    from shared.report import terminal

    rows = select(paper, args)
    if args.list:
        print(terminal.listing(paper, rows))
        return 0
    from shared.running import plan, runner
    from shared.training import runtime

    runtime.import_quietly()
    overrides = parse_overrides(paper, args.set)
    if args.scale == "demo":
        return runner.run_demo(paper, rows, overrides, args)
    published, rows = rows, [override(row, overrides) for row in rows]
    missing = {row.id: plan.missing(paper, row, args.data_dir, args.weights_dir) for row in rows}
    ready = [row for row in rows if not missing[row.id]]
    if args.plan:
        plan.show(paper, rows, missing, args)
        return 0
    if ready and (args.scale != "paper" or len(ready) == len(rows)):
        return runner.run_ready(paper, rows, ready, missing, overrides, args)
    if args.scale == "paper":
        raise UserError("--scale paper, but:\n" + plan.missing_lines(missing))
    print("No row can run on real data:\n" + plan.missing_lines(missing))
    print("\nSo here is a DEMO: the whole paper, small, on synthetic look-alikes; no result of the paper.\n")
    return runner.run_demo(paper, published, overrides, args)


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


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
