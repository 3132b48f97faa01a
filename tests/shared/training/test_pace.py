"""What a run reports of its speed, by a clock that the test sets; peak memory."""

import time

import numpy as np
import pytest
import tensorflow as tf
from runtimes import ON_CPU

from shared.training import pace


class Clock:
    """Stands still unless it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds


def slow(clock: Clock, seconds: float, images: int = 10, batch: int = 4) -> tf.data.Dataset:
    """Batches (images, labels) that take so long each."""
    pixels = np.arange(images * 3, dtype="float32").reshape(images, 3)

    def delay(x, y):
        def wait(x):
            time.sleep(0.04)  # in which the step before would end, if this batch were fetched ahead
            clock.move(seconds)
            return x

        return tf.ensure_shape(tf.numpy_function(wait, [x], tf.float32), x.shape), y

    return tf.data.Dataset.from_tensor_slices((pixels, np.arange(images))).batch(batch).map(delay)


def consumed(measuring: pace.Pace, clock: Clock, data: float, step: float, epochs: int = 2) -> None:
    """Epochs of three batches that take `data` seconds each, with steps of `step` seconds."""
    for _ in range(epochs):
        clock.move(50)  # between epochs: validation, say
        with measuring.epoch(slow(clock, data)) as batches:
            for _ in batches:
                time.sleep(0.02)
                clock.move(step)
        clock.move(50)


@pytest.mark.parametrize(("data", "step", "share"), [(3, 1, 0.75), (0, 2, 0.0), (1, 3, 0.25)])
def test_the_share_of_waiting_and_the_images_per_second_of_the_steps(data, step, share):
    """Fails when the order of the notes is not that of the batches, or when validation counts."""
    clock = Clock()
    measuring = pace.Pace(clock)
    consumed(measuring, clock, data, step)
    rate = 20 / (2 * 3 * (data + step))
    assert measuring.facts() == {"images_per_second": float(f"{rate:.4g}"), "waiting_share": share}


def test_counted_batches_are_the_same_bits_with_the_same_shapes_and_number():
    clock = Clock()
    plain = slow(clock, 0)
    with pace.Pace(clock).epoch(plain) as counted:
        assert counted.element_spec == plain.element_spec and len(counted) == len(plain) == 3
        for ours, theirs in zip(counted, plain, strict=True):
            assert all(a.numpy().tobytes() == b.numpy().tobytes() for a, b in zip(ours, theirs, strict=True))


def test_what_trained_nothing_reports_no_speed_and_nobody_measures_unasked():
    assert pace.Pace().facts() == {}
    batches = slow(Clock(), 0)
    with pace.epoch(batches) as counted:
        assert counted is batches
    with pace.measured() as measuring, pace.epoch(batches) as counted:
        assert len(list(counted)) == 3
    assert measuring.images == 10


def test_the_peak_is_that_of_the_draw_and_not_of_the_one_before():
    """Fails when the process's peak is never forgotten."""
    pace.forget_peak(ON_CPU)
    before = pace.peak_bytes(ON_CPU)
    block = np.ones(2**27, "uint8")
    high = pace.peak_bytes(ON_CPU)
    assert high > before + 2**26
    del block
    pace.forget_peak(ON_CPU)
    assert pace.peak_bytes(ON_CPU) < high - 2**26
