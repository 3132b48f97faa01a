"""A trained network as a run keeps it, and as it is found again for other images."""

from __future__ import annotations

import functools
from pathlib import Path

import keras
import numpy as np

from data_builders.catalog import Table
from data_builders.pixels import Frame, framed, load_pixels
from reproductions.basu import data, model
from reproductions.basu.config import DataB, Row
from reproductions.basu.figures import maps
from reproductions.basu.images import Images, finish
from shared.paper import Context, Trained
from shared.training.runtime import Runtime
from shared.training.trained import Files, activations, features, kept, kept_in, outside, restored, spread


def files(network: keras.Model, images: Images, held_out: np.ndarray) -> Files:
    """The network, and held-out images as its last layer reads them."""
    batches = images.ordered(held_out[spread(len(held_out))])
    return kept(network.save_weights, lambda: features(activations(network), batches))


def files_of_stage(row: Row, stage: Path, nih: Table, split: data.SplitA, context: Context) -> Files:
    """The same of a network on Data-A, which its stage keeps, and of its validation images."""
    pixels = load_pixels(nih, Frame(row.side, row.side), context.cache_dir)
    images = Images(row, pixels, split.labels, data.CLASSES_A)
    batches = images.ordered(split.validation[spread(len(split.validation))])
    network = functools.partial(trained, row, stage, context.runtime)
    return kept_in(stage, lambda: features(activations(network().model), batches))


def trained(row: Row, folder: Path, runtime: Runtime) -> Trained:
    """The network of a finished run."""
    classes = data.CLASSES_B if isinstance(row, DataB) else data.CLASSES_A
    shape = (row.side, row.side, 3 if row.start == "imagenet" else 1)
    network = model.build(row.network, shape, len(classes), row.kernels, row.dropout)
    frame, ready = Frame(row.side, row.side), outside(finish(row))
    return Trained(
        restored(network, folder),
        lambda encoded, box: framed(encoded, frame, row.blind),
        ready,
        lambda pixels, classes: maps(network, ready(pixels), classes),
    )
