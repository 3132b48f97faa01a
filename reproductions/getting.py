"""`python -m reproductions get`: fetches data and weights, after it has said from where, on which terms."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from data_builders import getting
from data_builders.describing import describe_one
from data_builders.published import DATASETS
from data_builders.sources import source
from data_builders.unpacking import not_an_archive
from reproductions import PAPERS
from reproductions.papers import papers
from shared.base.disk import size
from shared.base.download import Remote, fetch
from shared.base.errors import UserError
from shared.paper import Need
from shared.training.runtime import import_quietly

WEIGHTS = "weights"
LICENCE = """weights of networks: ImageNet's as Keras publishes them (licences: https://keras.io/api/applications),
  BiT's as Google publishes them (Apache 2.0)"""


def get(args: argparse.Namespace) -> int:
    """Fetches what is named, each thing once; what is there is left as it is."""
    if not args.names:
        print("\n\n".join([*map(getting.terms, DATASETS), LICENCE]))
        print(f"\nName papers, datasets or '{WEIGHTS}' to fetch them.")
        return 0
    _check(args.names)
    datasets = [name for name in datasets_of(args.names) if not _there(name, args.data_dir)]
    files = weights_of(args.names, args.weights_dir)
    if not datasets and not files:
        print("All of it is there.")
        return 0
    print("\n\n".join([*map(getting.terms, datasets), *([_terms_of(files)] if files else [])]))
    if not (args.yes or _agreed(datasets, args)):
        print("Nothing was fetched.")
        return 1
    for remote in files:
        print(f"{remote.name} from {remote.address}")
        fetch(remote, args.weights_dir, (lambda path: "") if remote.md5 else not_an_archive)
    for name in datasets:
        print(f"{name} from {source(name).page}")
        getting.get(name, args.data_dir)
        print(describe_one(DATASETS[name], args.data_dir))
    return 0


def _check(names: Sequence[str]) -> None:
    known = (*PAPERS, *DATASETS, WEIGHTS)
    for name in names:
        if name not in known:
            raise UserError(f"nothing to get is called '{name}'; there are {', '.join(known)}")


def datasets_of(names: Sequence[str]) -> list[str]:
    """The datasets that are named, and those of the papers that are."""
    found = [name for name in names if name in DATASETS]
    of_papers = [dataset.name for need in _needs(names) for dataset in need.datasets]
    return list(dict.fromkeys([*found, *of_papers]))


def weights_of(names: Sequence[str], weights_dir: Path) -> list[Remote]:
    """The files of weights that the papers named want, or all papers, and that are not there.

    Those in Keras' own cache are there.
    """
    needs = _needs(PAPERS if WEIGHTS in names else names)
    wanted = [need for need in needs if need.weights and need.find(Path(), weights_dir)]
    return list(dict.fromkeys(remote for need in wanted for remote in need.weights))


def _needs(names: Sequence[str]) -> Iterator[Need]:
    named = [name for name in names if name in PAPERS]
    if named:
        import_quietly()
    for paper in papers(named) if named else ():
        for row in paper.rows:
            yield from paper.needs(row)


def _there(name: str, data_dir: Path) -> bool:
    found = getting.there(name, data_dir)
    if found:
        print(f"{name} is there: {data_dir / name}")
    return found


def _terms_of(files: Sequence[Remote]) -> str:
    return LICENCE + "".join(f"\n  {remote.name}" for remote in files)


def _agreed(datasets: Sequence[str], args: argparse.Namespace) -> bool:
    """Asks; where nobody can answer, an error says how to agree beforehand."""
    if not sys.stdin.isatty():
        raise UserError("nobody is there to agree to these terms: read them and add --yes")
    known = sum(source(name).size for name in datasets)
    much = f", about {size(known)} of data" if known else ""
    where = f"into {args.data_dir}/ and {args.weights_dir}/"
    return input(f"\nFetch this{much}, {where}? [y/N] ").strip().lower() in ("y", "yes")
