"""States of a training on disk, each written whole or not at all."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shared.base.errors import UserError
from shared.base.files import remove_left_overs, whole

CHECKPOINTS_KEPT = 2
QUICK_SAVE = 1.0
"""Seconds: a checkpoint that is written as quickly as this is written after every epoch."""
SAVING_SHARE = 0.05
"""Of the time of a training that slower checkpoints may cost: 1.5 GB are then written every few minutes."""


class Checkpoints:
    """The last two states of a training, each one file, each written whole or not at all."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.cost, self.saved = 0.0, time.monotonic()

    def due(self) -> bool:
        """Whether the next one would not slow the training down."""
        return self.cost <= max(QUICK_SAVE, SAVING_SHARE * (time.monotonic() - self.saved))

    def save(self, model, history: list[dict]) -> None:
        began = time.monotonic()
        arrays = [variable.numpy() for variable in state_variables(model)]
        save_arrays(self.folder / f"checkpoint-{len(history):05d}.npz", arrays, json.dumps(history))
        for old in self._files()[:-CHECKPOINTS_KEPT]:
            old.unlink()
        self.saved = time.monotonic()
        self.cost = self.saved - began

    def restore(self, model) -> list[dict]:
        """Puts the newest readable state into the model; returns its history, empty when there is none."""
        for path in reversed(self._files()):
            try:
                arrays, history = load_arrays(path, with_note=True)
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                continue  # damaged: the one before it serves
            variables = state_variables(model)
            if [tuple(variable.shape) for variable in variables] != [array.shape for array in arrays]:
                raise UserError(
                    f"{path} is of another network, or of another precision: go on with the one that it was "
                    f"begun in, or remove {self.folder} to begin anew"
                )
            for variable, value in zip(variables, arrays, strict=True):
                variable.assign(value)
            return history
        return []

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("checkpoint-*.npz"))


def state_variables(model) -> list:
    """All that the next epoch depends on; a model with its own training step lists its own."""
    if hasattr(model, "resumable_variables"):
        return list(model.resumable_variables())
    return [*model.weights, *model.optimizer.variables]


def save_arrays(path: Path, arrays: Sequence[np.ndarray], note: str = "null") -> None:
    """Arrays in one file, written under another name first and moved into place once on disk."""
    remove_left_overs(path)
    with whole(path) as temporary, open(temporary, "wb") as file:
        named: dict[str, Any] = {f"a{i:05d}": array for i, array in enumerate(arrays)}
        np.savez(file, note=np.array(note), **named)


def load_arrays(path: Path, with_note: bool = False):
    """The arrays that `save_arrays` wrote, in the same order."""
    with open(path, "rb") as opened, np.load(opened) as file:  # numpy leaves a damaged file open
        arrays = [file[name] for name in sorted(file.files) if name != "note"]
        return (arrays, json.loads(str(file["note"]))) if with_note else arrays
