"""For test_replicas: as a script, trainings on two logical CPUs; prints what came out as JSON."""

import json
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from runtimes import ON_CPU, set_as_in_a_run, set_deterministic

from data_builders.pipeline import eval_batches, train_batches
from reproductions.zebin.cyclegan import CycleGAN
from shared.base.errors import UserError
from shared.training import averages, fitting, optimizers, replicas

IMAGES, BATCH = 17, 4
PIXELS = np.random.default_rng(0).integers(0, 255, (IMAGES, 8, 8, 1)).astype("uint8")
LABELS = np.arange(IMAGES) % 2


def two_logical_devices() -> None:
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    tf.distribute.experimental_set_strategy(strategy)


def train(dropout: float, folder: Path, stop_after: int | None = None, norm: bool = False) -> dict:
    """Three epochs of a small network; without dropout the same on one device as on two."""
    keras.utils.set_random_seed(0)
    # A bias before batch norm has no gradient but rounding, of which Adam makes whole steps.
    layers = [keras.layers.Input((8, 8, 1)), keras.layers.Conv2D(4, 3, use_bias=not norm)]
    layers += [keras.layers.BatchNormalization()] if norm else []
    layers += [keras.layers.Flatten()]
    layers += [keras.layers.Dropout(dropout)] if dropout else []
    model = keras.Sequential([*layers, keras.layers.Dense(2, activation="softmax", name="output")])
    adam = optimizers.Adam(1e-2, layer_rates={"output": 3.0})
    fitting.compile_model(model, adam, "categorical_crossentropy", ON_CPU)

    def all_batches(epoch: int) -> tf.data.Dataset:
        return train_batches(PIXELS, LABELS, classes=2, batch=BATCH, seed=0, epoch=epoch)

    def batches(epoch: int) -> tf.data.Dataset:
        whole = all_batches(epoch)
        return whole if replicas.count() > 1 else whole.take(IMAGES // BATCH)  # the batch of one is left out

    def after_epoch(epoch: int, logs: dict) -> None:
        if epoch == stop_after:
            raise KeyboardInterrupt

    options = {"epochs": 3, "seed": 0, "folder": folder, "title": "two devices", "after_epoch": after_epoch}
    history = fitting.fit(model, batches, **options)
    predicted = fitting.predict(model, eval_batches(PIXELS, batch=BATCH))
    averages.retake(model, all_batches(3), "two devices")
    kept = [np.asarray(value).tolist() for value in model.non_trainable_variables if "moving" in value.name]
    return {
        "losses": [logs["loss"] for logs in history],
        "predicted": predicted.tolist(),
        "averages": kept,
    }


def resumed(folder: Path) -> dict:
    try:
        train(0.5, folder, stop_after=1)
    except KeyboardInterrupt:
        return train(0.5, folder)
    raise AssertionError("the training was not stopped")


def refused(folder: Path, batch: int) -> str:
    model = keras.Sequential([keras.layers.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    fitting.compile_model(model, optimizers.Adam(1e-2), "mse", ON_CPU)

    def batches(epoch: int) -> tf.data.Dataset:
        return train_batches(PIXELS, LABELS, classes=2, batch=batch, seed=0, epoch=epoch)

    try:
        fitting.fit(model, batches, epochs=1, seed=0, folder=folder, title="alone")
    except UserError as error:
        return str(error)
    return "trained"


def batch_of_one() -> float:
    with replicas.one_device():
        model = CycleGAN(32, filters=2, blocks=1, pool=2).ready(1e-3, 0.5, ON_CPU)
        images = tf.data.Dataset.from_tensors(np.ones((1, 32, 32, 1), "float32"))
        return model.fit(tf.data.Dataset.zip(images, images), verbose=0).history["cycle_loss"][0]


def on_any(place: Path) -> dict:
    """What any number of devices learns."""
    return {"plain": train(0.0, place / "plain"), "normed": train(0.0, place / "normed", norm=True)}


if __name__ == "__main__":
    set_deterministic()
    set_as_in_a_run()
    two_logical_devices()
    place = Path(tempfile.mkdtemp())
    found = {
        "whole": train(0.5, place / "a"),
        "resumed": resumed(place / "b"),
        "small": refused(place / "d", 1),
        "uneven": refused(place / "e", 3),
        "gan": batch_of_one(),
    }
    print(json.dumps(found | on_any(place)))
