"""A part of a paper's page, as plain values for the terminal and for the report."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from shared.trust.calibration import Bin


@dataclasses.dataclass(frozen=True)
class Diagram:
    """A reliability diagram."""

    caption: str
    bins: Sequence[Bin]
    demo: bool


@dataclasses.dataclass(frozen=True)
class Part:
    """A heading, sentences, a table where there is one, and diagrams for the report."""

    title: str
    sentences: tuple[str, ...]
    head: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    diagrams: tuple[Diagram, ...] = ()
