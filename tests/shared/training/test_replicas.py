"""Two devices, emulated: every training runs, resumes to the same bits, and learns what one device learns."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import two_devices

from shared.base.errors import UserError
from shared.training.runtime import choose_gpus

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def on_two() -> dict:
    """Two devices must be set up before TensorFlow starts, so in a process of their own."""
    place = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, two_devices.__file__],
        env=os.environ | {"PYTHONPATH": place, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def on_one(tmp_path_factory) -> dict:
    return two_devices.on_any(tmp_path_factory.mktemp("one"))


def test_two_devices_learn_what_one_learns(on_one, on_two):
    """Fails when the optimizer breaks on the second replica, or a last batch of one image ends it all."""
    one, two = on_one["plain"], on_two["plain"]
    assert two["losses"] == pytest.approx(one["losses"], rel=1e-6)
    assert np.allclose(two["predicted"], one["predicted"], rtol=0, atol=1e-6)
    assert len(two["predicted"]) == 17


def test_batch_norm_counts_the_images_of_all_devices(on_one, on_two):
    """Fails when each device normalises by its own half of the batch: the first loss is another one then."""
    one, two = on_one["normed"], on_two["normed"]
    assert two["losses"] == pytest.approx(one["losses"], rel=1e-5)
    assert np.allclose(two["predicted"], one["predicted"], rtol=0, atol=1e-5)


def test_its_averages_are_retaken_over_the_same_images(on_one, on_two):
    """Fails when the last image, which two devices cannot share, is left out."""
    one, two = on_one["normed"]["averages"], on_two["normed"]["averages"]
    assert len(one) == 2
    assert np.allclose(two, one, rtol=1e-4, atol=1e-6)


def test_a_training_on_two_devices_resumes_to_the_same_bits(on_two):
    assert on_two["resumed"] == on_two["whole"]


def test_batches_that_cannot_be_shared_at_all_are_one_line(on_two):
    assert "alone: its batches hold fewer images than there are devices" in on_two["small"]


def test_a_batch_of_one_is_trained_on_one_device(on_two):
    assert 0 < on_two["gan"] < 100


def test_a_batch_that_devices_cannot_share_evenly_is_one_line(on_two):
    """Fails when every batch silently loses an image: the batch would not be the paper's."""
    assert on_two["uneven"].endswith("2 devices cannot share a batch of 3 evenly: give --devices 1 or 3")


def test_one_gpu_is_used_unless_more_are_asked_for():
    """Fails when draws that run side by side all take every GPU, or a missing GPU goes unnoticed."""
    assert choose_gpus(["a", "b"], 1) == ["a"] and choose_gpus(["a", "b"], 2) == ["a", "b"]
    assert choose_gpus([], 1) == []
    with pytest.raises(UserError, match="--devices 2: this machine has no GPUs"):
        choose_gpus([], 2)
