"""The datasets behind a row: whether enough images are there, and exactly which."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from data_builders import catalog, provenance
from data_builders.catalog import Table
from reproductions.basu.data import shows_covid
from shared.paper import Folders, Provenance


def nih_missing(data_dir: Path) -> str | None:
    """None where all images of ChestX-ray14 are there, else one line: Data-A takes nearly all of them."""
    line = catalog.missing("chest_xray14", data_dir)
    if line:
        return line
    present = _metadata("chest_xray14", data_dir).extra["present"]
    if present.all():
        return None
    return _too_few("chest_xray14", data_dir, f"{present.sum():,} of the {len(present):,} images it names")


def covid_missing(row, data_dir: Path) -> str | None:
    """None where there are enough X-rays of COVID-19 in the row's views, else one line."""
    line = catalog.missing("covid_chestxray", data_dir)
    if line:
        return line
    table = _metadata("covid_chestxray", data_dir)
    usable = table.take(table.extra["present"])
    number = int((shows_covid(usable) & np.isin(usable.extra["view"], row.covid_views)).sum())
    if number >= row.covid:
        return None
    return _too_few("covid_chestxray", data_dir, f"{number} of the {row.covid} X-rays of COVID-19 wanted")


def nih_facts(at: Folders) -> Provenance:
    """Provenance of ChestX-ray14: Data-A takes nearly all of it."""
    return {"data": {"chest_xray14": provenance.facts("chest_xray14", (at.data, at.cache), partial=True)}}


def covid_facts(row, at: Folders) -> Provenance:
    """Provenance of the X-rays of COVID-19 in the row's views, of which some are drawn."""

    def candidates(listed: Table) -> np.ndarray:
        return shows_covid(listed) & np.isin(listed.extra["view"], row.covid_views)

    name, folders = "covid_chestxray", (at.data, at.cache)
    found = provenance.facts(name, folders, partial=True, use=provenance.DRAWN, part=candidates)
    return {"data": {name: found}}


def _too_few(name: str, data_dir: Path, what: str) -> str:
    return f"{Path(data_dir) / name} holds {what}; download the rest: {catalog.DATASETS[name].download}"


@functools.cache
def _metadata(name: str, data_dir: Path) -> Table:
    """Read once for all rows that ask."""
    return catalog.metadata(name, data_dir)
