"""Where a paper's runs, its data and what is shared between draws lie."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.comparison import folder_name
from shared.paper import Paper


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a paper's runs are read from and written to."""

    paper: Paper
    root: Path
    data_dir: Path
    cache_dir: Path
    demo: bool
    shuffled: bool = False
    """A demo's look-alikes show nothing of their labels."""
    local: Path | None = None
    """Where what is built of the data lies, if not with the stages and checkpoints."""

    @property
    def built(self) -> Path:
        """Where what is built of the data lies."""
        return self.local or self.cache_dir

    @property
    def mark(self) -> str:
        """The words in front of a row's name."""
        if self.shuffled:
            return "DEMO, shuffled labels, "
        return "DEMO " if self.demo else ""

    def folder(
        self, row: Any, by_hand: Mapping[str, str], seed: int, precision: str, fast: bool = False
    ) -> Path:
        """A row's folder tells by its name when something was set by hand."""
        return self.root / self.paper.name / folder_name(row.id, by_hand, seed, precision, fast)


def stages_folder(cache: Path, fast: bool) -> Path:
    """Where finished stages are; those of fast draws apart, for default draws must repeat to the bit."""
    return cache / ("stages-fast" if fast else "stages")


def real_place(paper: Paper, args: argparse.Namespace) -> Place:
    """Where runs at the paper's scale are."""
    return Place(paper, args.out, args.data_dir, args.out / "cache", demo=False, local=args.cache)


def demo_place(paper: Paper, args: argparse.Namespace, shuffled: bool = False) -> Place:
    """Where demos are; those on shuffled look-alikes apart, where no search for runs finds them."""
    below = Path("demo", "shuffled") if shuffled else Path("demo")
    root, local = args.out / below, args.cache and args.cache / below / paper.name
    cache = root / "cache" / paper.name
    return Place(paper, root, root / "look-alikes" / paper.name, cache, True, shuffled, local)
