"""A trained model as a run keeps it, with its dictionary, and as it is found again for other images."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from data_builders.pixels import Frame, framed
from reproductions.altaf import data
from reproductions.altaf.config import Row
from reproductions.altaf.dictionary import class_scores
from reproductions.altaf.model import build, network_of
from reproductions.altaf.target import intensity
from shared.paper import Trained
from shared.training.backbones import BACKBONES
from shared.training.gradcam import grad_cam
from shared.training.runtime import Runtime
from shared.training.trained import Files, kept_in, outside, restored, spread

DICTIONARY = "dictionary.npz"
Scores = Callable[[np.ndarray, np.ndarray], np.ndarray]


def files(
    row: Row, stage: Path, activations: np.ndarray, labels: np.ndarray, train: np.ndarray, test: np.ndarray
) -> Files:
    """The model of a draw's stage, test images as its last layer reads them, and the row's dictionary."""
    found = dict(kept_in(stage, lambda: activations[test[spread(len(test))]]))
    if found and row.method == "combined":
        found[DICTIONARY] = lambda path: np.savez(path, atoms=activations[train], classes=labels[train])
    return found


def trained(row: Row, folder: Path, runtime: Runtime) -> Trained:
    """The model of a finished run."""
    side, ready = data.seen_side(row), outside(intensity(row))
    model, frame = restored(build(network_of(row, len(data.CLASSES)), None), folder), Frame(side, side)

    return Trained(
        model,
        lambda encoded, box: framed(encoded, frame, row.blind),
        ready,
        lambda pixels, classes: grad_cam(model, ready(pixels), classes, BACKBONES[row.backbone].last_conv),
        scores=_scores(row, folder) if row.method == "combined" else None,
    )


def _scores(row: Row, folder: Path) -> Scores:
    """The scores of a combined row: the probabilities and what the dictionary adds to them."""
    dictionary = np.load(folder / DICTIONARY)
    represented = functools.partial(class_scores, dictionary["atoms"], dictionary["classes"])
    how = row.sparsity, row.ridge, row.code_norm
    return lambda activations, probabilities: probabilities + represented(activations, *how)
