"""What makes stage 1 of Basu et al. anew, and whom the clean protocol keeps apart."""

from dataclasses import replace

import numpy as np
import probe
import pytest
from basu_scene import CLEAN, DETL, ROW, label_files, logged, numbered
from probe_keys import Told

from reproductions.basu import data, experiment, stage_one


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    with numbered(tmp_path_factory.mktemp("probe")) as scene:
        yield scene


@pytest.fixture(scope="module")
def trained(scene):
    """Stage 1, trained."""
    return logged(scene, ROW["vgg16-data-a"])


def test_what_changes_the_key_of_stage_1(scene, trained):
    """One input at a time: fails when stage 1 is found again although it would be another, or the reverse."""
    one = ROW["vgg16-data-a"]

    def keys(row=one, context=None, draw=0):
        return scene.keys(lambda at: experiment.run(row, draw, at), context, inside=False)

    base, here = keys(), scene.context("keys")
    runtime = replace(here.runtime, precision="mixed_bfloat16")
    anew = {
        "radiographs": keys(context=scene.replaced("chest_xray14")),
        "seed": keys(context=replace(here, seed=1)),
        "precision": keys(context=replace(here, runtime=runtime)),
        **{name: keys(replace(one, **{name: value})) for name, value in ANEW.items()},
    }
    found = {
        "another row": keys(DETL),
        "another fold": keys(DETL, draw=1),
        "its name": keys(replace(one, id="x")),
    }
    found |= {name: keys(replace(DETL, **{name: value})) for name, value in FOUND.items()}
    assert [name for name, own in anew.items() if own == base] == []
    assert [name for name, own in found.items() if own != base] == []


ANEW = {"network": "resnet50", "kernels": "original", "side": 36, "batch": 4, "dropout": 0.5}
ANEW |= {"learning_rate": 1e-4, "epochs": 5, "warmup_epochs": 0, "rotation": 5.0, "zoom": (0.8, 1.2)}
ANEW |= {"flip": False, "protocol": "clean", "normal_a": 1, "diseased_a": 5, "validation_a": 2}
ANEW |= {"pneumonia_a": "any"}
FOUND = {"tuning_epochs": 3, "tuning_rate": 1e-3, "momentum": 0.5, "covid": 5}


def test_both_parts_of_data_a_and_the_seed_are_in_the_key_of_stage_1(scene):
    """Fails when other training images or labels, or other initial weights, find the old stage 1."""

    one, nih = ROW["vgg16-data-a"], scene.table("chest_xray14")
    context, split = replace(scene.context("parts"), stages=Told(scene.root)), data.split_of_a(one, nih, 0)
    key = stage_one.stage_one(one, nih, split, context)
    for part in ("train", "validation"):
        fewer = replace(split, **{part: getattr(split, part)[1:]})
        assert stage_one.stage_one(one, nih, fewer, context) != key, part
    assert stage_one.stage_one(one, nih, split, replace(context, seed=1)) != key
    relabelled = replace(nih, extra=nih.extra | {"findings": np.roll(nih.extra["findings"], 1)})
    assert stage_one.stage_one(one, relabelled, split, context) != key


def test_equal_numbers_in_two_collections_are_two_patients(scene):
    """Fails when patient 1 of one hospital is kept apart from patient 1 of another."""
    nih, covid = (scene.table(name) for name in ("chest_xray14", "covid_chestxray"))
    nih, covid = (replace(table, patient=np.full(len(table.patient), "1")) for table in (nih, covid))
    found = data.images_b(DETL, nih, covid, 0)
    assert found.patients.tolist() == ["nih-1"] * len(found.nih.name) + ["cohen-1"] * len(found.covid.name)


def test_clean_keeps_the_patients_apart(scene):
    """No patient of Data-B in Data-A, none in both parts of it, and none in two folds: by the label files."""
    findings = label_files(scene.data_dir)
    name = {k: n for dataset in scene.datasets for k, n in scene.names(dataset).items()}

    def patients(one):
        return {findings[name[k]][1] for k in one.numbers(probe.UNIT).tolist()}

    logs = [logged(scene, CLEAN, draw)[0] for draw in range(CLEAN.folds)]
    first = logs[0].trainings[0]
    in_a = [patients(first.epochs[0]), patients(first.validations[0])]
    in_b = [patients(log.predictions[-1]) for log in logs]
    assert not in_a[0] & in_a[1] and not (in_a[0] | in_a[1]) & set().union(*in_b)
    assert sum(map(len, in_b)) == len(set().union(*in_b))
