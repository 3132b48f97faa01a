"""`python -m reproductions splits`: who is in which part of a paper's splits, as lists for any code."""

from __future__ import annotations

import argparse
from pathlib import Path

from reproductions.papers import known
from shared.base.errors import UserError
from shared.base.files import make_folder, write_text
from shared.paper import Paper
from shared.running import cli, many


def add_options(sub: argparse.ArgumentParser) -> None:
    """Of which rows, on which data, and where to."""
    cli.add_folders(sub)
    sub.add_argument("--to", type=Path, default=Path("splits"), help="a folder (default: splits)")
    sub.add_argument(
        "--row", metavar="ID", action="extend", nargs="+", default=[], help="of these rows alone"
    )
    sub.add_argument("--scale", choices=cli.SCALES, help="demo: of the demo's rows and synthetic images")
    sub.add_argument(
        "--set", metavar="FIELD=VALUE", action="append", default=[], help="with another value of a field"
    )


def write_splits(args: argparse.Namespace) -> int:
    """A CSV for each split of each draw; an error where a paper's data are not there."""
    from shared.training.runtime import import_quietly

    import_quietly()
    papers = known(args.papers)
    for paper in papers:
        rows = many.rows_of(paper, papers, args)
        count = _write(paper, rows, args) if rows else 0
        if rows and not count:
            wanted = "see python -m reproductions data"
            raise UserError(f"{args.data_dir} holds none of the datasets that {paper.name} splits: {wanted}")
        if count:
            print(f"Written: {count} lists in {args.to / paper.name}/")
    return 0


def _write(paper: Paper, rows: list, args: argparse.Namespace) -> int:
    """The number of lists written."""
    from data_builders.split_lists import as_csv
    from shared.running import demo
    from shared.running.places import real_place

    place = demo.place_of(paper, args) if args.scale == "demo" else real_place(paper, args)
    folder, count = args.to / paper.name, 0
    for split in paper.splits(rows, place.data_dir, place.built) if paper.splits else ():
        make_folder(folder)
        write_text(folder / f"{split.name}.csv", as_csv(split))
        count += 1
    return count
