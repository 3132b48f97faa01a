"""The papers by their names."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from reproductions import PAPERS
from shared.base.errors import UserError
from shared.paper import Paper


def papers(names: Sequence[str] = PAPERS) -> list[Paper]:
    """The papers of these names; without any, all."""
    return [importlib.import_module(f"reproductions.{name}").PAPER.check() for name in names or PAPERS]


def known(names: Sequence[str]) -> list[Paper]:
    """The papers of these names; an unknown one is an error that lists them."""
    for name in names:
        if name not in PAPERS:
            raise UserError(f"no paper is called '{name}'; there are {', '.join(PAPERS)}")
    return papers(names)
