"""Device, precision, XLA, seeds, determinism and distribution: decided once, said in one line."""

from __future__ import annotations

import dataclasses
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from shared.base import screen
from shared.base.errors import UserError

Gpu = TypeVar("Gpu")
PRECISIONS = ("auto", "float32", "mixed_float16", "mixed_bfloat16")


@dataclasses.dataclass(frozen=True)
class Runtime:
    """The device and settings of this process."""

    device: str
    gpus: int
    precision: str
    jit_compile: bool
    parts: int = 1
    """Into how many parts a batch is cut that does not fit into memory whole."""
    fast: bool = False
    """Operations may sum in any order: a run does not repeat to the bit."""

    def __str__(self) -> str:
        parallel = f", mirrored over {self.gpus} GPUs" if self.gpus > 1 else ""
        xla = "on" if self.jit_compile else "off"
        cut = f"; batches in {self.parts} parts" if self.parts > 1 else ""
        order = "fast: results do not repeat to the bit" if self.fast else "deterministic ops"
        return f"{self.device}{parallel}; {self.precision}; XLA {xla}; {order}{cut}"


def import_quietly() -> None:
    """Imports TensorFlow and looks for devices without the start-up lines that no log level silences."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for name in ("absl", "tensorflow"):  # TFDS' deprecations; advice on retracing that no user can follow
        logging.getLogger(name).setLevel(logging.ERROR)
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as muted:
        os.dup2(muted.fileno(), 2)
        try:
            import tensorflow as tf

            tf.config.list_physical_devices("GPU")
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def start(
    precision: str = "auto",
    seed: int = 0,
    threads: int | None = None,
    devices: int = 1,
    parts: int = 1,
    fast: bool = False,
) -> Runtime:
    """Sets up TensorFlow and Keras for this process and says what was chosen.

    One GPU is used, unless more `devices` are to share every batch: the others are free for other draws.
    """
    if devices > 1 and parts > 1:
        raise UserError("--devices and --parts exclude each other: more devices hold a larger batch anyway")
    import_quietly()
    import keras
    import tensorflow as tf

    if threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    gpus = choose_gpus(tf.config.list_physical_devices("GPU"), devices)
    tf.config.set_visible_devices(gpus, "GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    precision = choose_precision(precision, len(gpus))
    keras.config.set_dtype_policy(precision)
    keras.utils.set_random_seed(seed)
    if not fast:
        tf.config.experimental.enable_op_determinism()
    if len(gpus) > 1:
        tf.distribute.experimental_set_strategy(tf.distribute.MirroredStrategy())
    if not gpus:
        # Half of the time to the first step on a CPU, and no step is faster with it.
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    xla = use_xla(len(gpus), parts, fast)
    runtime = Runtime(_device_name(gpus), len(gpus), precision, xla, parts, fast)
    screen.once(f"Running on {runtime}.")
    return runtime


def choose_gpus(found: Sequence[Gpu], devices: int) -> list[Gpu]:
    """The first GPUs of those found; too few of them is an error."""
    if devices > max(len(found), 1):
        raise UserError(f"--devices {devices}: this machine has {len(found) or 'no'} GPUs")
    return list(found[:devices])


def choose_precision(wanted: str, gpus: int) -> str:
    """`auto` is mixed_float16 on one GPU, mixed_bfloat16 on several, float32 on a CPU."""
    if wanted not in PRECISIONS:
        raise UserError(f"--precision {wanted}: choose one of {', '.join(PRECISIONS)}")
    if wanted == "auto":
        # Several GPUs: one replica's overflow under float16 loss scaling would poison all weights.
        return {0: "float32", 1: "mixed_float16"}.get(gpus, "mixed_bfloat16")
    if wanted == "mixed_float16" and gpus > 1:
        raise UserError("--precision mixed_float16 is unsafe on several GPUs; use mixed_bfloat16 or one GPU")
    return wanted


def use_xla(gpus: int, parts: int, fast: bool) -> bool:
    """Whether steps are compiled.

    Keras compiles none under op determinism, for some operations have no deterministic form there. On a CPU
    compiling takes seconds for each model, and no step is faster (docs/speed.md). MirroredStrategy cannot
    compile, nor can parts of unequal size.
    """
    return fast and gpus == 1 and parts == 1


def threads() -> dict[str, int]:
    """How many threads TensorFlow runs an operation on, how many operations at once, and on how many cores.

    Set by nobody, both numbers are that of the cores this process may use.
    """
    import tensorflow as tf

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    set_here = {
        "intra": tf.config.threading.get_intra_op_parallelism_threads(),
        "inter": tf.config.threading.get_inter_op_parallelism_threads(),
    }
    by_default = {kind: int(os.environ.get(f"TF_NUM_{kind.upper()}OP_THREADS") or cores) for kind in set_here}
    return {kind: number or by_default[kind] for kind, number in set_here.items()} | {"cores": cores}


def versions() -> dict[str, str]:
    """The versions a result depends on."""
    from importlib.metadata import packages_distributions, version

    packages = ["tensorflow", "keras", "tensorflow-datasets", "scikit-learn", "numpy", "scipy", "keras-cv"]
    packages += packages_distributions()["cv2"]  # a server has opencv-python-headless
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


def _device_name(gpus) -> str:
    import tensorflow as tf

    if gpus:
        name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "unknown")
        return f"{len(gpus)} × GPU {name}" if len(gpus) > 1 else f"GPU {name}"
    return f"CPU {cpu_model()}, {os.cpu_count()} cores"


def cpu_model() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
