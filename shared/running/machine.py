"""What this machine has of what a run needs, each with a remedy where something is wrong."""

from __future__ import annotations

import importlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.base.disk import existing, size
from shared.training.runtime import choose_precision, import_quietly

PYTHONS = (3, 10), (3, 13)
DEMO_MEMORY, DEMO_DISK = 4 * 10**9, 2 * 10**9
"""Bytes that a demo may use."""
GPU_EXTRA = 'pip install -c constraints.txt -e ".[gpu]" (or make with EXTRAS=gpu)'


@dataclass(frozen=True)
class Finding:
    """One thing looked at: good, or with what to do about it."""

    what: str
    text: str
    remedy: str = ""
    stops: bool = False
    """Whether not even a demo runs before it is mended."""

    def __str__(self) -> str:
        mark = "OK  " if not self.remedy else "STOP" if self.stops else "–   "
        return f"{mark}  {self.what:<12}  {self.text}" + (f"\n      -> {self.remedy}" if self.remedy else "")


def machine(out: Path) -> Iterator[Finding]:
    """Python, libraries, GPU, precision, memory, and the folder of results."""
    yield python(sys.version_info[:2])
    yield library(importlib.import_module)
    yield from accelerator()
    yield memory(memory_available())
    yield results(out)


def python(version: tuple[int, ...]) -> Finding:
    """The version of Python; TensorFlow has no packages for others."""
    least, most = PYTHONS
    text = ".".join(map(str, version))
    if least <= version <= most:
        return Finding("Python", text)
    return Finding("Python", text, "use Python 3.10 to 3.13: make PYTHON=python3.12", stops=True)


def library(load: Callable[[str], object]) -> Finding:
    """OpenCV, and libGL, which it wants from the system."""
    try:
        found = load("cv2")
    except ImportError as error:
        if "libGL" in str(error) or "libgthread" in str(error) or "libglib" in str(error):
            remedy = "install the system packages libgl1 and libglib2.0-0, with apt-get or as root"
        else:
            remedy = "pip install -c constraints.txt -e ."
        return Finding("libGL", f"OpenCV cannot be loaded: {error}", remedy, stops=True)
    return Finding("libGL", f"found; OpenCV {getattr(found, '__version__', '')}".strip())


def accelerator() -> Iterator[Finding]:
    """TensorFlow, what it computes on, and the precision that follows from it."""
    try:
        import_quietly()
        import keras
        import tensorflow as tf
    except ImportError as error:
        yield Finding("TensorFlow", str(error), "pip install -c constraints.txt -e .", stops=True)
        return
    yield Finding("TensorFlow", f"{tf.__version__}, Keras {keras.__version__}")
    gpus = tf.config.list_physical_devices("GPU")
    yield gpu(len(gpus), driver())
    yield precision(len(gpus), bfloat16_units())


def driver() -> str:
    """The GPUs and their driver as NVIDIA's tool names them; '' where there is none."""
    query = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return "; ".join(done.stdout.strip().splitlines())


def gpu(seen: int, driver: str) -> Finding:
    """GPUs that TensorFlow uses; one that the driver alone knows is an installation to mend."""
    cpu = f"none: {os.cpu_count()} cores of {platform.processor() or platform.machine()}"
    if seen:
        return Finding("GPU", f"{seen} used by TensorFlow ({driver or 'driver not asked'})")
    if driver:
        return Finding("GPU", f"{driver}: TensorFlow does not use it", GPU_EXTRA)
    return Finding("GPU", f"{cpu}; demos run, real rows take hours to weeks (--plan tells)")


def bfloat16_units() -> bool:
    """Whether this processor has units for products in half precision (AMX); not asked outside Linux."""
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text().split()
    except OSError:
        return False


def precision(gpus: int, units: bool) -> Finding:
    """What a run computes in, and what would be faster on a processor."""
    text = choose_precision("auto", min(gpus, 1))
    if units and not gpus:
        text += "; this processor trains faster with --precision mixed_bfloat16, a deviation (docs/speed.md)"
    return Finding("precision", text)


def memory_available() -> int:
    """Bytes of memory that can be had now; 0 where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 0
    kilobytes = {line.partition(":")[0]: line.split()[1] for line in lines}
    return int(kilobytes.get("MemAvailable", 0)) * 1024


def memory(available: int) -> Finding:
    """Enough for a demo?"""
    if not available:
        return Finding("memory", "this system does not tell")
    if available < DEMO_MEMORY:
        return Finding(
            "memory", f"{size(available)} free", f"a demo takes up to {size(DEMO_MEMORY)}: close programs"
        )
    return Finding("memory", f"{size(available)} free; a demo takes up to {size(DEMO_MEMORY)}")


def results(out: Path) -> Finding:
    """The folder of results: may we write there, and is there room for a demo?"""
    folder = existing(out)
    free = shutil.disk_usage(folder).free
    if not os.access(folder, os.W_OK):
        return Finding("results", f"{out} cannot be written", "choose another folder: --out DIR", stops=True)
    if free < DEMO_DISK:
        return Finding("results", f"{size(free)} free in {out}", f"a demo takes {size(DEMO_DISK)}: make room")
    return Finding("results", f"{size(free)} free in {out}")
