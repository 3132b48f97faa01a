"""Random numbers for many keys at once are those that TensorFlow gives for one key at a time."""

import numpy as np
import pytest
import tensorflow as tf

from data_builders.philox import uniforms


@pytest.mark.parametrize("count", [1, 4, 7])
@pytest.mark.parametrize(("seed", "epoch"), [(0, 0), (1, 2), (3_000_000_000, 7), (-3, 2**40)])
def test_each_is_what_tensorflow_draws_under_its_key(seed, epoch, count):
    """Fails when a resumed training would see other images than the one that was stopped."""
    ids = np.array([0, 1, 2**31, 2**62 + 5, -1])
    found = uniforms(seed, epoch, 1, ids, count)
    of_purpose = tf.random.fold_in(tf.constant([seed, epoch], tf.int64), 1, alg="philox")
    for one, drawn in zip(ids, found, strict=True):
        key = tf.random.fold_in(of_purpose, one, alg="philox")
        assert np.array_equal(drawn, tf.random.stateless_uniform([count], key, alg="philox"))
