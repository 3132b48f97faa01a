"""`python -m reproductions try`: small experiments on sets of images, with a network that is not trained."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_builders.trial_sets import SETS, Sample, TrialSet, sample, trial_set
from shared.base import screen
from shared.base.errors import UserError
from shared.comparison import DamagedRun, Run, read_run, write_run
from shared.trust import trial as known_trials
from shared.trust.found import found_page
from shared.trust.trial import Trial

if TYPE_CHECKING:
    from reproductions.trials import Features, Frozen

BACKBONE, SIDE = "resnet50", 224
PER_CLASS = 300
FEWEST = 50
"""Images of each class that a set must have to be learnt from."""


def add_options(sub: argparse.ArgumentParser) -> None:
    """The sets, and how many images of them."""
    names = ", ".join(one.name for one in SETS)
    sub.add_argument("sets", nargs="*", metavar="SET", help=f"of {names} (default: all whose data are there)")
    sub.add_argument(
        "--per-class", type=int, default=PER_CLASS, help=f"images of each class (default: {PER_CLASS})"
    )
    sub.add_argument("--data-dir", type=Path, default=Path("data"), help="datasets (default: data)")
    sub.add_argument("--weights-dir", type=Path, default=Path("weights"), help="weights (default: weights)")
    sub.add_argument("--out", type=Path, default=Path("results"), help="results (default: results)")


def try_sets(args: argparse.Namespace) -> int:
    """Runs the trials that have not run yet, and prints what they found."""
    from shared.training.runtime import start

    chosen = _chosen(args)
    frozen = _frozen(args.weights_dir)
    runtime = start()
    with screen.opened():
        runs = list(run_trials(chosen, frozen, runtime, args))
    print(found_page(runs))
    return 0


def _chosen(args: argparse.Namespace) -> list[TrialSet]:
    if args.sets:
        chosen = [trial_set(name) for name in args.sets]
        missing = next(filter(None, (one.missing(args.data_dir) for one in chosen)), None)
    else:
        chosen = [one for one in SETS if not one.missing(args.data_dir)]
        missing = None if chosen else f"{args.data_dir} holds no set: see python -m reproductions data"
    if missing:
        raise UserError(missing)
    return chosen


def _frozen(weights_dir: Path) -> Frozen:
    from reproductions.trials import Frozen
    from shared.base.sums import file_hash
    from shared.training.backbones import find_weights, weights_missing

    path = find_weights(weights_dir, BACKBONE)
    if path is None:
        raise UserError(weights_missing(weights_dir, BACKBONE))
    return Frozen(BACKBONE, SIDE, path, file_hash(path))


def run_trials(
    chosen: Sequence[TrialSet], frozen: Frozen, runtime: Any, args: argparse.Namespace
) -> Iterator[Run]:
    """Each trial of each set, as it was kept or as it runs now."""
    from reproductions import trials
    from shared.running import provenance
    from shared.running.places import stages_folder
    from shared.training.stages import Stages

    cache, code = args.out / "cache", provenance.code()
    process = provenance.process(runtime, code)
    features: dict[str, Features] = {}
    for one in chosen:
        drawn = sample(one, args.data_dir, cache, args.per_class, 0)
        features[one.name] = trials.Features(drawn, frozen, cache, Stages(stages_folder(cache, False), code))
    for one in chosen:
        alike = [other.name for other in chosen if other.classes == one.classes and other is not one]
        for trial, draw in _asked(one, tuple(alike), features[one.name].sample):
            facts = {**_facts(trial, one, features, frozen, args), "draw": draw, **process}
            folder = args.out / known_trials.NAME / facts["row"] / f"draw-{draw}"
            there = _kept(folder, facts)
            if there is None:
                write_run(folder, trials.run(trial, features[one.name], features, draw), facts)
                there = read_run(folder)
            yield there


def _asked(one: TrialSet, alike: tuple[str, ...], drawn: Sample) -> list[tuple[Trial, int]]:
    """Each draw of the set's trials; none where a class is too small to be learnt."""
    fewest = min(int((drawn.labels == label).sum()) for label in range(len(one.classes)))
    if fewest < FEWEST:
        print(f"{one.name}: {fewest} images of a class are too few to learn from: it only tests other sets")
        return []
    return [
        (trial, draw) for trial in known_trials.trials(one.modality, alike) for draw in range(trial.draws)
    ]


def _facts(trial: Trial, one: TrialSet, features: dict, frozen: Frozen, args: argparse.Namespace) -> dict:
    used = [one.name, *([trial.elsewhere] if trial.elsewhere else [])]
    number = [f"--per-class {args.per_class}"] if args.per_class != PER_CLASS else []
    return {
        "paper": known_trials.NAME,
        "row": f"{one.name}.{trial.name}",
        "scale": "paper",
        "seed": 0,
        "config": {"set": one.name, "per_class": args.per_class, **dataclasses.asdict(trial)},
        "frozen": {"backbone": frozen.backbone, "side": frozen.side, "weights": frozen.origin},
        "data": {name: _described(features[name].sample) for name in used},
        "command": " ".join(["python -m reproductions try", *used, *number]),
    }


def _described(drawn: Sample) -> dict[str, Any]:
    return {
        table.dataset: {"fingerprint": table.fingerprint(), "images": len(table)} for table in drawn.tables
    }


def _kept(folder: Path, facts: dict[str, Any]) -> Run | None:
    """The run that is there, if it is of the same trial on the same images."""
    try:
        run = read_run(folder)
    except DamagedRun:
        return None
    same = ("config", "frozen", "data", "versions", "command")
    return run if all(run.facts.get(name) == facts[name] for name in same) else None
