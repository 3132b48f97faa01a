"""Images with labels, as a row's network reads them."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from data_builders.augment import Augment
from data_builders.pipeline import eval_batches, repeat_grey, rescale, train_batches
from reproductions.basu.config import Row
from shared.training.backbones import BACKBONES


@dataclass(frozen=True)
class Images:
    """Pixels with a label each, and how they reach a row's network."""

    row: Row
    pixels: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]

    def training(self, rows, seed: int, epoch: int):
        """An epoch of augmented images and labels."""
        row = self.row
        augment = Augment(rotation=row.rotation, zoom=row.zoom, flip=row.flip)
        return self._labelled(rows, seed, epoch, augment)

    def validation(self, rows):
        """The images as they are, with labels."""
        return self._labelled(rows, 0, 0, None)

    def ordered(self, rows):
        """The images as they are, each once and in order."""
        return eval_batches(self.pixels, batch=self.row.batch, rows=rows, finish=finish(self.row))

    def _labelled(self, rows, seed: int, epoch: int, augment: Augment | None):
        return train_batches(
            self.pixels,
            self.labels,
            classes=len(self.classes),
            batch=self.row.batch,
            seed=seed,
            epoch=epoch,
            augment=augment,
            finish=finish(self.row),
            rows=rows,
        )


@functools.cache
def finish(row: Row):
    """0..255 to what the row's network reads: grey / 255, or as ImageNet's weights expect it.

    One function for all epochs, so that it is traced once.
    """
    if row.start != "imagenet":
        return rescale
    preprocess = BACKBONES[row.network].preprocess
    return lambda images: preprocess(repeat_grey(images))
