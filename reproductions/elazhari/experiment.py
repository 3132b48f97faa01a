"""One run: data, model, fit, predict."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from data_builders.catalog import Table
from reproductions.elazhari import data, trained
from reproductions.elazhari.config import Row, rule_met
from reproductions.elazhari.figures import metric_bars
from reproductions.elazhari.inputs import Part, parts
from reproductions.elazhari.model import Network, build, compiled
from shared.base.sums import file_hash
from shared.comparison import Predictions
from shared.paper import Context
from shared.training import backbones, fitting
from shared.training.runtime import Runtime
from shared.training.traced import one_at_a_time

JUDGED = ("validation", "test")


def run(row: Row, draw: int, context: Context) -> Predictions:
    """Trains one model until the stopping rule and has it judge the validation and test parts."""
    seed = fitting.draw_seed(context.seed, draw)
    table = data.load(row, context)
    groups = data.sources(table, context.cache_dir, context.stages)
    items = data.items_of(row, table, groups, draw, context)
    network = _network(row, seed, context)
    inputs = parts(row, table.blinded(row.blind), items, network, _origin(row, seed, context), context)
    history = _train(row, network.trained, inputs, seed, context)
    judged = [
        fitting.predict(network.trained, inputs[name].ordered(row, context.seed), f"{row.id}: {name}")
        for name in JUDGED
    ]
    found = _predictions(table, groups, items, judged)
    facts = _facts(row, network, items, groups, history)
    files = trained.files(network, inputs["test"], row, context.seed)
    pictures = {"metrics": metric_bars(row, found)}
    return replace(found, history=history, facts=facts, pictures=pictures, model=files)


def _network(row: Row, seed: int, context: Context) -> Network:
    """The compiled network with the row's own initial weights."""
    architecture = replace(row, id="", modality="", shown=(), dataset="", protocol="")
    network = _traced(replace(architecture, weights=""), context.runtime)
    start = _start(architecture, seed, _weights(row, context))
    if network.base is not None:
        network.base.set_weights(start[0])
    fitting.reset(network.trained, start[-1])
    return network


@one_at_a_time
def _traced(architecture: Row, runtime: Runtime) -> Network:
    """One compiled network for all rows of an architecture that follow each other."""
    _start.cache_clear()
    return compiled(architecture, runtime)


@functools.lru_cache(maxsize=1)
def _start(architecture: Row, seed: int, file: Path | None) -> list[list[np.ndarray]]:
    """The initial weights of each part of the network: the same in all rows of an architecture and draw."""
    fitting.seed_initialisers(seed)
    return [part.get_weights() for part in build(architecture, file).models]


def _weights(row: Row, context: Context) -> Path | None:
    """The file of ImageNet weights; None where the row starts from random ones."""
    return backbones.find_weights(context.weights_dir, row.model) if row.weights == "imagenet" else None


def _origin(row: Row, seed: int, context: Context) -> str:
    """The origin of a base's initial weights, for keys."""
    file = _weights(row, context)
    return file_hash(file) if file else f"random {seed}"


def _train(row: Row, model: keras.Model, inputs: dict[str, Part], seed: int, context: Context) -> list[dict]:
    return fitting.fit(
        model,
        lambda epoch: inputs["train"].shuffled(row, context.seed, epoch),
        epochs=row.max_epochs,
        seed=seed,
        folder=context.run_dir / "checkpoints",
        title=row.id,
        validation=lambda: inputs["validation"].shuffled(row, context.seed, 0),
        after_epoch=lambda epoch, logs: rule_met(row, logs["val_accuracy"], logs["val_loss"]),
    )


def _predictions(table: Table, groups, items: dict[str, data.Items], judged: list[np.ndarray]) -> Predictions:
    rows = np.concatenate([items[name].rows for name in JUDGED])
    return Predictions(
        classes=data.CLASSES,
        split=[name for name in JUDGED for _ in range(len(items[name]))],
        sample=[sample for name in JUDGED for sample in items[name].names(table.name)],
        # Copies of one image are no independent evidence: intervals go over sources.
        patient=groups[rows].tolist(),
        true=data.labels(table)[rows],
        probabilities=np.concatenate(judged),
    )


def _facts(row: Row, network: Network, items: dict[str, data.Items], groups, history: list[dict]) -> dict:
    last = history[-1]
    return {
        **fitting.sizes(*network.models),
        "epochs": len(history),
        "rule_met": rule_met(row, last["val_accuracy"], last["val_loss"]),
        "image_steps": len(items["train"]) * len(history),
        "features": "computed once" if network.on_features else "computed with every step",
        "test_items_with_source_in_training": data.shared_sources(items, groups),
    }
