"""A finished run's model, found again, and its answers on images of anybody."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data_builders.foreign import Foreign
from data_builders.labels import Labels
from shared.base import screen
from shared.base.errors import UserError
from shared.base.sums import file_hash
from shared.comparison import Run
from shared.paper import Paper, Trained
from shared.report import results

if TYPE_CHECKING:
    import keras

BATCH = 32


@dataclasses.dataclass(frozen=True)
class Batch:
    """Some images, as the model takes them, with its answers."""

    images: list[Foreign]
    pixels: np.ndarray
    activations: np.ndarray
    """The values that the last layer reads, a line for each image."""
    probabilities: np.ndarray
    scores: np.ndarray | None

    @property
    def decided(self) -> np.ndarray:
        """Index of the class decided for."""
        return np.argmax(self.probabilities if self.scores is None else self.scores, axis=1)


def row_of(paper: Paper, run: Run) -> Any:
    """The row as it ran, with what was set by hand."""
    row = paper.demo(paper.row(run.row)) if run.demo else paper.row(run.row)
    config = run.facts.get("config") or {}
    own = {field.name: config[field.name] for field in dataclasses.fields(row) if field.name in config}
    as_typed = {name: tuple(value) if isinstance(value, list) else value for name, value in own.items()}
    ran = dataclasses.replace(row, **as_typed)
    other = results.other_than(paper, ran, run)
    if other:
        raise UserError(f"{run.folder} {other}: run the draw again")
    return ran


def model_of(paper: Paper, row: Any, run: Run) -> Trained:
    """The model that the run kept, if it is as it was kept."""
    from shared.training.runtime import start

    again = "run the draw again into a new --out"
    files = run.facts.get("model")
    if not files:
        raise UserError(f"{run.folder} holds no model: {again}, without --no-models")
    for name, expected in files.items():
        path = run.folder / name
        if not path.is_file():
            raise UserError(f"{path} is missing: {again}")
        if file_hash(path) != expected:
            raise UserError(f"{path} was changed after the run: {again}")
    return paper.trained(row, run.folder, start(run.facts["precision"]))


def answers(trained: Trained, images: Iterable[Foreign], labels: Labels | None) -> Iterator[Batch]:
    """The images with the model's answers, some at a time."""
    model, left = _with_activations(trained.model), iter(images)
    with screen.working("images", 0) as progress:
        while some := list(islice(left, BATCH)):
            boxes = [labels.of(image.name).box if labels else None for image in some]
            pixels = np.stack([trained.pixels(i.encoded, box) for i, box in zip(some, boxes, strict=True)])
            yield _judged(trained, model, some, pixels)
            progress.tick(len(some))


def _with_activations(model: keras.Model) -> keras.Model:
    import keras

    from shared.training.trained import activations

    return keras.Model(model.input, [activations(model).outputs[0], model.outputs[0]])


def _judged(trained: Trained, model: keras.Model, images: list[Foreign], pixels: np.ndarray) -> Batch:
    from shared.training.trained import flat

    read, probabilities = model(trained.ready(pixels), training=False)
    activations, probabilities = flat(np.asarray(read, "float32")), np.asarray(probabilities, "float32")
    scores = trained.scores(activations, probabilities) if trained.scores else None
    return Batch(images, pixels, activations, probabilities, scores)


def strangeness(batches: Iterable[Batch], folder: Path) -> np.ndarray:
    """How far each image lies from the run's held-out ones, from 0 to 1; NaN where these are too few."""
    from shared.training import likeness
    from shared.training.trained import HELD_OUT

    known = np.load(folder / HELD_OUT)
    return np.concatenate([likeness.strangeness(batch.activations, known) for batch in batches])
