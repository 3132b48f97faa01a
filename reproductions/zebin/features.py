"""What the frozen backbone says of each (image, epoch): computed once, for all folds and rows that need it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np

from data_builders.augment import Augment
from data_builders.pipeline import eval_batches
from shared.runtime import Runtime
from shared.stages import Stages
from shared.training import predict

BATCH = 32
FILE = "features.npy"


def fingerprint(arrays: Iterable[np.ndarray]) -> str:
    """A hash of arrays' bytes and shapes."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str((array.shape, array.dtype)).encode())
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


@dataclass(frozen=True)
class Features:
    """The features of a set of images, which are known by their content, in any epoch."""

    extractor: keras.Model
    identity: str
    """What the features depend on besides images and augmentation: the backbone, its weights, the pooling."""
    finish: Callable
    augment: Augment
    seed: int
    stages: Stages
    runtime: Runtime

    def plain(self, pixels: np.ndarray) -> np.ndarray:
        """Of the images as they are, in order."""
        return self._stage(pixels, {}, "plain", np.arange(len(pixels)))

    def augmented(self, pixels: np.ndarray, ids: np.ndarray, epoch: int) -> np.ndarray:
        """Of the images as they are augmented in an epoch; the ids are their keys in the whole set."""
        key = {"augment": asdict(self.augment), "seed": self.seed, "epoch": epoch, "ids": ids.tolist()}
        return self._stage(pixels, key, f"of epoch {epoch + 1}", ids)

    def _stage(self, pixels: np.ndarray, key: dict, what: str, ids: np.ndarray) -> np.ndarray:
        key = {"identity": self.identity} | key
        key |= {
            "pixels": fingerprint([pixels]),
            "device": self.runtime.device,
            "precision": self.runtime.precision,
        }
        augmentation = (
            {"augment": self.augment, "seed": self.seed, "epoch": key["epoch"]} if "epoch" in key else {}
        )

        def make(work: Path) -> None:
            batches = eval_batches(pixels, batch=BATCH, finish=self.finish, ids=ids, **augmentation)
            np.save(work / FILE, predict(self.extractor, batches, f"features {what}"))

        return np.load(self.stages.folder("features", key, make) / FILE)
