"""The first weights of a training follow its seed, and its last scores are those of the validation images."""

import keras
import numpy as np
import tensorflow as tf
from runtimes import ON_CPU

from shared.training import fitting, optimizers


def small_model():
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    return fitting.compile_model(model, optimizers.Adam(0.0), "categorical_crossentropy", ON_CPU)


def labelled(images: np.ndarray, labels: np.ndarray):
    one_hot = np.eye(2, dtype="float32")[labels]
    return tf.data.Dataset.from_tensor_slices((images, one_hot)).batch(8)


def test_initial_weights_are_a_function_of_the_seed_alone():
    """Fails when another generator is seeded than the one that Keras' initialisers take theirs from."""

    def first_weights(seed: int) -> np.ndarray:
        fitting.seed_initialisers(seed)
        return small_model().get_weights()[0]

    assert np.array_equal(first_weights(1), first_weights(1))
    assert not np.array_equal(first_weights(1), first_weights(2))


def test_the_scores_that_end_a_training_are_of_the_validation_images(tmp_path):
    """Fails when training images are scored: at rate 0 the model is right on them, wrong on the others."""
    model, images = small_model(), np.random.default_rng(0).random((16, 4), "float32")
    decided = model.predict(images, verbose=0).argmax(axis=1)
    history = fitting.fit(
        model,
        lambda epoch: labelled(images, decided),
        epochs=1,
        seed=0,
        folder=tmp_path,
        title="two parts",
        validation=lambda: labelled(images, 1 - decided),
    )
    assert (history[0]["accuracy"], history[0]["val_accuracy"]) == (1.0, 0.0)
