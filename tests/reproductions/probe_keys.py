"""The keys of the stages that a run asks for, without any training."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from pathlib import Path

import keras
import pytest

from shared.paper import Context
from shared.training import fitting
from shared.training.stages import Stages
from shared.training.trained import WEIGHTS


class _Enough(Exception):
    """Raised in place of a training."""


class _Asked(Stages):
    """Writes down the keys that are asked for, and serves a finished stage of the same name."""

    def __init__(self, stages: Stages, inside: bool):
        super().__init__(stages.root)
        self.inside = inside
        self.keys: dict[str, list[str]] = {}

    def folder(self, name, key, make):
        path = self._path(name, key)
        self.keys.setdefault(name, []).append(path.name)
        if self.inside:
            work = self.root.parent / "asked" / path.name
            work.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(_Enough):
                make(work)
        finished = [found.parent for found in sorted(self.root.glob(f"{name}-*/stage.json"))]
        if not finished:
            raise _Enough
        return finished[0]


class Told(Stages):
    """Says which stage is asked for, and makes none."""

    def folder(self, name, key, make):
        return self._path(name, key)


def _of_no_stage(real):
    """A served stage may hold another network than the one that asks."""

    def load_weights(model, path, **options):
        if Path(path).name == WEIGHTS:
            raise _Enough
        return real(model, path, **options)

    return load_weights


def keys_of(run: Callable[[Context], object], context: Context, inside: bool) -> dict[str, list[str]]:
    asked = _Asked(context.stages, inside)

    def enough(*args, **options):
        raise _Enough

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "fit", enough)
        patch.setattr(fitting, "predict", enough)
        patch.setattr(keras.Model, "load_weights", _of_no_stage(keras.Model.load_weights))
        with contextlib.suppress(_Enough):
            run(dataclasses.replace(context, stages=asked))
    return asked.keys
