"""What the tests of Basu et al.'s protocol share: tiny networks on numbered images, and the label files."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keras
import probe
from keras import layers

from reproductions.basu import experiment, model
from reproductions.basu.config import ROWS
from shared.training.backbones import BACKBONES

SMALL = {"side": 32, "normal_a": 9, "diseased_a": 12, "validation_a": 4, "normal_b": 4, "per_finding": 2}
SMALL |= {"epochs": 4, "warmup_epochs": 1, "dropout": 0.0}
ROW = {row.id: replace(row, batch=8, **SMALL) for row in ROWS}
STAGE_TWO = {"covid": 6, "tuning_epochs": 2, "folds": 3}
DETL, CLEAN, RANDOM, IMAGENET = (
    replace(ROW[f"vgg16-{name}"], **STAGE_TWO) for name in ("detl", "detl-clean", "random", "imagenet")
)
CLEAN = replace(CLEAN, validation_a=2, folds=2)
FROZEN = {"block4_conv1", "block4_norm"}


def tiny(x, kernels, dropout):
    """A network with a frozen part that holds batch norm, a last block, and a dense layer."""
    x = layers.Conv2D(4, 3, strides=2, name="block4_conv1")(x)
    x = layers.BatchNormalization(name="block4_norm")(layers.ReLU()(x))
    x = layers.ReLU(name="block5_conv3_relu")(layers.Conv2D(4, 3, name="block5_conv3")(x))
    x = layers.Dense(6, name="fc1")(layers.GlobalAveragePooling2D()(x))
    return layers.Dropout(dropout, name="fc1_dropout")(x)


class Published(probe.ProbeBackbone):
    """The frozen part of the tiny network, as a file of ImageNet's weights holds it."""

    def whole(self, input_shape, top, head):
        pixels = keras.Input(input_shape)
        x = layers.Conv2D(4, 3, strides=2, name="block4_conv1")(pixels)
        return keras.Model(pixels, layers.BatchNormalization(name="block4_norm")(x), name=self.name)


@contextlib.contextmanager
def numbered(folder: Path) -> Iterator[probe.Scene]:
    """Both datasets, and the tiny network in the place of every network."""
    datasets = {"chest_xray14": 12, "covid_chestxray": 12}
    with probe.scene(folder, datasets) as scene:
        own = model.Network(tiny, "block5", "block5_conv3_relu", ("fc1",))
        for name in model.NETWORKS:
            scene.patch.setitem(model.NETWORKS, name, own)
        scene.patch.setitem(BACKBONES, "vgg16", Published(**vars(BACKBONES["vgg16"])))
        yield scene


def logged(scene, row, draw=0):
    with probe.watch() as log:
        found = experiment.run(row, draw, scene.context(f"{row.id}-{draw}"))
    return log, found


def label_files(data_dir: Path) -> dict[str, tuple[list[str], str]]:
    """Image -> its findings and its patient, read from the label files by nothing of ours."""
    with (data_dir / "chest_xray14" / "Data_Entry_2017_v2020.csv").open() as file:
        nih = {line["Image Index"]: line for line in csv.DictReader(file)}
    with (data_dir / "covid_chestxray" / "metadata.csv").open() as file:
        covid = {line["filename"]: line for line in csv.DictReader(file)}
    own = {name: (line["Finding Labels"].split("|"), line["Patient ID"]) for name, line in nih.items()}
    return own | {name: ([line["finding"]], f"c{line['patientid']}") for name, line in covid.items()}
