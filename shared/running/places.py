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
    local: Path | None = None
    """Where what is built of the data lies, if not with the stages and checkpoints."""

    @property
    def built(self) -> Path:
        """Where what is built of the data lies."""
        return self.local or self.cache_dir

    def folder(self, row: Any, overrides: Mapping[str, str], seed: int, precision: str) -> Path:
        """A row's folder tells by its name when something was set by hand."""
        own = {field: value for field, value in overrides.items() if hasattr(row, field)}
        return self.root / self.paper.name / folder_name(row.id, own, seed, precision)


def real_place(paper: Paper, args: argparse.Namespace) -> Place:
    """Where runs at the paper's scale are."""
    return Place(paper, args.out, args.data_dir, args.out / "cache", demo=False, local=args.cache)


def demo_place(paper: Paper, args: argparse.Namespace) -> Place:
    """Where demos are."""
    root, local = args.out / "demo", args.cache and args.cache / "demo" / paper.name
    return Place(paper, root, root / "data" / paper.name, root / "cache" / paper.name, demo=True, local=local)
