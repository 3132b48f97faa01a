"""Training steps as a run takes them, against the same network elsewhere."""

from __future__ import annotations

import sys

import numpy as np

from shared.base.untuned import untuned
from shared.training import fitting, optimizers, runtime
from tests.benchmarks.measuring import Measured, Served, other_environment, seconds, tell, versus

STEPS = 2
BATCHES = {"bit-224": 4, "bit-480": 1, "bit-224-bf16": 4, "bit-480-bf16": 1, "resnet50": 4, "inceptionv3": 4}
TORCHVISION = {"resnet50": "resnet50", "inceptionv3": "inception_v3"}
PLAIN = {"resnet50": "ResNet50", "inceptionv3": "InceptionV3"}


def bit(side: int, started):
    """BiT as it is trained on three classes."""
    import keras

    from reproductions.zhao.bit import bit_resnet50x1

    model = bit_resnet50x1(3, side)
    optimizer = keras.optimizers.SGD(0.003, momentum=0.9)
    return fitting.compile_model(model, optimizer, "categorical_crossentropy", started)


def fine_tuned(name: str, started):
    """A whole backbone with a new output layer."""
    import keras

    from shared.training.backbones import BACKBONES

    base = BACKBONES[name].build((224, 224, 3))
    model = keras.Model(base.input, keras.layers.Dense(2, activation="softmax")(base.output))
    return fitting.compile_model(model, optimizers.Adam(1e-4), "categorical_crossentropy", started)


def steps_of(model, side: int, batch: int):
    """A function that times a few steps."""
    import tensorflow as tf

    classes, n = model.output_shape[-1], batch * STEPS
    images = np.random.default_rng(0).random((n, side, side, 3), "float32")
    labels = np.eye(classes, dtype="float32")[np.arange(n) % classes]
    batches = untuned(tf.data.Dataset.from_tensor_slices((images, labels)).batch(batch).prefetch(2))
    return lambda: seconds(lambda: model.fit(batches, shuffle=False, verbose=0))


def cyclegan(started):
    """A function that times a step of the CycleGAN as the paper has it: half a minute on two busy cores."""
    import tensorflow as tf

    from reproductions.zebin.cyclegan import CycleGAN

    model = CycleGAN(256, 1, 64, 9, 50, 10.0, 5.0).ready(2e-4, 0.5, started)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 1, 1, 256, 256, 1)).astype("float32")
    batches = untuned(tf.data.Dataset.from_tensor_slices(tuple(images)))
    return lambda: seconds(lambda: model.fit(batches, shuffle=False, verbose=0))


def half_against_whole(name: str) -> Measured:
    """The same step in both precisions, which shows whether a processor has units for the half one."""

    def step(precision: str):
        started = runtime.start(precision)
        return cyclegan(started) if name == "cyclegan" else steps_of(fine_tuned(name, started), 224, 16)

    return versus(step("mixed_bfloat16"), step("float32"), False, rounds=3)


def measure(key: str) -> Measured:
    """One line of the table."""
    if key.endswith("-half"):
        return half_against_whole(key.removesuffix("-half"))
    started = runtime.start("mixed_bfloat16" if key.endswith("bf16") else "float32")
    torch = {"python": other_environment()}
    if key == "cyclegan":
        theirs = Served("torch_steps", "cyclegan", 256, 1, 1, "float32", **torch)
        return versus(cyclegan(started), theirs, False, rounds=3)
    name, _, against = key.partition("-")
    if name == "bit":
        side, batch = int(key.split("-")[1]), BATCHES[key]
        precision = "bfloat16" if key.endswith("bf16") else "float32"
        theirs = Served("torch_steps", "bit", side, batch, STEPS, precision, **torch)
        return versus(steps_of(bit(side, started), side, batch), theirs, False)
    batch = BATCHES[name]
    if against == "keras":
        theirs = Served("plain_keras", PLAIN[name], batch, STEPS)
    else:
        theirs = Served("torch_steps", TORCHVISION[name], 224, batch, STEPS, "float32", **torch)
    return versus(steps_of(fine_tuned(name, started), 224, batch), theirs, False)


if __name__ == "__main__":
    tell({sys.argv[1]: measure(sys.argv[1])})
