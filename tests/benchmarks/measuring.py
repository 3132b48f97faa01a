"""Ours against theirs, interleaved in one run: each round measures both, and gives one ratio."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.theirs.served import Taken, seconds

__all__ = ["Measured", "Served", "Taken", "alone", "other_environment", "seconds", "tell", "versus"]

ROOT = Path(__file__).parents[2]
ROUNDS = 5
PAUSE = 0.3
"""Seconds between two measurements, in which the threads of the one before go to sleep."""


@dataclass(frozen=True)
class Measured:
    """The values of one line, one for each round, and the medians they come from."""

    values: list[float]
    ours: float
    theirs: float = field(default=float("nan"))
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)


def versus(
    ours: Callable[[], float],
    theirs: Callable[[], float],
    more_is_better: bool,
    rounds: int = ROUNDS,
    warm: bool = True,
) -> Measured:
    """Both in turn, each being called once before, to warm up; a call gives its own seconds."""
    for warm_up in (ours, theirs) if warm else ():
        warm_up()
    times = []
    for number in range(rounds):
        pair = {}
        for side in (ours, theirs) if number % 2 else (theirs, ours):
            time.sleep(PAUSE)
            pair[side] = side()
        times.append((pair[ours], pair[theirs]))
    sides = [statistics.median(side) for side in zip(*times, strict=True)]
    return Measured(_ratios(times, more_is_better), *sides, note=_processor(times, more_is_better))


def _ratios(times: list[tuple[float, float]], more_is_better: bool) -> list[float]:
    return [theirs / ours if more_is_better else ours / theirs for ours, theirs in times]


def _processor(times: list[tuple[float, float]], more_is_better: bool) -> str:
    """The ratio of the processor's seconds, which other processes on the machine change less."""
    pairs = [
        (ours.cpu, theirs.cpu) for ours, theirs in times if hasattr(ours, "cpu") and hasattr(theirs, "cpu")
    ]
    if not pairs:
        return ""
    return f"{statistics.median(_ratios(pairs, more_is_better)):.2f}× in processor time"


def alone(ours: Callable[[], float], rounds: int = ROUNDS) -> Measured:
    """Our time alone."""
    ours()
    times = [ours() for _ in range(rounds)]
    return Measured(times, statistics.median(times))


class Served:
    """A process that measures a round whenever it is asked: theirs, in an environment of their own."""

    def __init__(self, script: str, *words: object, python: Path | str = sys.executable):
        self.name = script
        path = Path(__file__).parent / "theirs" / f"{script}.py"
        command = [str(python), str(path), *map(str, words)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=_environment()
        )

    def __call__(self) -> float:
        return Taken(*map(float, self.ask().split()))

    def ask(self) -> str:
        """The line that it answers."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.name} ended: see above")
        return answer


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}


def other_environment() -> Path:
    """The Python of `make bench`'s second environment."""
    python = ROOT / ".venv-bench" / "bin" / "python"
    if not python.exists():
        sys.exit(f"{python} is missing: make bench makes it")
    return python


def tell(measured: dict[str, Measured]) -> None:
    """Key -> result of each line that was measured, as the last line of a benchmark's own process."""
    print("\n" + json.dumps({key: vars(one) for key, one in measured.items()}))
