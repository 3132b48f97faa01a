"""What rows and draws share: a frozen backbone's features, and one traced step."""

from __future__ import annotations

import dataclasses
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.training import fitting, runtime
from shared.training.stages import Stages
from tests.benchmarks.bench_steps import fine_tuned
from tests.benchmarks.measuring import ROUNDS, Measured, seconds, tell

DRAWS = 10


@contextmanager
def counted_passes() -> Iterator[list[int]]:
    """Counts the images that go through a backbone."""
    seen, predict = [0], fitting.predict

    def counting(model, batches, title=""):
        found = predict(model, batches, title)
        seen[0] += len(found) if model.name == "features_of" else 0
        return found

    fitting.predict = counting
    try:
        yield seen
    finally:
        fitting.predict = predict


def folds(started) -> Measured:
    """Images through the frozen backbone: five folds against one; the last fold has the bits it has alone."""
    from reproductions.zebin import PAPER
    from shared.paper import Context

    row = dataclasses.replace(PAPER.demo(PAPER.row("resnet50")), folds=5, draws=5, epochs=2)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        PAPER.write_phantoms(root / "data", False)

        def passes(stages: str, *draws: int) -> tuple[int, bytes]:
            kept = Stages(root / stages)
            with counted_passes() as seen:
                for draw in draws:
                    work = root / stages / f"work-{draw}"
                    context = Context(root / "data", root, root / "cache", work, started, kept, 0, True)
                    found = PAPER.run(row, draw, context)
            return seen[0], found.probabilities.tobytes()

        (alone, bits), (together, same) = passes("one", 4), passes("five", 0, 1, 2, 3, 4)
    note = "same bits" if bits == same else "the bits differ"
    return Measured([together / alone], together, alone, f"{together} images against {alone}; {note}")


def starts(started) -> tuple[float, float, float]:
    """Seconds of a new model's first step, of a fresh start in it, and of one step."""
    import numpy as np

    images, labels = np.zeros((2, 224, 224, 3), "float32"), np.eye(2, dtype="float32")

    def step(model) -> None:
        model.fit(images, labels, batch_size=2, shuffle=False, verbose=0)

    models = []

    def first() -> None:
        models.append(fine_tuned("resnet50", started))
        step(models[0])

    def again() -> None:
        fitting.reset(models[0], weights)
        step(models[0])

    new = seconds(first)
    weights = models[0].get_weights()
    renewed = statistics.median(seconds(again) for _ in range(DRAWS - 1))
    return new, renewed, statistics.median(seconds(lambda: step(models[0])) for _ in range(3))


def measure(key: str) -> dict[str, Measured]:
    """One line of the table, or both of those that are about starts."""
    started = runtime.start()
    if key == "folds":
        return {key: folds(started)}
    starts(started)
    found = [starts(started) for _ in range(ROUNDS)]
    second = [max(again - step, 0) / (new - step) for new, again, step in found]
    ten = [(1 + (DRAWS - 1) * share) / DRAWS for share in second]
    new, again, _ = (statistics.median(side) for side in zip(*found, strict=True))
    note = "seconds of a start with one step"
    return {"second-row": Measured(second, again, new, note), "ten-draws": Measured(ten, again, new, note)}


if __name__ == "__main__":
    tell(measure(sys.argv[1]))
