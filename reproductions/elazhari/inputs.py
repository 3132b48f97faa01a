"""The inputs of the trained model: images, or a frozen base's features of them, computed once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from data_builders.augment import Augment
from data_builders.catalog import Table
from data_builders.pipeline import Frame, eval_batches, load_pixels, rescale, train_batches
from reproductions.elazhari import data
from reproductions.elazhari.config import Row, features_key
from reproductions.elazhari.model import Network
from shared.base.disk import need_room
from shared.base.files import write_text
from shared.paper import Context
from shared.training.fitting import predict

BLOCK = 512  # items between two notes of how far the features are: 270 MB of InceptionV3's at a time


@dataclass(frozen=True)
class Part:
    """A part of the split as the model reads it: an item is a row of `inputs`, its key that of its warp."""

    inputs: np.ndarray
    truth: np.ndarray
    rows: np.ndarray
    keys: np.ndarray
    augment: Augment | None
    finish: Callable

    def shuffled(self, row: Row, seed: int, epoch: int):
        """(inputs, one-hot labels), each item once; an item is the same in every epoch."""
        return train_batches(
            self.inputs,
            self.truth,
            classes=len(data.CLASSES),
            batch=row.batch,
            seed=seed,
            epoch=epoch,
            augment=self.augment,
            finish=self.finish,
            rows=self.rows,
            ids=self.keys,
            fixed_pool=True,
        )

    def ordered(self, row: Row, seed: int):
        """The inputs in the order of the items."""
        return eval_batches(
            self.inputs,
            batch=row.batch,
            finish=self.finish,
            rows=self.rows,
            augment=self.augment,
            seed=seed,
            ids=self.keys,
        )


def parts(
    row: Row, table: Table, items: dict[str, data.Items], network: Network, origin: str, context: Context
) -> dict[str, Part]:
    """Each part of the split for this network; `origin` says where a frozen base's weights come from."""
    pixels = load_pixels(table, Frame(row.side, row.side, channels=3), context.cache_dir)
    truth = data.labels(table)

    def images(of: data.Items) -> Part:
        return Part(pixels, truth, of.rows, of.keys, data.augmentation(row, of), rescale)

    if not network.on_features:
        return {name: images(part) for name, part in items.items()}
    pool = data.pool(row, truth)
    whole = data.Items(pool, np.arange(len(pool)), augmented=True)

    def maps(part: data.Items) -> Part:
        # What is augmented reads the maps of the whole pool, which both protocols share.
        of, places = (whole, part.keys) if part.augmented else (part, np.arange(len(part)))
        key = _key(row, table, of, origin, context)
        stored = _stored(row, images(of), network.base, key, context)
        return Part(stored, truth[of.rows], places, places, None, _unchanged)

    return {name: maps(part) for name, part in items.items()}


def write_features(folder: Path, base: keras.Model, items: int, batches: Callable[[slice], object]) -> None:
    """Fills `features.npy` block by block; called again after a kill, it resumes."""
    path, note = folder / "features.npy", folder / "written.json"
    shape = (items, *base.output_shape[1:])
    done = json.loads(note.read_text()) if note.exists() else 0
    if not done:
        # Running out of disk under a memory map kills the process without a word.
        remedy = "free some, or give --set store_features=False to compute them anew in every epoch"
        need_room(folder, 2 * int(np.prod(shape)), "the features", remedy)
        np.lib.format.open_memmap(path, "w+", np.float16, shape).flush()
    stored = np.lib.format.open_memmap(path, "r+")
    for start in range(done, items, BLOCK):
        block = slice(start, min(start + BLOCK, items))
        stored[block] = predict(base, batches(block), f"{base.name}: features to {block.stop} of {items}")
        stored.flush()
        write_text(note, json.dumps(block.stop))


def _stored(row: Row, images: Part, base: keras.Model, key: dict, context: Context) -> np.ndarray:
    """The base's last maps of these images, float16, from disk."""

    def batches(block: slice):
        chosen = replace(images, rows=images.rows[block], keys=images.keys[block])
        return chosen.ordered(row, context.seed)

    folder = context.stages.folder(
        "features", key, lambda work: write_features(work, base, len(images.rows), batches)
    )
    return np.load(folder / "features.npy", mmap_mode="r")


def _key(row: Row, table: Table, items: data.Items, origin: str, context: Context) -> dict:
    return features_key(row) | {
        "augmented": items.augmented,
        "images": table.fingerprint(),
        "items": hashlib.sha256(items.rows.tobytes() + items.keys.tobytes()).hexdigest(),
        "origin": origin,
        "seed": context.seed,
        "precision": context.runtime.precision,
    }


def _unchanged(maps):
    return maps
