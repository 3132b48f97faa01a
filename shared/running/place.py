"""Where the runs of a paper are."""

from __future__ import annotations

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

    @property
    def mark(self) -> str:
        """The word in front of a row's name."""
        if self.shuffled:
            return "DEMO, shuffled labels, "
        return "DEMO " if self.demo else ""

    def folder(self, row: Any, overrides: Mapping[str, str], seed: int, precision: str) -> Path:
        """A row's folder tells by its name when something was set by hand."""
        own = {field: value for field, value in overrides.items() if hasattr(row, field)}
        return self.root / self.paper.name / folder_name(row.id, own, seed, precision)
