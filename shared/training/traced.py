"""Models that are traced once for all rows and draws that follow each other."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from typing import Generic, ParamSpec, TypeVar

from shared.training.fitting import free_memory

Arguments = ParamSpec("Arguments")
Built = TypeVar("Built")


class OneAtATime(Generic[Arguments, Built]):
    """A function that builds a model, and keeps the last one it built for the next call with its arguments.

    The one before is freed first: two models of 100 million weights are too many.
    """

    def __init__(self, build: Callable[Arguments, Built]):
        self._build = build
        self._kept: dict[Hashable, Built] = {}
        functools.update_wrapper(self, build)

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Built:
        key = (args, tuple(sorted(kwargs.items())))
        if key not in self._kept:
            self.forget()
            self._kept[key] = self._build(*args, **kwargs)
        return self._kept[key]

    def forget(self) -> None:
        """Lets go of the model and of all that was traced of it."""
        self._kept.clear()
        free_memory()


def one_at_a_time(build: Callable[Arguments, Built]) -> OneAtATime[Arguments, Built]:
    """Decorates a function that builds and compiles a model."""
    return OneAtATime(build)
