"""The time of a draw, over all interruptions."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import time
from collections.abc import Iterator
from pathlib import Path

from shared.base.files import write_text


@dataclasses.dataclass
class Clock:
    """Seconds so far, once it has stopped."""

    total: float = 0.0


def _seconds_before(path: Path) -> float:
    if not path.exists():
        return 0.0
    try:
        before = float(path.read_text())
    except (OSError, ValueError):
        before = math.nan
    if not 0 <= before < math.inf:
        print(f"{path} is damaged: the time before the interruption is not counted")
        return 0.0
    return before


@contextlib.contextmanager
def counted(path: Path) -> Iterator[Clock]:
    """Seconds of a draw, those before an interruption included."""
    clock, began = Clock(), time.perf_counter()
    before = _seconds_before(path)
    try:
        yield clock
    finally:
        clock.total = round(before + time.perf_counter() - began, 1)
        write_text(path, str(clock.total))
