"""What work costs on a machine: seconds for each image, memory, pixels. Measured once, then remembered.

The memory is an estimate: weights with what their optimizer keeps, and every layer's output for a batch.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import tensorflow as tf
from tqdm import tqdm

from shared.base.files import write_text
from shared.paper import Work
from shared.running import timing
from shared.training.replicas import one_device
from shared.training.runtime import Runtime

if TYPE_CHECKING:
    import keras

FILE = "costs.json"
PROCESS = 1_000_000_000
"""Bytes that Python and TensorFlow take before there is a model."""
PER_WEIGHT, PER_FROZEN = 4 * 4, 4
"""Bytes: a weight in float32, its gradient and two moments; one that is not trained."""


@dataclasses.dataclass(frozen=True)
class Cost:
    """Of one kind of work on one machine."""

    seconds: float
    """For each image."""
    memory: int
    """Bytes while a batch is worked on."""
    pixels: int
    """Bytes of one decoded image."""


def measure(works: Sequence[Work], runtime: Runtime, out: Path) -> dict[str, Cost]:
    """The cost of each kind of work, from a few steps; remembered for the next plan.

    A kind whose batch does not fit into memory has none.
    """
    kinds = {kind(work): work for work in works}
    known = remembered(out).get(machine(runtime), {})
    todo = {name: work for name, work in kinds.items() if name not in known}
    for name, work in tqdm(
        todo.items(), desc="timing a few steps of each kind of work", disable=None, leave=False
    ):
        with contextlib.suppress(tf.errors.ResourceExhaustedError):
            known[name] = cost(work, runtime)
            keep(out, machine(runtime), {name: known[name]})
    return {name: known[name] for name in kinds if name in known}


def cost(work: Work, runtime: Runtime) -> Cost:
    """From the model of that work."""
    with one_device() if work.batch < runtime.gpus else contextlib.nullcontext():
        model = work.model(runtime)
        seconds = timing.seconds_per_image(model, work.batch, work.train, runtime)
    half = runtime.precision != "float32"
    pixels = math.prod(side or 1 for side in model.input_shape[1:])
    return Cost(seconds, memory(model, work.batch, work.train, 2 if half else 4), pixels)


def memory(model: keras.Model, batch: int, train: bool, width: int) -> int:
    """Bytes, about, for a batch of that size with numbers of that width."""
    trained = sum(math.prod(w.shape) for w in model.trainable_weights) if train else 0
    frozen = sum(math.prod(w.shape) for w in model.weights) - trained
    outputs = [math.prod(side or 1 for side in _shape(layer)) for layer in model.layers]
    kept = sum(outputs) if train else 2 * max(outputs, default=0)
    return PROCESS + PER_WEIGHT * trained + PER_FROZEN * frozen + width * batch * kept


def _shape(layer: keras.Layer) -> Sequence[int | None]:
    """Of a layer's output for one image; a layer that does not tell counts as nothing."""
    shape = getattr(getattr(layer, "output", None), "shape", None)
    return shape[1:] if shape is not None else (0,)


def kind(work: Work) -> str:
    """Pieces of one kind cost the same for each image."""
    return work.speed or f"{work.name} {json.dumps(dict(work.key), sort_keys=True, default=str)}"


def machine(runtime: Runtime) -> str:
    """The device and the settings that a cost belongs to."""
    return f"{runtime.device}, {runtime.precision}" + (", fast" if runtime.fast else "")


def keep(out: Path, where: str, found: Mapping[str, Cost]) -> None:
    """Adds costs to what is remembered."""
    known = remembered(out)
    known.setdefault(where, {}).update(found)
    plain = {
        place: {name: dataclasses.asdict(each) for name, each in costs.items()}
        for place, costs in known.items()
    }
    write_text(Path(out) / "cache" / FILE, json.dumps(plain, indent=1))


def remembered(out: Path) -> dict[str, dict[str, Cost]]:
    """Machine -> kind -> cost; nothing where the file cannot be used."""
    path = Path(out) / "cache" / FILE
    if not path.exists():
        return {}
    try:
        return {place: _usable(costs) for place, costs in json.loads(path.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        print(f"{path} is damaged: the speeds are measured again")
        return {}


def _usable(costs: Mapping[str, Mapping[str, float]]) -> dict[str, Cost]:
    found = {
        name: Cost(float(c["seconds"]), int(c["memory"]), int(c["pixels"]))
        for name, c in costs.items()
        if c.keys() == {"seconds", "memory", "pixels"}
    }
    return {name: cost for name, cost in found.items() if 0 < cost.seconds < math.inf}


def elsewhere(out: Path, here: str, total: Callable[[Mapping[str, Cost]], float]) -> dict[str, float]:
    """Machine -> seconds, for each other machine of which all costs are remembered."""
    found = {}
    for place, costs in remembered(out).items():
        if place != here:
            with contextlib.suppress(KeyError):
                found[place] = total(costs)
    return found
