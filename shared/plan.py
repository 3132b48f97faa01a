"""What a run would need and cost: data and weights, stages, image-steps, and a measured estimate of time."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from shared.listing import text_table
from shared.paper import Paper, Work
from shared.runtime import Runtime, start
from shared.stages import Stages

TIMED_STEPS = 2
CPU_BATCHES = 2, 6
"""Images per timed step on a CPU, where a full batch of some models does not fit in memory."""


def missing(paper: Paper, row: Any, data_dir: Path, weights_dir: Path) -> tuple[str, ...]:
    """What the row needs that is not there, a line each."""
    lines = (need.find(data_dir, weights_dir) for need in paper.needs(row))
    return tuple(line for line in lines if line)


def missing_lines(missing: Mapping[str, Sequence[str]]) -> str:
    """Every missing thing once, with the number of rows that wait for it."""
    waiting: dict[str, int] = {}
    for lines in missing.values():
        for line in lines:
            waiting[line] = waiting.get(line, 0) + 1
    return "\n".join(f"  - {line}  [{n} {'row' if n == 1 else 'rows'}]" for line, n in waiting.items())


def show(paper: Paper, rows: Sequence[Any], missing: Mapping, args: argparse.Namespace) -> Runtime:
    """Prints the plan of these rows."""
    runtime = start(args.precision, args.seed)
    pieces = {row.id: paper.work(row) for row in rows}
    stages = Stages(args.out / "cache" / "stages")
    done = {_identity(w) for works in pieces.values() for w in works if _is_done(w, stages, args.seed)}
    speeds = measure(
        [w for works in pieces.values() for w in works if _identity(w) not in done], runtime, args.out
    )
    seen, lines, total = set(done), [], 0.0
    for row in rows:
        own = [w for w in pieces[row.id] if _identity(w) not in seen]
        shared = [w for w in pieces[row.id] if _identity(w) in seen]
        seconds = sum(w.images * speeds[_speed(w)] for w in own)
        total += seconds
        images = f"{sum(w.images for w in own):,}"
        lines.append((row.id, _found(missing[row.id]), _shared(shared, done), images, duration(seconds)))
        seen.update(map(_identity, own))
    header = ("row", "data and weights", "shared or done", "image-steps", "time")
    print(text_table(header, lines))
    runnable = [row for row in rows if not missing[row.id]]
    print(f"\n{len(runnable)} of {len(rows)} rows can run; in all about {duration(total)} on this machine.")
    if any(missing.values()):
        print("Missing:\n" + missing_lines(missing))
    return runtime


def measure(works: Sequence[Work], runtime: Runtime, out: Path) -> dict[str, float]:
    """Seconds per image of each kind of work, from a few steps; remembered for the next plan."""
    path = Path(out) / "cache" / "speeds.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    prefix = f"{runtime.device} {runtime.precision} "
    kinds = {_speed(w): w for w in works}
    todo = {kind: w for kind, w in kinds.items() if prefix + kind not in known}
    for kind, work in tqdm(
        todo.items(), desc="timing a few steps of each kind of work", disable=None, leave=False
    ):
        known[prefix + kind] = seconds_per_image(work, runtime)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".part")
        temporary.write_text(json.dumps(known, indent=1))
        os.replace(temporary, path)
    return {kind: known[prefix + kind] for kind in kinds}


def seconds_per_image(work: Work, runtime: Runtime) -> float:
    """From steps of the whole batch on a GPU, else from steps of two small batches."""
    model = work.model(runtime)
    if runtime.gpus or work.batch <= max(CPU_BATCHES):
        return step_seconds(model, (work.batch,), work.train)[0] / work.batch
    return of_whole_batch(*step_seconds(model, CPU_BATCHES, work.train), work.batch)


def of_whole_batch(short: float, long: float, batch: int) -> float:
    """Seconds per image of a whole batch, from the times of the two small ones.

    A step costs a fixed part (of a large head almost all: its update) and a part for each image.
    """
    small, large = CPU_BATCHES
    each = max(long - short, 0) / (large - small)
    return (long + (batch - large) * each) / batch


def step_seconds(model, batches: Sequence[int], train: bool) -> list[float]:
    """The fastest of a few steps of each batch size, after one that traces: others may have been held up."""
    sizes = (batches[0], *batches * TIMED_STEPS)
    seconds = training_seconds(model, sizes) if train else inference_seconds(model, sizes)
    timed = list(zip(sizes[1:], seconds[1:], strict=True))
    return [min(taken for size, taken in timed if size == wanted) for wanted in batches]


def training_seconds(model, sizes: Sequence[int]) -> list[float]:
    """Of steps of these sizes, one trace for all."""
    import keras
    import tensorflow as tf

    seconds: list[float] = []

    class Stopwatch(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.began = time.perf_counter()

        def on_train_batch_end(self, batch, logs=None):
            keras.tree.map_structure(np.asarray, logs)  # a GPU hands its results on early
            seconds.append(time.perf_counter() - self.began)

    shapes = model.input_shape[1:], model.output_shape[1:]
    data = tf.data.Dataset.from_generator(
        lambda: (tuple(np.zeros((size, *shape), "float32") for shape in shapes) for size in sizes),
        output_signature=tuple(tf.TensorSpec((None, *shape)) for shape in shapes),
    )
    data = data.apply(tf.data.experimental.assert_cardinality(len(sizes)))
    model.fit(data, shuffle=False, verbose=0, callbacks=[Stopwatch()])
    return seconds


def inference_seconds(model, sizes: Sequence[int]) -> list[float]:
    """Of steps of these sizes, one trace for all."""
    import tensorflow as tf

    shape = model.input_shape[1:]
    forward = tf.function(lambda x: model(x, training=False), input_signature=[tf.TensorSpec((None, *shape))])
    seconds = []
    for size in sizes:
        images = tf.zeros((size, *shape))
        began = time.perf_counter()
        np.asarray(forward(images))
        seconds.append(time.perf_counter() - began)
    return seconds


def duration(seconds: float) -> str:
    """A time a person can read."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172800 else f"{seconds / 86400:.1f} days"


def _identity(work: Work) -> tuple[str, str]:
    return work.name, json.dumps(dict(work.key), sort_keys=True, default=str)


def _speed(work: Work) -> str:
    return work.speed or f"{work.name} {_identity(work)[1]}"


def _is_done(work: Work, stages: Stages, seed: int) -> bool:
    return bool(work.stage) and stages.any_done(work.stage, {**work.key, "seed": seed})


def _found(lines: Sequence[str]) -> str:
    return f"{len(lines)} missing" if lines else "found"


def _shared(works: Sequence[Work], done: set) -> str:
    return "; ".join(f"{w.name}: {'done' if _identity(w) in done else 'shared'}" for w in works) or "–"
