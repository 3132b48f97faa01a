"""What each stage depends on, as written on disk: a training made before must be found again."""

import dataclasses
import json

import numpy as np
import pytest
from probe_keys import Told
from runtimes import ON_CPU

from data_builders import phantom
from reproductions.altaf import PAPER, data, experiment, keys
from reproductions.altaf.config import ROWS, Row
from reproductions.altaf.intermediate import intermediate_model
from shared.paper import Context
from shared.training.backbones import BACKBONES
from shared.training.stages import Stages

BY_ID = {row.id: row for row in ROWS}
TARGET = {
    "dataset": "sc2c",
    "backbone": "resnet50",
    "test_fraction": 0.1,
    "split": "chunk",
    "weights": "imagenet",
    "head": "published",
    "momentum": 0.99,
    "source_side": 224,
    "batch": 16,
    "epochs": 5,
    "rate": 0.0005,
    "output_rate": 10.0,
    "scaling": (0.9, 1.1),
    "translation": 5.0,
}
RADIOGRAPHS = {
    "side": 448,
    "findings_per_class": 775,
    "intermediate_epochs": (5, 5, 5),
    "intermediate_rate": 0.001,
    "rate_divisor": 10.0,
    "central_crop": 850 / 1024,
    "rotation": 7.0,
}


@pytest.fixture
def context(tmp_path):
    runtime = ON_CPU
    return Context(tmp_path, tmp_path, tmp_path, tmp_path, runtime, Stages(tmp_path), 0, demo=True)


def test_keys_are_those_of_the_trainings_made_so_far():
    """Fails when a field is renamed, gets another default, or falls out of a key."""
    transfer, combined = BY_ID["sc2c-resnet50-transfer"], BY_ID["sc2c-resnet50-combined"]
    assert keys.target_key(transfer) == TARGET | {"boosted": False, "augmented": False}
    assert keys.target_key(combined) == TARGET | RADIOGRAPHS | {"boosted": True, "augmented": True}
    shared = {
        name: TARGET[name] for name in ("backbone", "weights", "head", "momentum", "source_side", "batch")
    }
    assert keys.intermediate_key(combined) == shared | RADIOGRAPHS


def test_rows_share_what_does_not_depend_on_them():
    """4 intermediate trainings for all of Table 1; boosted-aug and combined are one training."""
    boosted = [row for row in ROWS if row.boosted]
    assert len({json.dumps(keys.intermediate_key(row)) for row in boosted}) == 4
    found = {row.id: json.dumps(keys.target_key(row), sort_keys=True) for row in ROWS}
    assert found["sc2c-vgg16-boosted-aug"] == found["sc2c-vgg16-combined"] != found["sc2c-vgg16-boosted"]
    assert len(set(found.values())) == 4 * (2 * 3 + 3 + 1 + 1) + 1


def test_other_readings_are_rows_that_differ_in_their_reading_alone():
    """Fails when a reading changes anything else, or a line of Table 1 has but one reading."""
    as_printed = {row.id: row for row in ROWS if row.id.endswith("@as-printed")}
    assert len(as_printed) == 16 + 4
    for row_id, row in as_printed.items():
        draws = 3 if row.dataset == "sc2c" else 5
        stated = dataclasses.replace(row, id=row_id.split("@")[0], draws=5, test_fraction=0.1)
        assert stated == BY_ID[stated.id] and (row.draws, row.test_fraction) == (draws, 0.2)
    moving = {row.id: row for row in ROWS if row.averages == "moving"}
    with_norm = ("inceptionv3", "resnet50", "densenet201")
    assert set(moving) == {f"{d}-{b}-transfer@moving-averages" for d in ("sc2c", "ccd") for b in with_norm}
    for row_id, row in moving.items():
        assert dataclasses.replace(row, id=row_id.split("@")[0], averages="retaken") in ROWS
    averaged = BY_ID["ccd-vgg16-transfer@averaged-head"]
    assert (
        dataclasses.replace(averaged, id="ccd-vgg16-transfer", head="published")
        == BY_ID["ccd-vgg16-transfer"]
    )


def test_runs_with_the_moving_averages_of_before_are_not_taken_for_retaken_ones():
    """Fails when an old run's missing field is read as today's default, or VGG16's runs are lost."""
    for row in ROWS:
        assert PAPER.code_version(row) == (1 if row.backbone == "vgg16" else 2), row.id


def test_rows_split_at_random_differ_in_their_split_alone():
    """Fails when section 5's comparison changes more, or its test images pass for the text's chunks."""
    found = {row.id: row for row in ROWS if row.split == "random"}
    assert set(found) == {f"ccd-{row.backbone}-transfer-random-split" for row in ROWS}
    for row_id, row in found.items():
        text = BY_ID[row_id.removesuffix("-random-split")]
        assert dataclasses.replace(row, id=text.id, split="chunk") == text
        assert PAPER.split_of(row) != PAPER.split_of(text)
        assert set(PAPER.in_force(row)) == set(PAPER.in_force(text)) - {10} | {17}


def test_a_row_rests_on_the_deviations_of_its_method():
    """Fails when a plain transfer is said to augment, or a method's own reading is kept from its rows."""
    always, boosted = {1, 3, 5, 6, 10, 11, 14}, {2, 4, 13}
    expected = {
        "transfer": always | {7},
        "boosted": always | boosted,
        "boosted-aug": always | boosted | {8, 12},
        "combined": always | boosted | {8, 9, 12},
    }
    for method, numbers in expected.items():
        row = BY_ID[f"sc2c-resnet50-{method}"]
        assert PAPER.in_force(row) == sorted(numbers)
        assert PAPER.in_force(BY_ID[f"{row.id}@as-printed"]) == sorted(numbers | {15})


def test_the_dictionary_s_fields_do_not_train_anew_and_batch_norms_momentum_does():
    row = BY_ID["sc2c-resnet50-combined"]
    key = keys.target_key(row)
    free = ({"code_norm": "l1"}, {"sparsity": 5}, {"ridge": 1.0}, {"draws": 2}, {"averages": "moving"})
    for change in free:
        assert keys.target_key(dataclasses.replace(row, **change)) == key
    other = dataclasses.replace(row, momentum=0.9)
    assert keys.target_key(other) != key and keys.intermediate_key(other) != keys.intermediate_key(row)
    plain = BY_ID["sc2c-resnet50-transfer"]
    assert keys.target_key(dataclasses.replace(plain, momentum=0.9)) != keys.target_key(plain)


def test_another_seed_or_precision_is_another_training(context):
    row = Row(id="x", weights="random")
    other_seed = dataclasses.replace(context, seed=1)
    half = dataclasses.replace(context.runtime, precision="mixed_float16")
    other_precision = dataclasses.replace(context, runtime=half)
    found = [keys.surroundings(row, each) for each in (context, other_seed, other_precision)]
    assert found[0] == {"seed": 0, "precision": "float32", "start": "random"}
    assert found[0] != found[1] and found[0] != found[2]


def test_other_findings_of_the_same_radiographs_are_another_training(context, tmp_path, monkeypatch):
    """Fails when the labels of before are found again, trained on, for those of a newer list."""
    phantom.write("chest_xray14", tmp_path, per_class=4, side=32)
    row = Row(id="x", method="boosted", weights="random", findings_per_class=2, side=32)
    table = data.findings(row.findings_per_class, tmp_path, tmp_path)
    images = data.Images(np.zeros(0), np.zeros(0), table)
    asked, found = dataclasses.replace(context, stages=Told(tmp_path)), []
    for findings in (table.extra["findings"], np.roll(table.extra["findings"], 1)):
        said = dataclasses.replace(table, extra=table.extra | {"findings": findings})
        monkeypatch.setattr(data, "findings", lambda *_, said=said: said)
        found.append((intermediate_model(row, asked), experiment.seen(row, images, asked)))
    assert found[0][0] != found[1][0] and found[0][1] != found[1][1]


def test_other_weights_of_the_same_name_and_size_are_another_training(context, tmp_path):
    """Fails when a stage made from one file of weights is found again for another."""
    row = Row(id="x", head="gap")
    file = tmp_path / BACKBONES[row.backbone].weight_files(top=False)[0]
    file.write_bytes(b"one")
    first = keys.surroundings(row, context)
    file.write_bytes(b"two")
    assert keys.surroundings(row, context) != first
