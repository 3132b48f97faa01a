"""How fast trainings go: images per second, the share of their time spent waiting for data, peak memory."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import tensorflow as tf

from shared.training import replicas
from shared.training.runtime import Runtime


class Pace:
    """The images that trainings took, the seconds of their steps, and the part of them that data took.

    The first step's tracing is not counted. A GPU may still work on the step before while the next batch is
    waited for, so there the share is the most that waiting can have cost.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter):
        self.images, self.seconds, self.waited = 0, 0.0, 0.0
        self._clock = clock
        self._began: float | None = None
        self._asked = 0.0

    @contextlib.contextmanager
    def epoch(self, batches: tf.data.Dataset) -> Iterator[tf.data.Dataset]:
        """Counts an epoch of these batches; mirrored devices fetch theirs ahead and are not counted."""
        if replicas.count() > 1:
            yield batches
            return
        self._began = None
        yield self._noted(batches)
        if self._began is not None:
            self.seconds += self._clock() - self._began

    def facts(self) -> dict[str, float]:
        """For facts.json; nothing where nothing was trained."""
        if not self.seconds:
            return {}
        rate, share = self.images / self.seconds, self.waited / self.seconds
        return {"images_per_second": float(f"{rate:.4g}"), "waiting_share": round(share, 3)}

    def _noted(self, batches: tf.data.Dataset) -> tf.data.Dataset:
        """The same batches; it is noted when each is asked for, and when it is there."""

        def there(_: tf.Tensor, batch: Any) -> Any:
            first, *others = tf.nest.flatten(batch)
            images = tf.numpy_function(self._take, [tf.shape(first)[0]], tf.int32, stateful=False)
            # A note that nothing depends on would be left out of the graph.
            whole = tf.ensure_shape(first[:images], first.shape)
            return tf.nest.pack_sequence_as(batch, [whole, *others])

        options = tf.data.Options()
        # A batch that is fetched ahead would be noted ahead.
        options.experimental_optimization.map_parallelization = False
        options.experimental_optimization.inject_prefetch = False
        return tf.data.Dataset.zip(self._asking, batches).map(there).with_options(options)

    @functools.cached_property
    def _asking(self) -> tf.data.Dataset:
        """Notes when its next element is asked for."""
        return tf.data.Dataset.counter().map(
            lambda step: tf.numpy_function(self._ask, [step], tf.int64, stateful=False)
        )

    def _ask(self, step: int) -> int:
        self._asked = self._clock()
        self._began = self._began or self._asked
        return step

    def _take(self, images: int) -> int:
        self.waited += self._clock() - self._asked
        self.images += int(images)
        return images


_current: contextvars.ContextVar[Pace | None] = contextvars.ContextVar("pace", default=None)


@contextlib.contextmanager
def measured() -> Iterator[Pace]:
    """Counts all trainings that happen meanwhile."""
    pace = Pace()
    token = _current.set(pace)
    try:
        yield pace
    finally:
        _current.reset(token)


@contextlib.contextmanager
def epoch(batches: tf.data.Dataset) -> Iterator[tf.data.Dataset]:
    """The batches of an epoch, counted where somebody measures."""
    pace = _current.get()
    with pace.epoch(batches) if pace else contextlib.nullcontext(batches) as counted:
        yield counted


RESIDENT = "VmHWM:"
"""The line of Linux's /proc/self/status with the most memory that the process has held."""


def forget_peak(runtime: Runtime) -> None:
    """The peak begins anew, where the system lets it."""
    if runtime.gpus:
        tf.config.experimental.reset_memory_stats("GPU:0")
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_bytes(runtime: Runtime) -> int:
    """The most memory in use since `forget_peak`: the GPU's, or without one this process's."""
    if runtime.gpus:
        return tf.config.experimental.get_memory_info("GPU:0")["peak"]
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(RESIDENT)) * 1024
    except (OSError, StopIteration):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
