"""Standardised kernels: the size of a kernel decides how far a step turns it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from reproductions.zhao import bit


def test_a_step_turns_a_kernel_of_a_sixth_of_the_variance_six_times_as_far():
    """Deviation 6: weight standardisation hides a kernel's size from the loss, but not from its gradient."""
    kernel = keras.ops.convert_to_tensor(np.random.default_rng(0).normal(size=(3, 3, 8, 4)).astype("float32"))
    direction = np.random.default_rng(1).normal(size=(3, 3, 8, 4)).astype("float32")

    def turned(scale):
        variable = tf.Variable(kernel * scale)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(bit.standardise(variable) * direction)
        step = 1e-6 * np.asarray(tape.gradient(loss, variable))
        return np.linalg.norm(step) / np.linalg.norm(variable)

    assert turned(6**-0.5) / turned(1.0) == pytest.approx(6, rel=1e-3)
