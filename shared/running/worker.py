"""One job on a worker: a process of its own, which ends when its worker does."""

from __future__ import annotations

import ctypes
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
SIGNALLED = 128
"""Exit codes above it tell of a signal."""
ALLOTTED = "REPRODUCTIONS_GPUS"
"""The variable with the GPUs that SLURM gave a job."""
DEATH_OF_PARENT = 1
"""PR_SET_PDEATHSIG of Linux' prctl."""


class Interrupted(Exception):
    """A job that a signal ended, as when its node is taken away: it is to be started again."""


@dataclasses.dataclass(frozen=True)
class Ended:
    """The exit code of a job, or None where it was not to begin, and how long it took."""

    code: int | None
    seconds: float = 0.0


def work(words: Sequence[str], log: str, stop: str) -> Ended:
    """Runs `python WORDS` with its output in the log; not where the file `stop` is there.

    Each start is one line in a file beside the log, so that whoever submitted the job can see it.
    """
    if Path(stop).exists():
        return Ended(None)
    with open(starts(log), "a") as note:
        note.write(f"{_where()}\n")
    began = time.monotonic()
    places = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | own_gpu(os.environ) | {"PYTHONPATH": places}
    with open(log, "ab") as out:
        child = subprocess.Popen(
            [sys.executable, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        code = child.wait()
    if signalled(code):
        raise Interrupted(f"code {code}")
    return Ended(code, time.monotonic() - began)


def signalled(code: int) -> bool:
    """Whether a signal ended the process, as Ctrl-C does."""
    return code < 0 or code > SIGNALLED


def own_gpu(environment: Mapping[str, str]) -> dict[str, str]:
    """The GPU of this worker, as the driver counts it.

    Parsl gives its workers the numbers 0, 1, ... On a node that jobs share, SLURM may have given others.
    """
    allotted = [gpu for gpu in environment.get(ALLOTTED, "").split(",") if gpu]
    number = environment.get("CUDA_VISIBLE_DEVICES", "")
    if not number.isdecimal() or int(number) >= len(allotted):
        return {}
    return {"CUDA_VISIBLE_DEVICES": allotted[int(number)]}


def starts(log: str | Path) -> Path:
    """The file with a line for each start of a job."""
    return Path(log).with_suffix(".starts")


def _where() -> str:
    gpu = (os.environ | own_gpu(os.environ)).get("CUDA_VISIBLE_DEVICES")
    job = os.environ.get("SLURM_JOB_ID")
    parts = [f"process {os.getpid()} on {os.uname().nodename}"]
    parts += [f"GPU {gpu}"] * bool(gpu) + [f"SLURM job {job}"] * bool(job)
    return ", ".join(parts)


_libc = ctypes.CDLL(None)


def _end_with_parent() -> None:
    """A killed worker is replaced; its process must not go on beside the new one."""
    _libc.prctl(DEATH_OF_PARENT, signal.SIGKILL)
