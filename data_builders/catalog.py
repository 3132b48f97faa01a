"""The datasets by name: is it there, build it once, its table of labels, and its images in file order.

Nothing here imports TensorFlow before an image is needed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from data_builders import stored
from data_builders.counting import counts_line
from data_builders.published import DATASETS, Dataset, dataset, locate
from data_builders.scanning import Scan
from data_builders.table import Table
from shared.base import screen
from shared.base.errors import UserError

Folder = Path | str
Choice = Callable[[Table], np.ndarray]
"""The labels of all images (`extra["present"]`: is it there?) -> the rows that are asked for."""

__all__ = [
    "DATASETS",
    "Choice",
    "Dataset",
    "Table",
    "build",
    "image_bytes",
    "metadata",
    "missing",
    "scan",
]


def missing(name: str, data_dir: Path | str) -> str | None:
    """None when the dataset's raw files are there, else one line: what is missing and where to get it."""
    about = dataset(name)
    if locate(name, data_dir):
        return None
    wanted = " and ".join(mark.replace("|", " or ") for mark in about.marks)
    where = f"{about.title} is missing: {Path(data_dir) / name} must hold {wanted}"
    return f"{where}; python -m reproductions get {name}, or download: {about.download}"


def metadata(name: str, data_dir: Path | str) -> Table:
    """The dataset's labels as its own files tell them, whether or not the images are there; nothing is built.

    `extra["present"]` says which images are there.
    """
    return _labels(dataset(name), scan(name, data_dir))


def scan(name: str, data_dir: Path | str) -> Scan:
    """What lies in the dataset's folder: labels, files, and problems."""
    return _builder_class(name).scan(_root(name, data_dir))


def _labels(about: Dataset, scan: Scan) -> Table:
    present = np.array([image.file is not None for image in scan.images], bool)
    return _table(
        about,
        name=[image.name for image in scan.images],
        label=[image.label for image in scan.images],
        patient=[image.patient for image in scan.images],
        extra=dict(zip(about.extra, zip(*(image.extra for image in scan.images), strict=True), strict=False)),
        found={"present": present},
        index=np.full(len(scan.images), -1),
        location=None,
    )


def build(
    name: str, data_dir: Folder, cache_dir: Folder, *, partial: bool = False, part: Choice | None = None
) -> Table:
    """The dataset's table. TFDS builds it under cache_dir/tfds once; every time, the raw files are checked.

    Anything absent or refused is an error, unless `partial`: then the rest is taken, and what is not is
    listed in `problems.csv` in the table's location. With `part` only the images that it chooses from the
    labels are read and stored; each of them must be there.
    """
    folder, columns, notes = _checked(name, data_dir, cache_dir, partial, part)
    table = _built_table(dataset(name), columns, folder)
    screen.once("\n".join([counts_line(table), *notes]))
    return table


def built(
    name: str, data_dir: Folder, cache_dir: Folder, *, partial: bool = False, part: Choice | None = None
) -> tuple[Table, Table]:
    """The same table without any output, and the table of all images that the dataset's files list.

    `extra["present"]` of the second says which of them were taken.
    """
    folder, columns, _ = _checked(name, data_dir, cache_dir, partial, part)
    present = np.array([not problem for problem in columns["problem"]], bool)
    known = {key: [cell or "0" for cell in columns[key]] for key in ("width", "height", "size")}
    listed = _built_table(dataset(name), {**columns, **known, "problem": [""] * len(present)}, folder)
    listed.extra["present"] = present
    index = np.where(present, np.cumsum(present) - 1, -1)
    return _built_table(dataset(name), columns, folder), replace(listed, index=index)


def image_bytes(table: Table) -> Iterator[tuple[int, bytes]]:
    """(row of the table, encoded bytes) for every row, each once, in the order of `table.index`.

    The bytes are a PNG or JPEG of 8 bits per channel, grey or RGB, without alpha or EXIF rotation: any
    decoder makes the same shape of it. One image is in memory at a time.
    """
    if not len(table):
        return
    assert table.location is not None, "only built tables have images"
    order = np.argsort(table.index, kind="stable")
    index = table.index[order]
    for position, data in stored.read(table.location, index):
        for row in order[np.searchsorted(index, position) : np.searchsorted(index, position, side="right")]:
            yield int(row), data


def _checked(
    name: str, data_dir: Folder, cache_dir: Folder, partial: bool, part: Choice | None
) -> tuple[Path, dict[str, list[str]], list[str]]:
    """The built dataset's folder, its manifest after a check of the raw files, and what the scan noted."""
    from data_builders import manifest
    from data_builders.builder import Part

    root = _root(name, data_dir)
    builder_class = _builder_class(name)
    listed, config = builder_class.scan(root), "partial" if partial else "complete"
    if part:
        labels = _labels(dataset(name), listed)
        config = Part.of(labels.name[part(labels)].tolist())
        listed = listed.only(config.names)
    folder = stored.folder(builder_class, config, Path(cache_dir) / "tfds", data_dir)
    columns = manifest.check(folder, dataset(name), root, listed)
    return folder, columns, listed.notes


def _root(name: str, data_dir: Path | str) -> Path:
    problem = missing(name, data_dir)
    root = locate(name, data_dir)
    if problem or root is None:
        raise UserError(problem)
    return root


def _builder_class(name: str):
    """The TFDS builder of that dataset: the one class its module defines."""
    dataset(name)
    module = importlib.import_module(f"data_builders.{name}")
    return next(found for found in vars(module).values() if getattr(found, "name", None) == name)


def _built_table(about: Dataset, columns: dict[str, list[str]], folder: Path) -> Table:
    taken = [i for i, problem in enumerate(columns["problem"]) if not problem]
    columns = {key: [column[i] for i in taken] for key, column in columns.items()}
    found = {key: np.array(columns[key]) for key in ("sha256", "format", "channels")}
    found |= {key: np.array(columns[key], dtype=np.int64) for key in ("width", "height", "size")}
    return _table(
        about,
        name=columns["name"],
        label=columns["label"],
        patient=columns["patient"],
        extra={key: columns[key] for key in about.extra},
        found=found,
        index=np.arange(len(taken)),
        location=folder,
    )


def _table(about: Dataset, *, name, label, patient, extra, found, index, location) -> Table:
    from data_builders.builder import value

    typed = {
        key: np.array([value(kind, text) for text in extra.get(key, ())]) for key, kind in about.extra.items()
    }
    return Table(
        dataset=about.name,
        classes=about.classes,
        name=np.array(name, dtype=str),
        label=np.array(label, dtype=np.int64),
        patient=np.array(patient, dtype=str),
        extra=typed | found,
        index=index,
        location=location,
    )
