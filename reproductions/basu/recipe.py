"""The two recipes of section IV: from scratch, and the retraining of a network's end."""

from __future__ import annotations

from dataclasses import dataclass

import keras

from reproductions.basu import model
from reproductions.basu.config import DataB, Row
from shared.training import fitting, optimizers
from shared.training.runtime import Runtime
from shared.training.traced import one_at_a_time


@dataclass(frozen=True)
class FromScratch:
    """Adam on all layers, its rate annealed to zero by a cosine over all steps."""

    learning_rate: float
    steps: int
    warmup_steps: int = 0
    frozen: bool = False

    def schedule(self):
        """The rate as a function of the step; a warm-up rises linearly before the cosine falls."""
        if not self.warmup_steps:
            return keras.optimizers.schedules.CosineDecay(self.learning_rate, self.steps)
        return keras.optimizers.schedules.CosineDecay(
            0.0,
            self.steps - self.warmup_steps,
            warmup_target=self.learning_rate,
            warmup_steps=self.warmup_steps,
        )

    def optimizer(self):
        return optimizers.Adam(self.schedule())


@dataclass(frozen=True)
class Tuning:
    """SGD with momentum on the last convolutional block and the dense layers; the rest is frozen."""

    learning_rate: float
    momentum: float
    frozen: bool = True

    def optimizer(self):
        return keras.optimizers.SGD(self.learning_rate, momentum=self.momentum)


def from_scratch(row: Row, images: int) -> FromScratch:
    """The row's recipe for that many training images."""
    steps = -(-images // row.batch)
    return FromScratch(row.learning_rate, steps * row.epochs, steps * row.warmup_epochs)


def tuning(row: DataB) -> Tuning:
    """The row's recipe for the end of a network."""
    return Tuning(row.tuning_rate, row.momentum)


def compiled(row: Row, classes: int, recipe: FromScratch | Tuning, runtime: Runtime):
    """The row's network, ready to be trained by a recipe; its weights are whatever the last user left."""
    shape = (row.side, row.side, 3 if row.start == "imagenet" else 1)
    return _compiled(row.network, shape, classes, row.kernels, row.dropout, recipe, runtime)


@one_at_a_time
def _compiled(network, shape, classes, kernels, dropout, recipe, runtime):
    """One compiled network for all folds and rows that follow each other and differ in weights alone."""
    built = model.build(network, shape, classes, kernels, dropout)
    if recipe.frozen:
        model.freeze_for_stage_two(built)
    return fitting.compile_model(built, recipe.optimizer(), "categorical_crossentropy", runtime)


def size(network, epochs: int, images: int) -> dict[str, int]:
    """The facts of a training that every run states."""
    return fitting.sizes(network) | {"epochs": epochs, "image_steps": images * epochs}
