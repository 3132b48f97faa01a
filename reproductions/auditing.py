"""`python -m reproductions audit`: datasets by their official splits, papers by their own."""

from __future__ import annotations

import argparse
from pathlib import Path

from reproductions import PAPERS
from reproductions.papers import papers
from shared.base.errors import UserError


def audit_data(args: argparse.Namespace) -> int:
    """Datasets by their official splits, papers by their own."""
    from shared.training.runtime import import_quietly

    import_quietly()
    from data_builders import audit, catalog

    def tell(table, splits, folder: Path) -> None:
        found = audit.audit(table, splits, folder, cache_dir=args.out / "cache", title=folder.name)
        print("\n".join([*found.text, f"Written to {folder}: audit.txt, audit.json and pictures.", ""]))

    wanted = args.names or [n for n in catalog.DATASETS if not catalog.missing(n, args.data_dir)]
    if not wanted:
        raise UserError(f"{args.data_dir} holds none of the datasets: see python -m reproductions data")
    for name in wanted:
        if name in PAPERS:
            for label, piece in own_splits(name, args):
                tell(piece.table, piece.parts, args.out / "audit" / name / label)
        else:
            table = catalog.build(name, args.data_dir, args.out / "cache", partial=True)
            tell(table, official_splits(table), args.out / "audit" / name)
    return 0


def own_splits(name: str, args: argparse.Namespace):
    """The splits that a paper makes itself, each with its label."""
    (paper,) = papers([name])
    if paper.splits is None:
        raise UserError(f"{name} audits no splits of its own; give the datasets' names instead")
    for split in paper.splits(paper.rows, args.data_dir, args.out / "cache"):
        yield from split.labelled()


def official_splits(table) -> dict:
    """The dataset's own split, or all of it as one."""
    import numpy as np

    if "split" not in table.extra:
        return {"all images": np.arange(len(table))}
    return {name: np.flatnonzero(table.extra["split"] == name) for name in np.unique(table.extra["split"])}
