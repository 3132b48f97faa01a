"""The time from nothing to the first training step, in processes of their own."""

from __future__ import annotations

import sys

from tests.benchmarks.lines import LINES
from tests.benchmarks.measuring import Measured, Served, Taken, tell, versus

BATCH = 2
ROUNDS = 3
APPLICATIONS = {
    "vgg16": "VGG16",
    "resnet50": "ResNet50",
    "inceptionv3": "InceptionV3",
    "densenet201": "DenseNet201",
    "efficientnetb0": "EfficientNetB0",
}


def once(script: str, *words: object) -> Taken:
    """Asked once, in a new process."""
    served = Served(script, *words)
    found = served()
    served.process.communicate()
    return found


def measure(key: str) -> Measured:
    """One line of the table."""
    name = key.removeprefix("start-")
    line = next(line for line in LINES if line.key == key)
    return versus(
        lambda: once("first_step", name, BATCH),
        lambda: once("plain_keras", APPLICATIONS[name], BATCH, 0),
        line.more_is_better,
        ROUNDS,
        warm=False,
    )


if __name__ == "__main__":
    tell({sys.argv[1]: measure(sys.argv[1])})
