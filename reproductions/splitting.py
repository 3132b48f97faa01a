"""`python -m reproductions splits`: who is in which part of a paper's splits, as lists for any other code."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Mapping

import numpy as np

from data_builders.catalog import Table
from reproductions.papers import known
from shared.base.errors import UserError
from shared.base.files import make_folder, write_text

HEADER = ("part", "name", "class", "patient", "sha256")


def write_splits(args: argparse.Namespace) -> int:
    """A CSV for each split of each draw; an error where a paper's data are not there."""
    from shared.training.runtime import import_quietly

    import_quietly()
    for paper in known(args.papers):
        count = 0
        for label, table, parts in paper.splits(args.data_dir, args.out / "cache") if paper.splits else ():
            folder = args.to / paper.name
            make_folder(folder)
            write_text(folder / f"{label}.csv", as_csv(table, parts))
            count += 1
        if not count:
            wanted = "see python -m reproductions data"
            raise UserError(f"{args.data_dir} holds none of the datasets that {paper.name} splits: {wanted}")
        print(f"Written: {count} lists in {args.to / paper.name}/")
    return 0


def as_csv(table: Table, parts: Mapping[str, np.ndarray]) -> str:
    """A line for each image, part after part."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for part, rows in parts.items():
        for row in rows:
            name, patient = str(table.name[row]), str(table.patient[row])
            writer.writerow(
                (part, name, table.classes[table.label[row]], patient, table.extra["sha256"][row])
            )
    return out.getvalue()
