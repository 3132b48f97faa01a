"""The runtime does what it says: XLA, determinism."""

import dataclasses
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest
from runtimes import ON_CPU

from shared.training.runtime import use_xla, versions


@pytest.mark.parametrize(
    ("gpus", "parts", "fast", "xla"),
    [(0, 1, True, False), (1, 1, False, False), (1, 1, True, True), (1, 2, True, False), (2, 1, True, False)],
)
def test_xla_is_on_only_where_keras_compiles_and_it_helps(gpus, parts, fast, xla):
    """Fails when "XLA on" is said of a deterministic run, in which Keras turns it off without a word."""
    assert use_xla(gpus, parts, fast) is xla


def test_a_line_says_whether_a_run_repeats_to_the_bit():
    assert str(ON_CPU) == "CPU; float32; XLA off; deterministic ops"
    fast = dataclasses.replace(ON_CPU, fast=True, jit_compile=True)
    assert str(fast) == "CPU; float32; XLA on; fast: results do not repeat to the bit"


def test_what_was_started_is_what_a_compiled_model_does():
    """Fails when determinism stays on under --fast, is off without it, or Keras overrules what is said."""
    code = """
from shared.training import runtime
for fast in (True, False):
    started = runtime.start(fast=fast)
    import keras
    from tensorflow.python.framework import config
    from shared.training import fitting
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(2)])
    fitting.compile_model(model, keras.optimizers.SGD(), "mse", started)
    assert config.is_op_determinism_enabled() is not fast
    assert model.jit_compile is started.jit_compile
"""
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ["fast" in line for line in done.stdout.splitlines()] == [True, False]


def test_the_versions_are_told_where_another_package_brings_opencv(tmp_path, monkeypatch):
    """Fails when a server with opencv-python-headless, which our own error names, ends in a traceback."""
    before = versions()
    site = Path(str(importlib.metadata.distribution("opencv-python").locate_file("")))
    for package in site.glob("*.dist-info"):
        if not package.name.startswith("opencv"):
            (tmp_path / package.name).symlink_to(package)
    headless = tmp_path / "opencv_python_headless-5.1.dist-info"
    headless.mkdir()
    (headless / "METADATA").write_text("Name: opencv-python-headless\nVersion: 5.1\n")
    (headless / "top_level.txt").write_text("cv2\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path) if Path(each) == site else each for each in sys.path])
    assert "opencv-python" in before
    expected = {name: number for name, number in before.items() if name != "opencv-python"}
    assert versions() == expected | {"opencv-python-headless": "5.1"}
