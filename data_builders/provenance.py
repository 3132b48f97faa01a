"""A dataset as a run's facts keep it: which images, how many of the published ones, and in which form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from data_builders import catalog
from data_builders.catalog import Table
from data_builders.known_files import recognise
from data_builders.published import dataset

ALL, DRAWN, EXACTLY = "all", "drawn", "exactly"
"""Whether a row takes every image of its part of the dataset, draws some of them at random, or takes those
that come first: then an absent image moves others into its place."""


def facts(
    name: str,
    folders: tuple[Path, Path],
    *,
    partial: bool = False,
    use: str = ALL,
    part: Callable[[Table], np.ndarray] | None = None,
    published: int | None = None,
    only: catalog.Choice | None = None,
    side: int = 0,
) -> dict[str, Any]:
    """The facts of a dataset under (data_dir, cache_dir).

    `part` chooses, of a table of all images that the dataset's files list (`extra["present"]`: is it here?),
    those that the row uses or draws from; `published` is their number, where the files do not list them all.
    `only` says which images are built, where a row has no others built. `side` is the network's input,
    where it is not the row's field of that name.
    """
    table, listed = catalog.built(name, *folders, partial=partial, part=only)
    about = dataset(name)
    used = listed if part is None else listed.take(part(listed))
    here = used.take(used.extra["present"])
    of_all = sum(about.counts.values())
    counts = Counter(table.classes[label] for label in table.label)
    return {
        "fingerprint": table.fingerprint(),
        "annotations": table.hash_of("label", "patient", *about.extra),
        "images": len(table),
        "published": of_all,
        "classes": {kind: [counts[kind], about.counts.get(kind, 0)] for kind in about.classes},
        "use": use,
        **({"input": side} if side else {}),
        **({"published_side": about.side} if about.side else {}),
        "part": {
            "fingerprint": here.fingerprint(),
            "images": len(here),
            "published": published or (of_all if part is None else len(used)),
            "known": _known(here),
            **_form(here),
        },
    }


def label_facts(name: str, data_dir: Path) -> dict[str, Any]:
    """The facts of a dataset of which the labels alone are read: all that they list, here or not."""
    listed, about = catalog.metadata(name, data_dir), dataset(name)
    fingerprint = listed.hash_of("name", "label", "patient")
    counts = Counter(listed.classes[label] for label in listed.label)
    size, published = len(listed), sum(about.counts.values())
    return {
        "fingerprint": fingerprint,
        "images": size,
        "published": published,
        "classes": {kind: [counts[kind], about.counts.get(kind, 0)] for kind in about.classes},
        "use": ALL,
        "part": {
            "fingerprint": fingerprint,
            "images": size,
            "published": published,
            "known": dict.fromkeys(("names", "bytes", "pixels")),
        },
    }


def _known(table: Table) -> dict[str, int | None]:
    """How many images have a published name, published bytes, published pixels; None where none is known."""
    found = recognise(table)
    return {"names": found.names, "bytes": found.same_bytes, "pixels": found.same_pixels}


def _form(table: Table) -> dict[str, Any]:
    """Formats, channels and sizes: they distinguish copies that were saved again from the published files."""
    sides = np.maximum(table.extra["width"], table.extra["height"])
    found: dict[str, Any] = {key: dict(Counter(table.extra[key].tolist())) for key in ("format", "channels")}
    if len(sides):
        ((commonest, times),) = Counter(sides.tolist()).most_common(1)
        found["longer_side"] = {
            "least": int(sides.min()),
            "median": float(np.median(sides)),
            "most": int(sides.max()),
            "commonest": [commonest, times],
        }
    return found
