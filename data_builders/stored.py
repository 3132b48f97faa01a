"""A dataset as TFDS stores it: built where it is not there whole, and its images read back."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data_builders.manifest import claim_of
from shared.base import sums
from shared.base.claim import claimed
from shared.base.errors import UserError

if TYPE_CHECKING:
    from data_builders.builder import Builder, Part


def folder(builder_class: type[Builder], config: str | Part, built: Path, data_dir: Path | str) -> Path:
    """The folder of the built dataset below `built`; one that is damaged is built again."""
    name = config if isinstance(config, str) else config.name
    place = built / builder_class.name / name / str(builder_class.VERSION)
    if not _damage(place):
        return place
    with claimed(claim_of(place)):
        damage = _damage(place)
        if damage and place.exists():  # TFDS itself reads what is there before it says a word
            print(f"{place} is damaged ({damage}): it is built again")
            shutil.rmtree(place)
        if damage:
            _prepare(builder_class(data_dir=str(built), config=config), data_dir)
            sums.keep(place)
    return place


def read(location: Path, index: np.ndarray) -> Iterator[tuple[int, bytes]]:
    """(position, encoded bytes) of the built images at these sorted positions; the others are passed over."""
    import tensorflow as tf
    import tensorflow_datasets as tfds

    from data_builders.builder import SPLIT
    from shared.base.untuned import untuned

    damage = sums.damage(location, lambda name: ".tfrecord" in name)
    if damage:
        (location / sums.FILE).unlink(missing_ok=True)  # so the next command builds it again
        raise UserError(f"{location} is damaged ({damage}): run the same command to build it again")
    first, last = index[0], index[-1]
    wanted = np.zeros(last - first + 1, bool)
    wanted[index - first] = True
    images = tfds.builder_from_directory(location).as_dataset(
        split=f"{SPLIT}[{first}:{last + 1}]",
        decoders=tfds.decode.PartialDecoding({"image": True}, {"image": tfds.decode.SkipDecoding()}),
        shuffle_files=False,
        read_config=tfds.ReadConfig(try_autocache=False),
    )
    wanted = tf.constant(wanted)
    kept = untuned(images.enumerate().filter(lambda at, _: wanted[at]))
    for position, example in kept.as_numpy_iterator():
        yield int(position + first), example["image"]


def _damage(folder: Path) -> str:
    """Of all files but the images, which are checked when they are read."""
    return sums.damage(folder, lambda name: ".tfrecord" not in name)


def _prepare(builder, data_dir: Path | str) -> None:
    with _naming_what_is_gone(Path(data_dir)):
        _download_and_prepare(builder, data_dir)


@contextlib.contextmanager
def _naming_what_is_gone(data_dir: Path) -> Iterator[None]:
    """TFDS asserts that the folder is there; one that vanishes is nobody's mistake."""
    try:
        if not data_dir.is_dir():
            raise FileNotFoundError(data_dir)
        yield
    except (OSError, AssertionError) as error:
        if data_dir.is_dir():
            raise
        raise UserError(f"{data_dir} is gone: run the same command again when it is back") from error


def _download_and_prepare(builder, data_dir: Path | str) -> None:
    import tensorflow_datasets as tfds

    for killed in Path(builder.data_dir).parent.glob("incomplete.*"):
        shutil.rmtree(killed)
    tfds.disable_progress_bar()  # ours knows the total
    config = tfds.download.DownloadConfig(
        manual_dir=data_dir, compute_stats=tfds.download.ComputeStatsMode.SKIP
    )
    with contextlib.redirect_stdout(io.StringIO()):  # "Downloading ... Unknown size" of files at hand
        builder.download_and_prepare(
            download_dir=f"{builder.data_dir_root}/downloads", download_config=config
        )
