"""The features of a model's last layer, wherever it lies, and how strange an image is by them."""

import keras
import numpy as np
from keras import layers

from shared.training.likeness import strangeness
from shared.training.trained import activations, spread


def test_activations_are_read_by_the_last_layer_with_weights_also_inside_a_nested_model():
    """Fails when the logits are taken, or the nested model's input."""
    images = keras.Input((4,))
    base = keras.Model(images, layers.Dense(3, name="base")(images))
    maps = keras.Input((3,))
    hidden = layers.Dense(5, activation="relu")(maps)
    head = keras.Model(maps, layers.Softmax()(layers.Dense(2)(hidden)))
    whole = keras.Model(images, head(base.output))
    x = np.random.default_rng(0).random((6, 4), dtype="float32")
    expected = np.asarray(keras.Model(maps, hidden)(base(x)))
    assert np.array_equal(np.asarray(activations(whole)(x)), expected)


def test_strangeness_is_the_share_of_known_images_nearer_to_the_rest():
    """Fails when an image is compared with itself, or the sign is turned."""
    generator = np.random.default_rng(0)
    known = np.concatenate([[1.0], np.zeros(7)]) + 0.1 * generator.normal(size=(200, 8))
    alike = np.concatenate([[1.0], np.zeros(7)]) + 0.1 * generator.normal(size=(200, 8))
    found = strangeness(alike, known)
    assert 0.4 < found.mean() < 0.6 and abs(np.mean(found > 0.9) - 0.1) < 0.06
    assert (strangeness(-known, known) == 1).all()
    assert np.isnan(strangeness(alike, known[:5])).all()


def test_kept_images_are_spread_over_all_of_them():
    """Fails when the first ones are taken: classes lie in blocks."""
    assert list(spread(3)) == [0, 1, 2]
    places = spread(5000)
    assert len(places) == 500 and places[0] == 0 and places[-1] == 4999
    assert np.ptp(np.diff(places)) <= 1
