"""The frozen backbone's features of each (image, epoch), computed once for all folds and rows."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np

from data_builders.augment import Augment
from data_builders.pipeline import eval_batches
from reproductions.zebin.data import Samples
from shared.training import fitting
from shared.training.runtime import Runtime
from shared.training.stages import Stages

BATCH = 32
FILE = "features.npy"


def fingerprint(arrays: Iterable[np.ndarray]) -> str:
    """A hash of arrays' bytes and shapes."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str((array.shape, array.dtype)).encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Features:
    """The features of any images, which are known by their content, in any epoch."""

    extractor: keras.Model
    identity: str
    """The inputs of the features besides images and augmentation: the backbone, its weights, the pooling."""
    finish: Callable
    augment: Augment
    seed: int
    stages: Stages
    runtime: Runtime

    def plain(self, pixels: np.ndarray) -> np.ndarray:
        """Of the images as they are, in order."""
        batches = functools.partial(eval_batches, pixels, batch=BATCH, finish=self.finish)
        return self._stage(pixels, {}, batches, "features")

    def augmented(self, pixels: np.ndarray, ids: np.ndarray, epoch: int) -> np.ndarray:
        """Of the images as they are augmented in an epoch; the ids are their keys in the whole set."""
        key = {"augment": asdict(self.augment), "seed": self.seed, "epoch": epoch, "ids": ids.tolist()}
        read = functools.partial(eval_batches, pixels, batch=BATCH, finish=self.finish, ids=ids)
        batches = functools.partial(read, augment=self.augment, seed=self.seed, epoch=epoch)
        return self._stage(pixels, key, batches, f"features of epoch {epoch + 1}")

    def _stage(self, pixels: np.ndarray, key: dict, batches: Callable, title: str) -> np.ndarray:
        key |= {"identity": self.identity, "pixels": fingerprint([pixels])}
        key |= {"device": self.runtime.device, "precision": self.runtime.precision}

        def make(work: Path) -> None:
            np.save(work / FILE, fitting.predict(self.extractor, batches(), title))

        return np.load(self.stages.folder("features", key, make) / FILE)


class Inputs:
    """The features of all images of a run, by place; in an epoch, images nobody may train on are NaN."""

    def __init__(self, samples: Samples, features: Features):
        self.samples, self.features = samples, features

    @functools.cached_property
    def plain(self) -> np.ndarray:
        """Of the images as they are."""
        real = np.sort(np.concatenate([self.samples.train, self.samples.test]))
        return self._by_place(real, lambda pixels, _: self.features.plain(pixels))

    def augmented(self, epoch: int) -> np.ndarray:
        """Of the training images as augmented in an epoch."""
        return self._by_place(
            self.samples.train, lambda pixels, ids: self.features.augmented(pixels, ids, epoch)
        )

    def _by_place(self, real: np.ndarray, features: Callable) -> np.ndarray:
        """Real and synthetic images are asked for apart: v2 finds what v1 has computed."""
        placed = np.full(
            (len(self.samples.labels), self.features.extractor.output_shape[-1]), np.nan, "float32"
        )
        for places in (real, self.samples.synthetic):
            if len(places):
                placed[places] = features(self.samples.pixels[places], places)
        return placed
