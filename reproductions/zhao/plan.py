"""The needs of a row and the amount of work, before anything starts."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from data_builders import catalog, provenance
from data_builders.published import locate
from data_builders.sources import wanted
from reproductions.zhao.config import DATASET, STAGE, WEIGHTS, Lists, Row, training_fields
from reproductions.zhao.schedule import blocks
from shared.base.download import Remote
from shared.paper import Folders, Need, Provenance, Work
from shared.training import weight_files

DOWNLOAD = "https://storage.googleapis.com/bit_models"
LISTS = tuple(f"{split}_COVIDx_CT-2A.txt" for split in ("train", "val", "test"))
VALIDATION, TEST = 25_486, 25_658
"""Lines of the official split files."""


def needs(row: Row | Lists) -> tuple[Need, ...]:
    """The data, and the official weights unless the row starts at random."""
    if isinstance(row, Lists):
        what = f"{DATASET}, its lists"
        return (Need(what, lambda data_dir, _: lists_missing(data_dir), _list_facts, wanted(DATASET)),)
    facts = functools.partial(_data_facts, row)
    data = Need(DATASET, lambda data_dir, _: slices_missing(data_dir), facts, wanted(DATASET))
    if row.weights == "random":
        return (data,)
    file = WEIGHTS[row.weights]
    weights = Need(
        f"weights {file}",
        lambda _, weights_dir: weights_missing(weights_dir, file),
        lambda at: {"weights": {file: weight_files.facts(Path(at.weights) / file)}},
        weights=(Remote(file, f"{DOWNLOAD}/{file}"),),
    )
    return data, weights


def _data_facts(row: Row, at: Folders) -> Provenance:
    return {"data": {DATASET: provenance.facts(DATASET, (at.data, at.cache), side=row.crop)}}


def _list_facts(at: Folders) -> Provenance:
    """Which lists are counted; no image has to be there."""
    return {"data": {DATASET: provenance.label_facts(DATASET, at.data)}}


@functools.cache
def slices_missing(data_dir: Path) -> str | None:
    """None where all slices of the lists are there, else one line; the folder is read once for all rows."""
    line = lists_missing(data_dir)
    if line:
        return line
    listed = catalog.metadata(DATASET, data_dir)
    absent = np.flatnonzero(~listed.extra["present"])
    if not len(absent):
        return None
    first = listed.name[absent[0]]
    count = f"{len(absent):,} of {len(listed.name):,} slices are missing, such as {first}"
    return f"{count}: {locate(DATASET, data_dir)} is incomplete (see python -m reproductions data)"


def lists_missing(data_dir: Path) -> str | None:
    """None where the dataset's three split files are there, else one line."""
    line = catalog.missing(DATASET, data_dir)
    if line:
        return line
    folder = locate(DATASET, data_dir) or data_dir
    for name in LISTS:
        if not (folder / name).is_file():
            return f"{name} is missing: put the official split file in {folder}"
    return None


def weights_missing(weights_dir: Path, file: str) -> str | None:
    """None where the file is there, else one line."""
    if (Path(weights_dir) / file).is_file():
        return None
    fetch = f"python -m reproductions get weights, or download {DOWNLOAD}/{file}"
    return f"{file} is missing in {weights_dir}: {fetch}"


def work(row: Row | Lists) -> tuple[Work, ...]:
    """Per draw one training, and the images that are scored after its blocks and at its end."""
    if isinstance(row, Lists):
        return ()
    curve = round(row.curve_share * VALIDATION) * len(blocks(row.schedule[-1], row.block))
    images = {"training": row.schedule[-1] * row.batch, "scoring": curve + VALIDATION + TEST}
    return tuple(
        Work(
            name=f"{what}, draw {draw}",
            key=training_fields(row) | {"draw": draw},
            images=count,
            model=functools.partial(_compiled, row),
            batch=row.batch,
            train=what == "training",
            stage=STAGE,
            speed=f"BiT {what} {row.crop}",
        )
        for draw in range(row.draws)
        for what, count in images.items()
    )


def _compiled(row: Row, runtime):
    from reproductions.zhao.model import compiled

    return compiled(row, runtime)
