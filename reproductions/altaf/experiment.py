"""One draw of one row: data, training, predictions."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reproductions.altaf import data
from reproductions.altaf.config import Row
from reproductions.altaf.dictionary import class_scores
from reproductions.altaf.keys import surroundings, target_key
from reproductions.altaf.target import ACTIVATIONS, retake_averages, train_target
from reproductions.altaf.trained import files
from shared.comparison import Predictions
from shared.paper import Context
from shared.training import fitting
from shared.training.stages import listed


def run(row: Row, draw: int, context: Context) -> Predictions:
    """Trains the row's target model on a draw, or finds it trained, and scores the test chunk."""
    images = data.load_target(row, context.data_dir, context.cache_dir)
    train, test = data.parts(row, images, draw, context)
    key = target_key(row) | {"draw": draw} | seen(row, images, context) | surroundings(row, context)
    key |= listed(context.split_list)
    folder = trained_folder(row, draw, images, train, context, key)
    (activations, probabilities), note = fitting.load_arrays(folder / ACTIVATIONS, with_note=True)
    scores = None
    if row.method == "combined":
        atoms, classes, samples = activations[train], images.labels[train], activations[test]
        represented = class_scores(atoms, classes, samples, row.sparsity, row.ridge, row.code_norm)
        scores = probabilities[test] + represented
    return Predictions(
        classes=data.CLASSES,
        split=["test"] * len(test),
        sample=images.names[test].tolist(),
        patient=images.table.patient[test].tolist(),
        true=images.labels[test],
        probabilities=probabilities[test],
        scores=scores,
        history=note["history"],
        facts=note["facts"] | {"train_images": len(train), "test_images": len(test)},
        model=files(row, folder, activations, images.labels, train, test),
    )


def trained_folder(
    row: Row, draw: int, images: data.Images, train: np.ndarray, context: Context, key: dict
) -> Path:
    """The stage with the row's model of a draw; those with other averages of batch norm are one training."""
    of = (row, draw, images, train, context)
    trained = context.stages.folder("target", key, lambda work: train_target(*of, work))
    if not row.retakes_averages:
        return trained
    return context.stages.folder("averages", key, lambda work: retake_averages(*of, trained, work))


def seen(row: Row, images: data.Images, context: Context) -> dict:
    """The CT images and, where the row starts from an intermediate model, the radiographs behind that."""
    if not row.boosted:
        return {"data": images.fingerprint}
    radiographs = data.findings(row.findings_per_class, context.data_dir, context.cache_dir)
    return {
        "data": images.fingerprint,
        "radiographs": radiographs.fingerprint(),
        "findings": radiographs.hash_of("findings"),
    }
