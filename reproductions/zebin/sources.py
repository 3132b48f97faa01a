"""The datasets behind a row: whether enough images are there, and exactly which."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data_builders import catalog, provenance
from reproductions.zebin.config import Row
from reproductions.zebin.data import COVID, NORMAL, SOURCES, choose, may_be_drawn
from shared.base.errors import UserError
from shared.paper import Folders, Provenance


def images_missing(row: Row, data_dir: Path) -> str | None:
    """None where both datasets have the images that the row draws from, else one line."""
    names = ("covid_chestxray", "kermany_pneumonia")
    absent = next(filter(None, (catalog.missing(name, data_dir) for name in names)), None)
    if absent:
        return absent
    covid, kermany = (catalog.metadata(name, data_dir) for name in names)
    try:
        choose(row, covid.take(covid.extra["present"]), kermany.take(kermany.extra["present"]), seed=0)
    except UserError as error:
        return f"{error} (in {data_dir})"
    return None


def facts(row: Row, at: Folders) -> Provenance:
    """Provenance of both datasets, of which some images are drawn: of one, all are candidates."""
    collection, kind = SOURCES[COVID]
    candidates = functools.partial(may_be_drawn, row, kind=kind)
    parts = {collection: candidates, SOURCES[NORMAL][0]: None}

    def of(name: str) -> Mapping[str, Any]:
        folders = (at.data, at.cache)
        return provenance.facts(name, folders, partial=True, use=provenance.DRAWN, part=parts[name])

    return {"data": {name: of(name) for name in parts}}
