"""A trained network as a run keeps it, and as it is found again for other images."""

from __future__ import annotations

import functools
from pathlib import Path

import keras
import numpy as np

from data_builders.catalog import Table
from data_builders.pixels import Frame, framed
from reproductions.zhao import bit, data
from reproductions.zhao.config import CLASSES, Row
from shared.paper import Context, Trained
from shared.training.gradcam import grad_cam
from shared.training.runtime import Runtime
from shared.training.trained import Files, activations, features, kept, outside, restored, spread


def files(row: Row, stage: Path, test: Table, context: Context) -> Files:
    """The network of a training, and test images as its last layer reads them."""
    network = functools.cache(lambda: keras.saving.load_model(stage / "model.keras", compile=False))

    def held_out() -> np.ndarray:
        shown = data.images(test, row.crop, context.cache_dir)
        return features(activations(network()), data.ordered(row, shown, spread(len(test))))

    return kept(lambda path: network().save_weights(path), held_out)


def trained(row: Row, folder: Path, runtime: Runtime) -> Trained:
    """The network of a finished run."""
    model = restored(bit.bit_resnet50x1(len(CLASSES), row.crop), folder)
    frame, ready = Frame(row.crop, row.crop, box=True), outside(data.finish(row))
    return Trained(
        model,
        lambda encoded, box: framed(encoded, frame, row.blind, box),
        ready,
        lambda pixels, classes: grad_cam(model, ready(pixels), classes, bit.LAST_MAP),
        boxed=True,
    )
