"""Where jobs run: Parsl's configuration for this machine, for SLURM, or the user's own."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.base.errors import UserError
from shared.running.worker import ALLOTTED, ROOT

if TYPE_CHECKING:
    from parsl.config import Config

RETRIES = 5
"""How often a job goes on after its worker was lost; it resumes each time."""
SIGN_OF_LIFE, SILENCE = 10, 60
"""Seconds between two signs of life of a node, and without one until it is taken for lost."""

SPECIAL = re.compile(r"[\s'\"\\$`&;|<>()*?\[\]{}]")
"""What a shell does not take as part of a path."""
GPU = re.compile(r"\d+|(GPU|MIG)-.+")
"""How CUDA_VISIBLE_DEVICES names a GPU: by its number, or by its UUID."""


@dataclasses.dataclass(frozen=True)
class Site:
    """A Parsl configuration, how many jobs it runs at once, and how to say so."""

    config: Config
    workers: int
    name: str


def site(args: argparse.Namespace) -> Site:
    """The site that the options name."""
    try:
        import parsl  # noqa: F401
    except ImportError as error:
        raise UserError('--on needs Parsl: pip install -c constraints.txt ".[cluster]"') from error
    # Parsl starts its programs by their names.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    if args.on == "local":
        return _local(args, _run_dir(args))
    if args.on == "slurm":
        return _slurm(args, _run_dir(args))
    return _own(Path(args.on))


def _run_dir(args: argparse.Namespace) -> str:
    """Parsl's own folder, whose path it puts into shell commands as it is."""
    out = args.out.resolve()
    if SPECIAL.search(str(out)):
        raise UserError(
            f"--on {args.on}: Parsl cannot start with results in '{out}': "
            "give --out a folder without blanks or signs of the shell in its path"
        )
    return str(out / "tasks" / "parsl")


def _local(args: argparse.Namespace, run_dir: str) -> Site:
    from parsl.providers import LocalProvider

    gpus = gpus_here()
    if args.gpus and args.gpus > len(gpus):
        raise UserError(f"--gpus {args.gpus}: this machine has {len(gpus) or 'none'}")
    gpus = gpus[: args.gpus]
    workers = _workers(args, len(gpus))
    provider = LocalProvider(worker_init=_init(), init_blocks=1, max_blocks=1)
    config = _config(provider, workers, gpus, run_dir, address="127.0.0.1", loopback_address="127.0.0.1")
    return Site(config, workers, f"this machine, {_tasks(workers, len(gpus))}")


def _slurm(args: argparse.Namespace, run_dir: str) -> Site:
    from parsl.providers import SlurmProvider

    if not shutil.which("sbatch"):
        raise UserError("--on slurm: there is no sbatch here; run this on a login node, or give --on local")
    gpus = [str(number) for number in range(args.gpus or 0)]
    workers = _workers(args, len(gpus))
    provider = SlurmProvider(
        partition=args.partition,
        account=args.account,
        walltime=args.time,
        gpus_per_node=args.gpus,
        cores_per_node=args.threads * workers if args.threads else None,
        exclusive=False,
        init_blocks=args.jobs,
        max_blocks=args.jobs,
        worker_init=f'{_init()}export {ALLOTTED}="$CUDA_VISIBLE_DEVICES"\n',
        cmd_timeout=60,
    )
    config = _config(provider, workers, gpus, run_dir)
    return Site(config, workers * args.jobs, f"{args.jobs} SLURM jobs, each {_tasks(workers, len(gpus))}")


def _own(path: Path) -> Site:
    """A file of Python that sets `config`."""
    from parsl.config import Config

    if not path.is_file():
        raise UserError(f"--on {path}: give local, slurm, or a Python file that sets `config`")
    config = runpy.run_path(str(path)).get("config")
    if not isinstance(config, Config):
        raise UserError(f"{path} sets no `config` of the type parsl.config.Config")
    return Site(config, sum(map(_capacity, config.executors)), f"the machines of {path}")


def _capacity(executor: Any) -> int:
    """How many jobs an executor runs at once, as far as its settings tell."""
    provider = getattr(executor, "provider", None)
    blocks = getattr(provider, "max_blocks", 1) * getattr(provider, "nodes_per_block", 1)
    each = getattr(executor, "max_workers_per_node", 1)
    return max(1, blocks * (each if isinstance(each, int) else 1))


def _config(provider: Any, workers: int, gpus: list[str], run_dir: str, **address: Any) -> Config:
    from parsl.config import Config
    from parsl.executors import HighThroughputExecutor

    executor = HighThroughputExecutor(
        label="workers",
        provider=provider,
        max_workers_per_node=workers,
        cores_per_worker=1e-6,  # as many workers as we say, however many cores
        available_accelerators=gpus,
        heartbeat_period=SIGN_OF_LIFE,
        heartbeat_threshold=SILENCE,
        **address,
    )
    return Config([executor], retries=RETRIES, run_dir=run_dir, strategy="simple", max_idletime=60)


def gpus_here() -> list[str]:
    """The GPUs that this process may use, as the driver counts them."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        entries = [entry.strip() for entry in allowed.split(",")]
        return list(itertools.takewhile(GPU.fullmatch, entries))  # as CUDA does: "-1" switches all off
    try:
        said = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return [str(number) for number in range(sum(line.startswith("GPU") for line in said.splitlines()))]


def _workers(args: argparse.Namespace, gpus: int) -> int:
    """One worker for each GPU; without GPUs as many as are asked for."""
    if gpus and args.workers and args.workers != gpus:
        raise UserError(f"--workers {args.workers}: each of the {gpus} GPUs has one worker; give --gpus N")
    return gpus or args.workers or 1


def _tasks(workers: int, gpus: int) -> str:
    several = f"{workers} tasks at once" if workers > 1 else "one task at a time"
    return f"{several}, each with a GPU of its own" if gpus else several


def _init() -> str:
    """The shell lines that let a worker on another machine find this Python and this package."""
    bin_folder = Path(sys.executable).parent
    return f'export PATH="{bin_folder}:$PATH"\nexport PYTHONPATH="{ROOT}:$PYTHONPATH"\n'
