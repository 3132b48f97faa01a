"""Two devices, emulated: every training runs, resumes to the same bits, and learns what one device learns."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]


def trained_on(devices: int) -> dict:
    script = Path(__file__).with_name("two_devices.py")
    place = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, script, str(devices)],
        env=os.environ | {"PYTHONPATH": place, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def on_two() -> dict:
    return trained_on(2)


def test_two_devices_learn_what_one_learns(on_two):
    """Fails when the optimizer breaks on the second replica, or a last batch of one image ends it all."""
    on_one = trained_on(1)["plain"]
    assert on_two["plain"]["losses"] == pytest.approx(on_one["losses"], rel=1e-4)
    assert np.allclose(on_two["plain"]["predicted"], on_one["predicted"], atol=1e-4)
    assert len(on_two["plain"]["predicted"]) == 17


def test_a_training_on_two_devices_resumes_to_the_same_bits(on_two):
    assert on_two["resumed"] == on_two["whole"]


def test_batches_that_cannot_be_shared_at_all_are_one_line(on_two):
    assert "alone: its batches hold fewer images than there are devices" in on_two["small"]


def test_a_batch_of_one_is_trained_on_one_device(on_two):
    assert 0 < on_two["gan"] < 100
