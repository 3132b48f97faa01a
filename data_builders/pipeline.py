"""From a table of images to batches: pixels decoded and resized once, order and augmentation keyed by (seed, epoch).

`rows` say which row of the pixels an item uses (a subset, a fold or a pool needs no copy); `ids` are the keys of the
items' augmentation (by default their rows). Neither the batch size nor the number of workers changes an item.
"""

import hashlib
import itertools
import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from data_builders import catalog
from data_builders.augment import Augment, augment_batch
from data_builders.augment import mixup as mix_batch
from data_builders.catalog import DataError, Table

DECODED_AT_ONCE = 256


@dataclass(frozen=True)
class Frame:
    """How an image becomes an array: cut to its annotated box or its middle, then resized."""

    height: int
    width: int
    channels: int = 1  # 1 grey, 3 RGB
    central_crop: float = 1.0  # fraction of each side that is kept
    box: bool = False  # cut to the table's `box` column first


def load_pixels(table: Table, frame: Frame, cache_dir: Path) -> np.ndarray:
    """The table's images as a read-only memory-mapped uint8 array (n, height, width, channels), made once."""
    path = Path(cache_dir) / "pixels" / f"{table.dataset}-{_key(table, frame)}.npy"
    if not path.exists():
        _write_pixels(table, frame, path)
    return np.load(path, mmap_mode="r")


def train_batches(
    pixels: np.ndarray,
    labels,
    *,
    classes: int,
    batch: int,
    seed: int,
    epoch: int,
    augment: Augment | None = None,
    finish: Callable | None = None,
    ids=None,
    rows=None,
    steps: int | None = None,
    fixed_pool: bool = False,
    mixup: float = 0.0,
    last: str = "keep",
) -> tf.data.Dataset:
    """One epoch of (float32 images, float32 one-hot labels); `labels` holds one label per row of `pixels`.

    Every item once, in an order from (seed, epoch); with `steps`, that many batches of items drawn uniformly with
    replacement. A fixed pool augments an item alike in every epoch. The batch dimension is unknown when the last
    batch may be smaller, so that a model is traced once. Mixup acts on pixels 0..255; `finish` comes last.
    """
    rows, ids = _items(pixels, rows, ids)
    labels = np.asarray(labels)
    if len(labels) != len(pixels):
        raise ValueError(f"{len(pixels)} rows of pixels but {len(labels)} labels: give one label per row")
    order, ids = _order(ids, batch, seed, epoch, steps)
    rows = rows[order]
    full = last == "drop" or steps is not None
    if full:
        rows = rows[: len(rows) // batch * batch]
    if not len(rows):
        raise ValueError(f"{len(order)} images do not fill one batch of {batch}")

    def finished(images, row_labels, keys, step):
        images = _augmented(images, augment, seed, 0 if fixed_pool else epoch, keys)
        targets = tf.one_hot(row_labels, classes, dtype=tf.float32)
        if mixup:
            images, targets = mix_batch(images, targets, mixup, seed, epoch, step)
        return (finish or rescale)(images), targets

    return _batches(pixels, labels, rows, ids, batch, finished, static=full)


def eval_batches(
    pixels: np.ndarray,
    *,
    batch: int,
    finish: Callable | None = None,
    rows=None,
    crop: tuple[int, int] | None = None,
    augment: Augment | None = None,
    seed: int = 0,
    epoch: int = 0,
    ids=None,
) -> tf.data.Dataset:
    """Float32 images, each exactly once and in order; `crop` cuts the middle.

    With `augment`, each image is changed as `train_batches` changes it in that epoch (0 for a fixed pool).
    """
    rows, ids = _items(pixels, rows, ids)

    def finished(images, row_labels, keys, step):
        images = _augmented(images, augment, seed, epoch, keys)
        return (finish or rescale)(_central(images, crop) if crop else images)

    return _batches(pixels, np.zeros(len(pixels), int), rows, ids, batch, finished, static=False)


def rescale(images):
    """0..255 to 0..1."""
    return images / 255.0


def repeat_grey(images):
    """One channel repeated to three."""
    return tf.repeat(images, 3, axis=-1)


def decode(encoded: bytes, channels: int) -> np.ndarray:
    """Encoded bytes as uint8 (height, width, channels), RGB; ValueError where they are no image."""
    flag = cv2.IMREAD_GRAYSCALE if channels == 1 else cv2.IMREAD_COLOR
    image = cv2.imdecode(np.frombuffer(encoded, np.uint8), flag) if encoded else None
    if image is None:
        raise ValueError("cannot be decoded")
    return image[..., None] if channels == 1 else cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Shrink by area (no aliasing), enlarge linearly; each side on its own."""
    channels = image.shape[2]
    smaller = min(width, image.shape[1]), min(height, image.shape[0])
    image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
    image = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    return image.reshape(height, width, channels)


def _key(table: Table, frame: Frame) -> str:
    facts = {"manifest": catalog.manifest_hash(table), "names": table.name.tolist(), "frame": asdict(frame)}
    if frame.box:
        facts["box"] = table.extra["box"].tolist()
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:20]


def _write_pixels(table: Table, frame: Frame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (len(table), frame.height, frame.width, frame.channels)
    _refuse_full_disk(path.parent, int(np.prod(shape)))
    temporary = path.with_name(f"{path.stem}.{os.getpid()}.tmp")
    try:
        _fill(np.lib.format.open_memmap(temporary, "w+", np.uint8, shape), table, frame)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _refuse_full_disk(folder: Path, needed: int) -> None:
    # Running out of disk under a memory map kills the process without a word.
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DataError(f"{folder}: the pixels need {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free")


def _fill(pixels: np.ndarray, table: Table, frame: Frame) -> None:
    images, written = iter(catalog.image_bytes(table)), 0

    def framed(item):
        row, encoded = item
        return row, _framed(table, frame, row, encoded)

    with (
        ThreadPoolExecutor() as workers,
        tqdm(total=len(table), desc=f"{table.dataset}: pixels", unit=" images", delay=3) as bar,
    ):
        while some := list(itertools.islice(images, DECODED_AT_ONCE)):
            for row, image in workers.map(framed, some):
                pixels[row] = image
            written += len(some)
            bar.update(len(some))
    if written != len(table):
        raise DataError(f"{table.dataset}: {written} of {len(table)} images could be read; build it again")
    pixels.flush()


def _framed(table: Table, frame: Frame, row: int, encoded: bytes) -> np.ndarray:
    try:
        image = decode(encoded, frame.channels)
        if frame.box:
            image = _boxed(image, table.extra["box"][row])
        return resize(_middle(image, frame.central_crop), frame.height, frame.width)
    except (ValueError, cv2.error) as error:
        raise DataError(
            f"{table.dataset}: {table.name[row]}: {error}; replace the file and build again"
        ) from error


def _boxed(image: np.ndarray, box) -> np.ndarray:
    left, top, right, bottom = (int(v) for v in box)
    cut = image[max(top, 0) : bottom, max(left, 0) : right]
    if not cut.size:
        raise ValueError(f"its box {left} {top} {right} {bottom} holds no pixel")
    return cut


def _middle(image: np.ndarray, fraction: float) -> np.ndarray:
    height, width = (max(1, round(side * fraction)) for side in image.shape[:2])
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return image[top : top + height, left : left + width]


def _items(pixels, rows, ids):
    rows = np.arange(len(pixels)) if rows is None else np.asarray(rows, np.int64)
    ids = rows if ids is None else np.asarray(ids, np.int64)
    if len(ids) != len(rows):
        raise ValueError(f"{len(rows)} items but {len(ids)} ids")
    return rows, ids


def _order(ids, batch: int, seed: int, epoch: int, steps: int | None):
    """(item of each place in the epoch, augmentation key of each place)."""
    generator = np.random.default_rng([seed, epoch])
    if steps is None:
        order = generator.permutation(len(ids))
        return order, ids[order]
    # An item may be drawn twice in one epoch and must not look alike: its place is the key.
    return generator.integers(len(ids), size=steps * batch), np.arange(steps * batch)


def _augmented(images, augment: Augment | None, seed: int, epoch: int, keys):
    if augment is None:
        return tf.cast(images, tf.float32)
    return augment_batch(images, augment, seed, epoch, keys)


def _central(images, crop: tuple[int, int]):
    top, left = ((side - kept) // 2 for side, kept in zip(images.shape[1:3], crop, strict=True))
    return images[:, top : top + crop[0], left : left + crop[1]]


def _batches(pixels, labels, rows, keys, batch: int, finished: Callable, static: bool) -> tf.data.Dataset:
    """Batches gathered from the memory map by NumPy, so that no array becomes part of the graph."""

    def gather(step):
        places = slice(step * batch, (step + 1) * batch)
        return pixels[rows[places]], labels[rows[places]].astype(np.int64), keys[places].astype(np.int64)

    def load(step):
        types = (tf.as_dtype(pixels.dtype), tf.int64, tf.int64)
        images, row_labels, places = tf.numpy_function(gather, [step], types, stateful=False)
        n = batch if static else None
        images.set_shape([n, *pixels.shape[1:]])
        row_labels.set_shape([n])
        places.set_shape([n])
        return finished(images, row_labels, places, step)

    steps = tf.data.Dataset.range(-(-len(rows) // batch))
    return steps.map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(2)
