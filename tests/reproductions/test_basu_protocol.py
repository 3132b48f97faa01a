"""Who reaches which network of Basu et al., as what, how often and at which rate: seen on a tiny one."""

from dataclasses import replace
from pathlib import Path

import probe
import pytest
from keras import layers

import reproductions.basu
from reproductions.basu import data, experiment, model
from reproductions.basu.config import ROWS

README = Path(reproductions.basu.__file__).with_name("README.md")
SMALL = {"side": 32, "normal_a": 9, "diseased_a": 12, "validation_a": 4, "normal_b": 5, "per_finding": 2}
ROW = {row.id: replace(row, batch=8, **SMALL) for row in ROWS}
DETL = replace(ROW["vgg16-detl"], epochs=3, tuning_epochs=2, covid=6)


def tiny(x, kernels, dropout):
    """A network with a frozen part that holds batch norm, a last block, and a dense layer."""
    x = layers.Conv2D(4, 3, strides=2, name="block4_conv1")(x)
    x = layers.BatchNormalization(name="block4_norm")(x)
    x = layers.ReLU(name="block5_conv3_relu")(layers.Conv2D(4, 3, name="block5_conv3")(x))
    x = layers.Dense(6, name="fc1")(layers.Flatten()(x))
    return layers.Dropout(dropout, name="fc1_dropout")(x)


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    datasets = {"chest_xray14": 6, "covid_chestxray": 12}
    with probe.scene(tmp_path_factory.mktemp("probe"), datasets) as scene:
        own = model.Network(tiny, "block5", "block5_conv3_relu", ("fc1",))
        for name in model.NETWORKS:
            scene.patch.setitem(model.NETWORKS, name, own)
        yield scene


@pytest.fixture(scope="module")
def detl(scene):
    """The log of a fold, stage 1 included, and its predictions."""
    with probe.watch() as log:
        found = experiment.run(DETL, 0, scene.context("detl"))
    return log, found


@pytest.fixture(scope="module")
def parts(scene):
    """Who is who: the numbers of the images in each part of Data-A and of Data-B's first fold."""
    nih, covid = (scene.table(name) for name in ("chest_xray14", "covid_chestxray"))
    number = {name: k for dataset in scene.datasets for k, name in scene.names(dataset).items()}
    a, b = data.split_of_a(DETL, nih, 0), data.images_b(DETL, nih, covid, 0)
    train, test = data.folds(DETL, b.labels, b.patients, 0)[0]
    names = {
        "Data-A's training part": nih.name[a.train],
        "Data-A's validation part": nih.name[a.validation],
        "four folds of Data-B": b.samples[train],
        "the fifth": b.samples[test],
    }
    return {part: [number[name] for name in own] for part, own in names.items()}


@pytest.fixture(scope="module")
def truth(scene):
    """The class of each image in Data-A and in Data-B, from the datasets' own words."""
    nih, covid = (scene.table(name) for name in ("chest_xray14", "covid_chestxray"))
    number = {name: k for dataset in scene.datasets for k, name in scene.names(dataset).items()}
    findings = dict(zip(nih.name, nih.extra["findings"], strict=True))
    of_a = {number[n]: "normal" if f == "No Finding" else "diseased" for n, f in findings.items()}
    words = {"No Finding": "normal", "Pneumonia": "pneumonia"}
    of_b = {number[n]: words.get(f, "other disease") for n, f in findings.items()}
    return of_a, of_b | {number[name]: "COVID-19" for name in covid.name}


def test_protocol_table(scene, detl, parts, truth):
    """Fails when who is trained on or scored, pixels, augmentation, rates or what is frozen changes."""
    log, _ = detl
    one, two = log.trainings
    of_a = {name: numbers for name, numbers in parts.items() if "Data-A" in name}
    of_b = {name: numbers for name, numbers in parts.items() if "Data-A" not in name}
    a, b = log.predictions
    lines = [
        probe.phase("stage 1", one, probe.UNIT, of_a, scene, truth[0]),
        probe.judged("stage 1, after each epoch", one.validations, probe.UNIT, of_a, scene),
        probe.judged("stage 1, scored", [a], probe.UNIT, of_a, scene),
        probe.phase("stage 2", two, probe.UNIT, of_b, scene, truth[1]),
        probe.judged("stage 2, scored", [b], probe.UNIT, of_b, scene),
    ]
    probe.check_table(README, lines)
