"""One run: data, model, fit, predict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from data_builders.catalog import Table
from data_builders.pixels import Frame, load_pixels
from reproductions.basu import data, figures, model, published, recipe, trained
from reproductions.basu.chance import stop_at_chance
from reproductions.basu.config import DataA, DataB, Row, TableOne
from reproductions.basu.images import Images
from reproductions.basu.stage_one import BODY, VALIDATION, read_facts, stage_one
from reproductions.basu.table_one import counted
from shared.base.errors import UserError
from shared.comparison import Predictions
from shared.paper import Context
from shared.training import fitting
from shared.training.backbones import BACKBONES, find_weights


def run(row: Row, draw: int, context: Context) -> Predictions:
    """A network on Data-A, a fold of Data-B, or the counts of both."""
    if isinstance(row, TableOne):
        return counted(row, context)
    nih = data.table("chest_xray14", context.data_dir, context.cache_dir).blinded(row.blind)
    if isinstance(row, DataA):
        return _on_data_a(row, nih, context)
    assert isinstance(row, DataB)
    return _on_data_b(row, draw, nih, context)


def _on_data_a(row: DataA, nih: Table, context: Context) -> Predictions:
    """Stage 1, scored on the images that chose its epoch, as the paper does."""
    split = _split_of_a(row, nih, context)
    stage = stage_one(row, nih, split, context)
    facts = read_facts(stage)
    return Predictions(
        classes=data.CLASSES_A,
        split=["validation"] * len(split.validation),
        sample=nih.name[split.validation].tolist(),
        patient=nih.patient[split.validation].tolist(),
        true=split.labels[split.validation],
        probabilities=np.load(stage / VALIDATION),
        history=facts.pop("history"),
        facts=facts,
        model=trained.files_of_stage(row, stage, nih, split, context),
    )


def _split_of_a(row: DataA, nih: Table, context: Context) -> data.SplitA:
    if context.split_list:
        return published.listed_a(row, nih, context.seed, context.split_list)
    return data.split_of_a(row, nih, context.seed)


def _on_data_b(row: DataB, draw: int, nih: Table, context: Context) -> Predictions:
    """A fold: the network's end retrained on the other folds, the last epoch scored on this one."""
    if draw >= row.folds:
        raise UserError(f"{row.id} has {row.folds} folds, so no draw {draw}; --set folds=... makes more")
    covid = data.table("covid_chestxray", context.data_dir, context.cache_dir).blinded(row.blind)
    b, train, test = _fold(row, draw, nih, covid, context)
    body, facts = _body(row, nih, b, context)
    images = Images(row, _pixels(row, b, context), b.labels, data.CLASSES_B)
    how = recipe.from_scratch(row, len(train)) if row.start == "random" else recipe.tuning(row)
    network = recipe.compiled(row, len(images.classes), how, context.runtime)
    fitting.reset(network, _initial_weights(row, network, body, context))
    history = _fit(row, draw, network, images, train, context)
    probabilities = fitting.predict(network, images.ordered(test), f"{row.id}: test")
    return Predictions(
        classes=data.CLASSES_B,
        split=["test"] * len(test),
        sample=b.samples[test].tolist(),
        patient=b.patients[test].tolist(),
        true=b.labels[test],
        probabilities=probabilities,
        history=history,
        facts=recipe.size(network, len(history), len(train)) | data.counts_b(b.labels) | facts,
        pictures={"grad-cam": _grad_cam(network, images, b, test, probabilities.argmax(axis=1))},
        model=trained.files(network, images, test),
    )


def _fold(
    row: DataB, draw: int, nih: Table, covid: Table, context: Context
) -> tuple[data.ImagesB, np.ndarray, np.ndarray]:
    """Data-B, and (train, test) in it: the row's own, or a list's."""
    if context.split_list:
        return published.listed_b(row, nih, covid, context.seed, context.split_list)
    b = data.images_b(row, nih, covid, context.seed)
    train, test = data.folds(row, b.labels, b.patients, context.seed)[draw]
    return b, train, test


def _body(row: DataB, nih: Table, b: data.ImagesB, context: Context) -> tuple[Path | None, dict]:
    """The weights of stage 1 where the row starts from them, and what is known of its images.

    A list of Data-B does not change Data-A, but for its patients, whom a clean one leaves out.
    """
    if row.start != "data-a":
        return None, {}
    split = data.split_of_a(row, nih, context.seed, b.nih.patient)
    folder = stage_one(row, nih, split, replace(context, split_list=None))
    return folder / BODY, data.counts_a(split) | data.overlap(split, nih, b)


def _initial_weights(
    row: DataB, network: keras.Model, body: Path | None, context: Context
) -> list[np.ndarray]:
    """New weights, and over them those of the row's start; the last layer is always new."""
    model.initialise(network, context.seed)
    if body is not None:
        model.without_head(network).load_weights(body)
    if row.weights == "imagenet":
        file = find_weights(context.weights_dir, row.network)
        published = BACKBONES[row.network].build(network.input_shape[1:], "map", file)
        model.copy_by_name(published, network)
    return network.get_weights()


def _fit(row: DataB, draw: int, network: keras.Model, images: Images, train, context: Context) -> list[dict]:
    seed = fitting.draw_seed(context.seed, draw)
    return fitting.fit(
        network,
        lambda epoch: images.training(train, seed, epoch),
        epochs=row.epochs if row.start == "random" else row.tuning_epochs,
        seed=seed,
        folder=context.run_dir / "checkpoints",
        title=f"{row.id}, fold {draw + 1} of {row.folds}",
        after_epoch=stop_at_chance(row, images.labels[train]) if row.start == "random" else None,
    )


def _pixels(row: DataB, b: data.ImagesB, context: Context) -> np.ndarray:
    frame = Frame(row.side, row.side)
    return np.concatenate([load_pixels(table, frame, context.cache_dir) for table in (b.nih, b.covid)])


def _grad_cam(network: keras.Model, images: Images, b: data.ImagesB, test, decided):
    """Fig. 4 on the images of a fold."""
    chosen = figures.panels(b.picked_as[test])
    places = list(chosen.values())
    rows = test[places]
    ready = np.concatenate([np.asarray(batch) for batch in images.ordered(rows)])
    heat = figures.maps(network, ready, b.labels[rows])
    return figures.figure(images.pixels[rows], heat, list(chosen), decided[places])
