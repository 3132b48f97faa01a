"""BiT compiled as the paper trains it, and started as each row says."""

from __future__ import annotations

import functools
from pathlib import Path

import keras
from keras import ops

from reproductions.zhao import bit
from reproductions.zhao.config import CLASSES, WEIGHTS
from reproductions.zhao.schedule import learning_rate
from shared import training
from shared.runtime import Runtime


@keras.saving.register_keras_serializable(package="zhao")
class Steps(keras.optimizers.schedules.LearningRateSchedule):
    """The schedule as Keras asks for it: the rate of every step, looked up."""

    def __init__(self, nodes, rate, start):
        self.nodes, self.rate, self.start = tuple(nodes), rate, start
        self.rates = [learning_rate(step, nodes, rate, start) for step in range(nodes[-1])]

    def __call__(self, step):
        last = len(self.rates) - 1
        return ops.take(ops.convert_to_tensor(self.rates, "float32"), ops.minimum(step, last))

    def get_config(self):
        return {"nodes": list(self.nodes), "rate": self.rate, "start": self.start}


def compiled(row, runtime: Runtime) -> keras.Model:
    """The network of a row, ready to be started; the last one made is kept for rows that differ elsewhere."""
    return _compiled(
        row.crop, row.schedule, row.rate, row.warmup_from, row.momentum, row.weight_decay, runtime
    )


@functools.lru_cache(maxsize=1)
def _compiled(side, nodes, rate, warmup_from, momentum, weight_decay, runtime):
    model = bit.bit_resnet50x1(len(CLASSES), side)
    optimizer = keras.optimizers.SGD(
        Steps(nodes, rate, warmup_from), momentum=momentum, weight_decay=weight_decay or None
    )
    return training.compile_model(model, optimizer, "categorical_crossentropy", runtime)


def start(model: keras.Model, row, weights_dir: Path, seed: int) -> None:
    """Put the row's initial weights and a fresh optimizer into a compiled model."""
    if row.weights == "random":
        bit.initialise(model, row.initialiser, seed)
    else:
        bit.load_npz(model, weights_path(weights_dir, row.weights))
    training.reset(model, model.get_weights())


def weights_path(weights_dir: Path, name: str) -> Path:
    """Where the official file of an initialisation is looked for."""
    return Path(weights_dir) / WEIGHTS[name]


def save(model: keras.Model, path: Path) -> None:
    """The network alone: its optimizer's momentum would double the file."""
    keras.Model(model.inputs, model.outputs, name=model.name).save(path)
