"""What reached a model: every image, label and rate, written down while the real trainer trains."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import probe_marks as marks
import pytest
import tensorflow as tf

from shared.training import averages, fitting

Values = dict[str, np.ndarray]


@dataclass
class Pass:
    """One pass of a model over batches: an epoch of training, a validation, or a prediction."""

    kind: str
    """fit, evaluate, predict, or retake: batch norm's averages"""
    model: str
    title: str
    trainable: tuple[str, ...]
    """Paths of the variables that may move."""
    start: Values
    batches: list[tuple[np.ndarray, ...]] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    """The optimizer's rate before each step."""
    steps: list[dict[str, float]] = field(default_factory=list)
    """By step and variable: how far the weight that moved most has moved."""
    end: Values = field(default_factory=dict)
    outputs: np.ndarray | None = None

    @property
    def inputs(self) -> np.ndarray:
        """All that the model read, in order."""
        return np.concatenate([batch[0] for batch in self.batches])

    @property
    def targets(self) -> np.ndarray:
        """The targets, in order."""
        return np.concatenate([batch[1] for batch in self.batches])

    @property
    def labels(self) -> np.ndarray:
        """The class of each target."""
        return self.targets.argmax(axis=1)

    @property
    def sizes(self) -> list[int]:
        """Images per step."""
        return [len(batch[0]) for batch in self.batches]

    @property
    def moved(self) -> set[str]:
        """Paths of the variables that the pass has changed: batch norm's averages too, in training mode."""
        return {path for path, value in self.end.items() if not np.array_equal(value, self.start[path])}

    def numbers(self, scale: marks.Scale) -> np.ndarray:
        """Which images the model read; fails where they are not on the scale."""
        return marks.numbers(scale.grey(self.inputs))

    def looks(self) -> set[bytes]:
        """The inputs as bytes: equal where two are alike to the bit."""
        return {image.tobytes() for image in self.inputs}


@dataclass
class Training:
    """One call of `fitting.fit`."""

    title: str
    seed: int
    folder: Path
    options: Mapping[str, Any]
    epochs: list[Pass] = field(default_factory=list)
    validations: list[Pass] = field(default_factory=list)
    end: Values = field(default_factory=dict)
    """The weights that the training hands on."""
    history: list[dict] = field(default_factory=list)

    @property
    def start(self) -> Values:
        return self.epochs[0].start

    @property
    def rates(self) -> list[float]:
        """The rate of every step."""
        return [rate for epoch in self.epochs for rate in epoch.rates]


@dataclass
class Log:
    """All that was trained and predicted, in order."""

    trainings: list[Training] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    _title: str = ""

    def training(self, words: str = "") -> Training:
        """The one training with these words in its title."""
        found = [training for training in self.trainings if words in training.title]
        assert len(found) == 1, f"{len(found)} trainings are called '{words}': {[t.title for t in found]}"
        return found[0]

    @property
    def predictions(self) -> list[Pass]:
        """The passes of `fitting.predict` and of `model.predict`."""
        return [each for each in self.passes if each.kind == "predict"]

    @property
    def retakes(self) -> list[Pass]:
        """The passes of `averages.retake`."""
        return [each for each in self.passes if each.kind == "retake"]


@contextlib.contextmanager
def watch() -> Iterator[Log]:
    """Writes down every training, validation and prediction of any model, and retaken averages."""
    log = Log()
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("fit", "evaluate", "predict"):
            patch.setattr(keras.Model, kind, _watched(getattr(keras.Model, kind), kind, log))
        patch.setattr(fitting, "fit", _watched_fit(fitting.fit, log))
        patch.setattr(fitting, "predict", _watched_predict(fitting.predict, log))
        patch.setattr(averages, "retake", _watched_retake(averages.retake, log))
        yield log


def values(model: keras.Model) -> Values:
    """A model's weights by path."""
    return {weight.path: np.array(weight) for weight in model.weights}


def _watched(real, kind: str, log: Log):
    def call(model, batches, *args, callbacks=(), **options):
        trainable = tuple(weight.path for weight in model.trainable_weights)
        one = Pass(kind, model.name, log._title, trainable, values(model))
        log.passes.append(one)
        watchers = [_Steps(one)] if kind == "fit" else []
        options["callbacks"] = [*watchers, *callbacks]
        found = real(model, _recorded(batches, one.batches), *args, **options)
        one.end = values(model)
        one.outputs = np.asarray(found) if kind == "predict" else None
        return found

    return call


def _recorded(batches, seen: list[tuple[np.ndarray, ...]]):
    """The same batches; each is written down when it is taken."""
    if not isinstance(batches, tf.data.Dataset):
        seen.append((np.asarray(batches),))
        return batches
    assert batches.options().autotune.enabled is False, "its end waits for TensorFlow's tuning"
    expected = len(batches)

    def write_down(*arrays):
        seen.append(tuple(np.array(array) for array in arrays))
        del seen[:-expected]  # a model that is not built yet looks at the first batch before it starts
        return arrays

    def passed_on(*batch):
        flat = tf.nest.flatten(batch)
        taken = tf.numpy_function(write_down, flat, [part.dtype for part in flat])
        for part, original in zip(taken, flat, strict=True):
            part.set_shape(original.shape)
        packed = tf.nest.pack_sequence_as(batch, taken)
        return packed if len(packed) > 1 else packed[0]

    return batches.map(passed_on, num_parallel_calls=1, deterministic=True)


def _watched_fit(real, log: Log):
    def fit(model, batches, **options):
        training = Training(options["title"], options["seed"], Path(options["folder"]), options)
        log.trainings.append(training)
        before, outer, log._title = len(log.passes), log._title, options["title"]
        try:
            history = real(model, batches, **options)
        finally:
            log._title = outer
        own = log.passes[before:]
        training.epochs = [each for each in own if each.kind == "fit"]
        training.validations = [each for each in own if each.kind == "evaluate"]
        training.end, training.history = values(model), history
        return history

    return fit


def _watched_predict(real, log: Log):
    def predict(model, batches, title: str = ""):
        outer, log._title = log._title, title
        try:
            return real(model, batches, title)
        finally:
            log._title = outer

    return predict


def _watched_retake(real, log: Log):
    def retake(model, batches, title: str):
        one = Pass("retake", model.name, title, (), values(model))
        log.passes.append(one)
        real(model, _recorded(batches, one.batches), title)
        one.end = values(model)

    return retake


class _Steps(keras.callbacks.Callback):
    """The rate before each step, and what the step has moved."""

    def __init__(self, one: Pass):
        super().__init__()
        self.one = one

    def on_train_batch_begin(self, batch, logs=None):
        self.one.rates.append(float(self.model.optimizer.learning_rate))
        self.before = values(self.model)

    def on_train_batch_end(self, batch, logs=None):
        after = values(self.model)
        self.one.steps.append({path: _furthest(self.before[path], after[path]) for path in after})


def _furthest(before: np.ndarray, after: np.ndarray) -> float:
    return float(np.abs(after.astype("float64") - before).max(initial=0))
