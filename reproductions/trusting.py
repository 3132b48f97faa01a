"""`python -m reproductions trust`: one page per paper on what its numbers and its runs can carry."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from reproductions.papers import known
from shared.base.errors import UserError
from shared.paper import Paper
from shared.report import results
from shared.trust import leaks, simulation
from shared.trust.page import trust_page

DOCS = Path(__file__).parents[1] / "docs"


def add_options(sub: argparse.ArgumentParser) -> None:
    """Where runs and data are, and whether to look into the images."""
    sub.add_argument("--out", type=Path, default=Path("results"), help="results (default: results)")
    sub.add_argument("--data-dir", type=Path, default=Path("data"), help="datasets (default: data)")
    sub.add_argument("--look", action="store_true", help="look for near duplicates across each split first")
    sub.add_argument(
        "--scale",
        choices=("paper", "demo"),
        default="paper",
        help="demo: all parts on synthetic images, with faults that must be found",
    )
    sub.add_argument(
        "--simulate", action="store_true", help="how often the printed numbers mislead: writes docs/trust.md"
    )


def trust(args: argparse.Namespace) -> int:
    """Prints the pages; 1 where there are too many false alarms, or a demo missed a fault."""
    if args.simulate:
        return _simulate()
    papers = known(args.papers)
    if args.scale == "demo":
        from reproductions.demonstrating import demonstrate

        right = [demonstrate(paper, args) for paper in papers]
        return 0 if all(right) else 1
    for paper in papers:
        if args.look:
            print(f"{paper.name}: {_look(paper, args)}")
    runs, left_out = results.find(papers, args.out)
    for paper in papers:
        print(trust_page(paper, runs, args.out))
    for folder, reason in left_out:
        print(f"not used: {folder}: {reason}")
    return 0


def _simulate() -> int:
    path = DOCS / "trust.md"
    broken = simulation.write_page(path)
    print("\n".join([*(f"broken: {problem}" for problem in broken), f"Written: {path}"]))
    return 1 if broken else 0


def _look(paper: Paper, args: argparse.Namespace) -> str:
    """Writes what each of the paper's splits shares, and says where."""
    if paper.splits is None:
        return "hands over no splits of its own: nothing to look into"
    path = leaks.place(args.out, paper.name)
    found = list(find_leaks(paper, args.data_dir, args.out / "cache"))
    if not found:
        raise UserError(
            f"{args.data_dir} holds none of {paper.name}'s datasets: see python -m reproductions data"
        )
    leaks.write(path, found)
    return f"written to {path}"


def find_leaks(paper: Paper, data_dir: Path, cache_dir: Path) -> Iterator[leaks.Leak]:
    """Of each split; the images of one dataset are compared once."""
    from shared.training.runtime import import_quietly

    import_quietly()
    from data_builders import audit

    pairs: dict[str, list[tuple[str, str]]] = {}
    splits = paper.splits(paper.rows, data_dir, cache_dir) if paper.splits else ()
    for label, piece in (each for split in splits for each in split.labelled()):
        if "test" not in piece.parts:  # a training whose images nobody is scored on
            continue
        table = piece.table
        key = table.fingerprint()
        if key not in pairs:
            alike = audit.find_pairs(table, cache_dir)
            pairs[key] = [(str(table.name[pair.first]), str(table.name[pair.second])) for pair in alike]
        names = {part: [str(table.name[row]) for row in rows] for part, rows in piece.parts.items()}
        patient = dict(zip(map(str, table.name), map(str, table.patient), strict=True))
        yield leaks.leak(label, names, patient, pairs[key])
