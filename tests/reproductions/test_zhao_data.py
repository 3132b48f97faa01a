"""Which images a training sees, and how."""

from dataclasses import replace

import numpy as np
import pytest

from data_builders import phantom
from data_builders.catalog import Table
from reproductions.zhao import data
from reproductions.zhao.config import CLASSES, ROWS, Row, demo
from shared.base.errors import UserError


def table(labels, patients):
    labels = np.array(labels)
    names = np.array([f"{i}.png" for i in range(len(labels))])
    return Table("covidx_ct", data.IN_DATASET, names, labels, np.array(patients), {}, labels, None)


def numbered(count, side=12):
    """Images whose grey value is their number, a third of each class."""
    pixels = np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None, None], (count, side, side, 1))
    labels = np.arange(count) % 3
    return data.Images(table(labels, labels.astype(str)), pixels)


def small(**changes) -> Row:
    return replace(demo(ROWS[0]), resize=12, crop=8, mixup=0.0, **changes)


def seen(row, images, seed=0):
    """The numbers of the images in each block's batches, read back from the pixels."""
    batches = data.training_blocks(row, images, seed)
    found = []
    for block in range(2):
        values = [np.asarray(x)[:, 0, 0, 0] for x, _ in batches(block)]
        found.append(np.rint((np.stack(values) + 1) / 2 * 255).astype(int))
    return found


def test_a_patient_in_two_splits_stops_the_run():
    """The official lists keep patients apart; mixed up, the test accuracy means nothing."""
    tables = {"train": table([0, 1], ["a", "b"]), "test": table([0, 1], ["c", "b"])}
    with pytest.raises(UserError, match="patient b is in both train and test"):
        data.refuse_shared_patients(tables)
    data.refuse_shared_patients({"train": tables["train"], "test": tables["test"].take([0])})


def test_official_lists_that_share_a_patient_are_refused_when_they_are_loaded(tmp_path):
    """The check is there but nobody asks it."""
    folder = phantom.write("covidx_ct", tmp_path / "data", per_class=10, side=32, patients=10)
    train, test = (folder / f"{name}_COVIDx_CT-2A.txt" for name in ("train", "test"))
    lines = train.read_text().splitlines()
    name, *rest = next(line for line in lines if line.startswith("CP_")).split()
    other = name.replace("_0", "_9", 1)
    (folder / "2A_images" / other).write_bytes((folder / "2A_images" / name).read_bytes())
    test.write_text(test.read_text() + " ".join([other, *rest]) + "\n")
    with pytest.raises(UserError, match="is in both train and test"):
        data.load(tmp_path / "data", tmp_path / "cache")


def test_a_block_has_its_steps_and_the_last_one_what_is_left():
    row = small(schedule=(1, 1, 1, 1, 5), block=3, batch=4)
    first, last = seen(row, numbered(30))
    assert first.shape == (3, 4) and last.shape == (2, 4)


def test_figure_8_trains_on_so_many_of_each_class_and_other_seeds_on_others():
    """A subset drawn anew in every block would in the end be the whole split."""
    row = small(schedule=(1, 1, 1, 1, 80), block=40, batch=8, per_class=3)
    images = numbered(90)
    first, second = (set(block.ravel()) for block in seen(row, images))
    assert first == second and len(first) == 9
    assert {label: sum(number % 3 == label for number in first) for label in range(3)} == {0: 3, 1: 3, 2: 3}
    assert set(seen(row, images, seed=1)[0].ravel()) != first


def test_the_whole_split_is_drawn_uniformly_without_per_class():
    row = small(schedule=(1, 1, 1, 1, 160), block=80, batch=8)
    counts = np.bincount(np.concatenate([b.ravel() for b in seen(row, numbered(30))]), minlength=30)
    assert counts.min() > 0 and counts.sum() == 2 * 80 * 8


def test_another_seed_draws_other_images_in_every_block():
    """All draws on the same batches, and all blocks of a draw alike."""
    row = small(schedule=(1, 1, 1, 1, 8), block=4, batch=8)
    first, second = (np.stack(seen(row, numbered(90), seed)) for seed in (0, 1))
    assert (first == second).mean() < 0.2 and (first[0] == first[1]).mean() < 0.2


def test_the_network_sees_three_equal_channels_from_minus_one_to_one_at_the_crop_s_size():
    pixels = np.zeros((6, 12, 12, 1), np.uint8)
    pixels[:, :, ::2] = 255
    images = data.Images(table([0, 1, 2] * 2, list("abcdef")), pixels)
    row = small(batch=6)
    x, y = next(iter(data.training_blocks(row, images, 0)(0)))
    x = np.asarray(x)
    assert x.shape == (6, 8, 8, 3) and y.shape == (6, 3)
    assert set(np.unique(x)) == {-1.0, 1.0}
    assert (x[..., :1] == x).all()


def test_a_training_mixes_up_only_where_the_row_says_so():
    """One λ per batch: all labels of a batch are mixed in the same proportion."""
    images = numbered(30)
    plain = next(iter(data.training_blocks(small(batch=6), images, 0)(0)))[1]
    assert set(np.unique(plain)) == {0.0, 1.0}
    row = replace(small(batch=6), mixup=1.0)
    for _, labels in data.training_blocks(row, images, 0)(0):
        weights = np.unique(np.round(np.asarray(labels), 5))
        inner = weights[(weights > 0) & (weights < 1)]
        assert len(inner) <= 2 and inner.sum() == pytest.approx(1 if len(inner) == 2 else inner.sum())
        assert np.asarray(labels).sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize(("share", "expected"), [(1.0, [0, 1, 2, 3, 4]), (0.6, [0, 2, 4]), (0.0, [])])
def test_the_curve_takes_its_images_from_the_whole_split(share, expected):
    """The first of a split sorted by class would be of one class only."""
    assert data.curve_rows(small(curve_share=share), 5).tolist() == expected


def test_the_look_alike_loads_in_three_splits_cut_to_their_boxes(tmp_path):
    """An uncut slice keeps the black frame around the body."""
    phantom.write("covidx_ct", tmp_path / "data", per_class=10, side=32, patients=10)
    tables = data.load(tmp_path / "data", tmp_path / "cache")
    counts = data.counts(tables)
    assert list(tables) == list(counts["images"]) == ["train", "validation", "test"]
    assert sum(sum(split.values()) for split in counts["images"].values()) == 30
    assert sum(sum(split.values()) for split in counts["patients"].values()) == 30
    test = data.images(tables["test"], 24, tmp_path / "cache")
    assert test.pixels.shape == (len(tables["test"]), 24, 24, 1)
    assert np.asarray(test.pixels)[:, (0, -1)].mean() > 30
    of_class = {CLASSES[k]: name for k, name in zip(test.labels, test.table.name, strict=True)}
    assert of_class["Normal"].lower().startswith("normal") and of_class["CP"].startswith("CP")
