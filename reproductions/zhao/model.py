"""BiT compiled as the paper trains it, and started as each row says."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from keras import ops

from reproductions.zhao import bit
from reproductions.zhao.config import CLASSES, SCHEDULES, WEIGHTS
from reproductions.zhao.schedule import learning_rate
from shared.training import fitting
from shared.training.runtime import Runtime
from shared.training.traced import one_at_a_time


@keras.saving.register_keras_serializable(package="zhao")
class RateTable(keras.optimizers.schedules.LearningRateSchedule):
    """The rate of every step, looked up in a table: one traced training step serves all schedules."""

    def __init__(self, length):
        self.length = length
        self.table = keras.Variable(np.zeros(length, "float32"), trainable=False, autocast=False)

    def fill(self, nodes, rate, start) -> None:
        """Take over a schedule; after its end the last rate stays."""
        rates = [learning_rate(step, nodes, rate, start) for step in range(nodes[-1])]
        self.table.assign(np.pad(rates, (0, self.length - len(rates)), mode="edge"))

    def __call__(self, step):
        return ops.take(self.table, ops.minimum(step, self.length - 1))

    def get_config(self):
        return {"length": self.length}


def compiled(row, runtime: Runtime) -> keras.Model:
    """The compiled network of a row, for timing."""
    return _compiled(row, runtime)[0]


def started(row, weights_dir: Path, seed: int, runtime: Runtime) -> keras.Model:
    """The compiled network with the row's initial weights, its schedule and a fresh optimizer."""
    model, rates = _compiled(row, runtime)
    if row.weights == "random":
        bit.initialise(model, row.initialiser, seed)
    else:
        bit.load_npz(model, weights_path(weights_dir, row.weights))
    fitting.reset(model, model.get_weights())
    rates.fill(row.schedule, row.rate, row.warmup_from)
    return model


def _compiled(row, runtime: Runtime) -> tuple[keras.Model, RateTable]:
    steps = max(row.schedule[-1], *(nodes[-1] for nodes in SCHEDULES))
    return _traced(row.crop, steps, row.momentum, row.weight_decay, runtime)


@one_at_a_time
def _traced(side: int, steps: int, momentum: float, weight_decay: float, runtime: Runtime):
    """One compiled network for all rows of a size that follow each other."""
    model = bit.bit_resnet50x1(len(CLASSES), side)
    rates = RateTable(steps)
    optimizer = keras.optimizers.SGD(rates, momentum=momentum, weight_decay=weight_decay or None)
    fitting.compile_model(model, optimizer, "categorical_crossentropy", runtime)
    return model, rates


def weights_path(weights_dir: Path, name: str) -> Path:
    """Where the official file of an initialisation is looked for."""
    return Path(weights_dir) / WEIGHTS[name]


def save(model: keras.Model, path: Path) -> None:
    """The network alone: its optimizer's momentum would double the file."""
    keras.Model(model.inputs, model.outputs, name=model.name).save(path)
