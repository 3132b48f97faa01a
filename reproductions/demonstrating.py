"""`python -m reproductions trust PAPER --scale demo`: all parts on synthetic images, faults planted."""

from __future__ import annotations

import argparse

from data_builders.trial_sets import SETS
from reproductions import predicting
from shared.base import screen
from shared.comparison import Run
from shared.paper import Paper
from shared.report import results
from shared.running import cli
from shared.running.places import demo_place
from shared.trust.page import trust_page

IMAGES = 6
"""Look-alikes that the demo's model is asked about."""


def demonstrate(paper: Paper, args: argparse.Namespace) -> bool:
    """Whether the paper's demo learns, and all planted faults are found and nothing else."""
    learnt = cli.main(paper, ["--scale", "demo", "--out", str(args.out)]) == 0
    runs = [run for run in results.local([paper], args.out)[0] if run.demo]
    if not runs:  # the demo has said why
        return False
    print(f"\n{trust_page(paper, runs, args.out)}")
    found = _planted(paper, args)
    print("\n-- The demo's model on images of anybody\n")
    _predicted(paper, runs[0], args)
    return learnt and found


def _planted(paper: Paper, args: argparse.Namespace) -> bool:
    """The trials on look-alikes of the paper's kind."""
    from reproductions import planting

    datasets = {wanted.name for row in paper.rows for need in paper.needs(row) for wanted in need.datasets}
    about = planting.set_of(sorted(datasets), SETS)
    if about is None:
        print(f"-- No set of images is made of {paper.name}'s datasets alone: no trials")
        return True
    with screen.opened():
        right, table = planting.planted(about, args.out / "demo" / "trials" / about.name)
    print(f"-- Trials on look-alikes of {about.about}, with faults and without\n\n{table}")
    return right


def _predicted(paper: Paper, run: Run, args: argparse.Namespace) -> None:
    place = demo_place(paper, argparse.Namespace(out=args.out, cache=None))
    images = sorted(path for kind in ("png", "jpg", "jpeg") for path in place.data_dir.rglob(f"*.{kind}"))
    to = args.out / "demo" / "predicted" / paper.name
    some = images[:: max(1, len(images) // IMAGES)][:IMAGES]
    words = [str(run.folder), *map(str, some), "--grad-cam", "--to", str(to)]
    parser = argparse.ArgumentParser(allow_abbrev=False)
    predicting.add_options(parser)
    predicting.predict(parser.parse_args(words))
