"""`python -m reproductions doctor`: is all there that a run needs, and what to do where it is not."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from data_builders import catalog
from data_builders.published import dataset, locate
from data_builders.sources import ROOM, source
from reproductions.getting import datasets_of, weights_of
from reproductions.papers import known
from shared.base.disk import existing, size
from shared.running.machine import Finding, machine


def doctor(args: argparse.Namespace) -> int:
    """One line for each thing, OK or with the remedy; 1 where not even a demo would run."""
    names = [paper.name for paper in known(args.papers)]
    found = []
    for finding in _all(names, args):
        print(finding)
        found.append(finding)
    stops = [finding for finding in found if finding.stops and finding.remedy]
    waits = [finding for finding in found if finding.remedy and not finding.stops]
    if stops:
        print("\nNothing runs before the lines marked STOP are mended.")
        return 1
    print(
        f"\n{len(waits)} of {len(found)} wait for something; demos run without it."
        if waits
        else "\nAll of it is there."
    )
    return 0


def _all(names: Sequence[str], args: argparse.Namespace) -> Iterator[Finding]:
    found = list(machine(args.out))
    yield from found
    if any(finding.stops and finding.remedy for finding in found):
        return  # the papers' own modules could not be imported
    datasets = datasets_of(names)
    for name in datasets:
        yield data(name, args.data_dir)
    yield room([name for name in datasets if not locate(name, args.data_dir)], args.data_dir)
    yield weights(names, args.weights_dir)


def data(name: str, data_dir: Path) -> Finding:
    """A dataset: how many of its images are there."""
    published = sum(dataset(name).counts.values())
    if not locate(name, data_dir):
        return Finding("data", f"{name} is not in {data_dir}", f"python -m reproductions get {name}")
    here = int(catalog.metadata(name, data_dir).extra["present"].sum())
    text = f"{name}: {here:,} of {published:,} images"
    if not here:
        return Finding("data", text, "its labels are there: put the images beside them")
    return Finding("data", text)


def room(missing: Sequence[str], data_dir: Path) -> Finding:
    """Whether what is missing would fit; sizes that nobody knows count as nothing."""
    free = shutil.disk_usage(existing(data_dir)).free
    needed = int(sum(ROOM * source(name).size for name in missing))
    text = f"{size(free)} free in {data_dir}; what is missing takes about {size(needed)} with its archives"
    if not missing:
        return Finding("disk", f"{size(free)} free in {data_dir}")
    if needed <= free:
        return Finding("disk", text)
    return Finding("disk", text, "make room, or name a larger disk: --data-dir DIR")


def weights(names: Sequence[str], weights_dir: Path) -> Finding:
    """The files that are missing, in the folder and in Keras' own cache."""
    missing = weights_of(names, weights_dir)
    if not missing:
        return Finding("weights", "all are there")
    text = f"{len(missing)} missing in {weights_dir} and in Keras' cache"
    return Finding("weights", text, "python -m reproductions get weights")
