"""float32, mixed_float16 and --fast on a GPU: speed, memory, time spent waiting for data, agreement.

`python -m shared.running.gpu_check PACKAGE WAY FOLDER` is one probe, in a process of its own
because precision and peak memory are a process's; `check` runs the probes and prints the table.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import importlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shared.base.files import write_text
from shared.base.text import markdown_table, text_table
from shared.paper import Context, Paper
from shared.running import costs
from shared.training import fitting, pace
from shared.training.runtime import import_quietly, start, versions
from shared.training.stages import Stages

WAYS = {
    "float32": ("float32", False),
    "mixed_float16": ("mixed_float16", False),
    "mixed_float16, fast": ("mixed_float16", True),
}
"""Way -> precision, and whether it is --fast; the first is what the others are compared with."""
HEADER = (
    "paper, row",
    "way",
    "images/s at the paper's size",
    "images/s of the demo",
    "waiting for data",
    "peak memory",
    "decisions that agree",
    "largest difference",
)

PAGE = Path(__file__).parents[2] / "docs" / "gpu.md"
INTRODUCTION = """\
# Speed, memory and agreement on a GPU

`python -m reproductions gpu-check` writes this page. The first lines of a paper are one row at demo scale,
its decisions compared with those in float32; the others are a few steps of each kind of work at the paper's
size, which plans use from then on. "Waiting for data" is the share of an epoch's time that is saved when
its images lie ready.
"""


def check(papers: Sequence[Paper], args: argparse.Namespace) -> int:
    """The table over papers and precisions, on the screen and in docs/gpu.md."""
    import_quietly()
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        print("TensorFlow finds no GPU here, so there is nothing to check. On a machine with one:")
        print("  make gpu-check EXTRAS=dev,gpu")
        return 0
    found = [(paper, probe_paper(paper, args.out)) for paper in papers]
    lines = [line for paper, probes in found for line in compared(paper, probes)]
    machine = found[0][1][0]
    write_text(PAGE, page(machine["machine"], machine["versions"], lines))
    print(f"{text_table(HEADER, lines)}\n\nWritten to {PAGE}.")
    return 0


def probe_paper(paper: Paper, out: Path) -> list[dict[str, Any]]:
    """A probe for each way; costs are kept for plans, here and where this folder of results is carried to."""
    found = []
    for way in WAYS:
        with tempfile.TemporaryDirectory() as folder:
            words = [sys.executable, "-m", "shared.running.gpu_check", paper.package, way, folder]
            subprocess.run(words, check=True)
            found.append(json.loads(Path(folder, "probe.json").read_text()))
    for probe in found:
        costs.keep(out, probe["machine"], {kind: costs.Cost(**c) for kind, c in probe["costs"].items()})
    return found


def compared(paper: Paper, probes: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    """A line per way, the others compared with the first; then one for each kind of work."""
    reference = np.array(probes[0]["probabilities"])
    lines = [_line(paper, *pair, reference) for pair in zip(WAYS, probes, strict=True)]
    for kind in probes[0]["costs"]:
        for way, probe in zip(WAYS, probes, strict=True):
            speed = f"{1 / probe['costs'][kind]['seconds']:.3g}"
            lines.append((f"{paper.name}, {kind}", way, speed, *[""] * (len(HEADER) - 3)))
    return lines


def page(machine: str, versions: Mapping[str, str], lines: Sequence[tuple[str, ...]]) -> str:
    """docs/gpu.md."""
    device = machine.removesuffix(f", {WAYS['float32'][0]}")
    known = ", ".join(f"{name} {number}" for name, number in versions.items())
    measured = f"Measured on {device}, {datetime.date.today()}; {known}."
    return f"{INTRODUCTION}\n{measured}\n\n{markdown_table(HEADER, lines)}"


def _line(paper: Paper, way: str, probe: dict, reference: np.ndarray) -> tuple[str, ...]:
    got = np.array(probe["probabilities"])
    agree = np.mean(got.argmax(1) == reference.argmax(1))
    return (
        f"{paper.name}, {row_of(paper)}",
        way,
        "",
        f"{probe['demo_speed']:.0f}",
        f"{probe['waiting']:.0%}",
        f"{probe['peak_bytes'] / 2**30:.2f} GiB",
        f"{agree:.1%}",
        f"{np.abs(got - reference).max():.1e}",
    )


def probe(paper: Paper, way: str, folder: Path) -> dict[str, Any]:
    """The paper's first control row at demo scale, and a few steps of all its work at the paper's size."""
    precision, fast = WAYS[way]
    runtime = start(precision, fast=fast)
    paper.write_phantoms(folder / "data", False)
    context = Context(
        folder / "data", folder, folder / "cache", folder / "run", runtime, Stages(folder / "stages"), 0, True
    )
    with fitting.watched() as fits:
        predictions = paper.run(paper.demo(paper.row(row_of(paper))), 0, context)
    model, batches = fits[-1]
    kinds = {costs.kind(work): work for row in paper.rows for work in paper.work(row)}
    return {
        "probabilities": predictions.probabilities.tolist(),
        "machine": costs.machine(runtime),
        "versions": versions(),
        "costs": {kind: dataclasses.asdict(costs.cost(work, runtime)) for kind, work in kinds.items()},
        "peak_bytes": pace.peak_bytes(runtime),
        **waiting(model, batches),
    }


def row_of(paper: Paper) -> str:
    """The row that is probed; the first of all need not be one that trains."""
    return paper.control_rows[0]


def waiting(model, batches) -> dict[str, float]:
    """An epoch as it runs against the same number of steps on one batch that is already there."""
    dataset = batches(1)
    first = next(iter(dataset))
    steps = len(dataset)
    same = dataset.take(1).cache().repeat(steps)
    images = steps * int(first[0].shape[0])
    as_run, without_data = (_seconds(model, data) for data in (dataset, same))
    return {"demo_speed": images / as_run, "waiting": max(0.0, 1 - without_data / as_run)}


def _seconds(model, dataset) -> float:
    model.fit(dataset, verbose=0)
    begin = time.perf_counter()
    model.fit(dataset, verbose=0)
    return time.perf_counter() - begin


def main(package: str, way: str, folder: str) -> None:
    """One probe, into probe.json."""
    found = probe(importlib.import_module(package).PAPER, way, Path(folder))
    Path(folder, "probe.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
