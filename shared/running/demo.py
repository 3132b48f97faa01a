"""The demo: rows, small, on synthetic look-alikes, and whether the pipeline learns what they show."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.base.claim import claimed
from shared.base.files import make_folder
from shared.comparison import Run, read_run
from shared.paper import Paper
from shared.running import control, ending
from shared.running.overrides import settle
from shared.running.places import Place, demo_place
from shared.running.runner import check_lists, draws_of, run_draws
from shared.running.summary import summarise

_PASSED = "The pipeline works: it learns what is there, and nothing where nothing is."
_FAILED = "The pipeline does not work: see the two answers above."
_REPAIR = "try --seed 1, since chance fails one in a hundred; else find the mistake"


def run_demo(
    paper: Paper, rows: Sequence[Any], overrides: Mapping[str, str], args: argparse.Namespace
) -> int:
    """Runs these rows on look-alikes; those that prove the pipeline also on shuffled ones."""
    rows = settle(paper, [paper.demo(row) for row in rows], overrides)
    place = place_of(paper, args)
    check_lists(place, rows, args)
    lost = run_draws(place, rows, overrides, args)
    judged = [row for row in rows if row.id in paper.control_rows]
    reason = _unjudged(paper, judged, lost, overrides, args)
    again = None if reason else place_of(paper, args, shuffled=True)
    if again:
        lost = run_draws(again, judged, overrides, args)
    summarise(place, [row.id for row in rows], lost)
    if again is None or lost:
        came_out = f"The demo ran, without a control of the pipeline: {reason or 'a draw has no result'}."
        ending.show(paper, args, came_out, _real(paper))
        return 1 if lost else 0
    true, shuffled = ({row.id: _runs(each, row, args) for row in judged} for each in (place, again))
    holds, text = control.judge(true, shuffled)
    print(f"\n{text}")
    ending.show(paper, args, _PASSED if holds else _FAILED, _real(paper) if holds else _REPAIR)
    return 0 if holds else 1


def _real(paper: Paper) -> str:
    return f"python -m reproductions get {paper.name}   (fetches what real runs need)"


def _unjudged(paper: Paper, judged, lost, overrides: Mapping[str, str], args: argparse.Namespace) -> str:
    """Why these runs do not tell whether the pipeline learns; '' where they do."""
    if lost:
        return "a draw has no result"
    if overrides or args.draws or args.draw is not None or args.split_lists:
        return "the demo was changed by --set, --draws, --draw or --split-lists"
    return "" if judged else f"it takes one of the rows {', '.join(paper.control_rows)}"


def place_of(paper: Paper, args: argparse.Namespace, shuffled: bool = False) -> Place:
    """Where a demo's runs go, with its look-alikes in place."""
    place = demo_place(paper, args, shuffled)
    if not place.data_dir.exists():  # a finished demo may lie where nothing can be written
        _write_look_alikes(paper, place.data_dir, shuffled)
    return place


def _write_look_alikes(paper: Paper, data_dir: Path, shuffled: bool) -> None:
    """The demo's images, once, by one process; they are in place when they are whole."""
    with claimed(data_dir.with_suffix(".claim")):
        if data_dir.exists():  # another process wrote them a moment ago
            return
        unfinished = data_dir.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        make_folder(unfinished)
        paper.write_phantoms(unfinished, shuffled)
        os.replace(unfinished, data_dir)


def _runs(place: Place, row: Any, args: argparse.Namespace) -> list[Run]:
    folder = place.folder(row, {}, args.seed, args.precision, args.fast)
    return [read_run(folder / f"draw-{draw}") for draw in draws_of(place, row, args)]
