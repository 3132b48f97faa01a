"""Batches as pure functions of (seed, epoch), evaluation in order, and pixels decoded once."""

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf

from data_builders import catalog, phantom
from data_builders.augment import Augment
from data_builders.pipeline import Frame, eval_batches, load_pixels, repeat_grey, train_batches
from shared.base import disk
from shared.base.errors import UserError

N = 21
AUGMENT = Augment(rotation=20, zoom=(0.8, 1.2), shift=0.1, flip=True, fill="nearest")


@pytest.fixture(scope="module")
def numbered():
    """Images whose every pixel is their row, and their labels."""
    return np.broadcast_to(np.arange(N, dtype=np.uint8)[:, None, None, None], (N, 6, 6, 1)), np.arange(N) % 3


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(0).integers(0, 256, (N, 8, 8, 1), dtype=np.uint8), np.arange(N) % 3


def gathered(dataset):
    images, labels = zip(*dataset.as_numpy_iterator(), strict=True)
    return np.concatenate(images), np.concatenate(labels)


def epoch(data, number=0, batch=4, **more):
    settings = {"classes": 3, "seed": 1, "augment": AUGMENT} | more
    return gathered(train_batches(*data, batch=batch, epoch=number, **settings))


def order(data, *where, **more):
    images, labels = epoch(data, *where, augment=None, finish=tf.identity, **more)
    rows = images[:, 0, 0, 0].astype(int)
    assert np.array_equal(labels.argmax(axis=1), rows % 3)
    return rows


def test_an_epoch_is_a_permutation_that_repeats_and_the_next_differs(numbered):
    first, again, second = order(numbered), order(numbered), order(numbered, 1)
    assert sorted(first) == list(range(N))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, np.arange(N))
    assert not np.array_equal(first, order(numbered, seed=2))


def test_augmentation_repeats_within_an_epoch_number_and_not_across(noise):
    """A global seed with stateful random ops repeats the same draws every epoch."""
    assert np.array_equal(epoch(noise)[0], epoch(noise)[0])
    by_row = [epoch(noise, number)[0][np.argsort(order(noise_rows(), number))] for number in (0, 1)]
    assert not np.any(np.all(by_row[0] == by_row[1], axis=(1, 2, 3)))


def noise_rows():
    return np.broadcast_to(np.arange(N, dtype=np.uint8)[:, None, None, None], (N, 8, 8, 1)), np.arange(N) % 3


def test_a_fixed_pool_is_the_same_in_every_epoch_but_for_the_order(noise):
    by_row = []
    for number in (0, 5):
        images = epoch(noise, number, fixed_pool=True)[0]
        by_row.append(images[np.argsort(order(noise_rows(), number))])
    assert np.array_equal(*by_row)


@pytest.mark.parametrize("batch", [1, 5, 8, N])
def test_the_batch_size_changes_no_image(noise, batch):
    assert np.array_equal(epoch(noise, batch=batch)[0], epoch(noise, batch=4)[0])


def test_the_number_of_workers_changes_no_image(noise):
    options = tf.data.Options()
    options.threading.private_threadpool_size = 1
    dataset = train_batches(*noise, classes=3, batch=4, seed=1, epoch=0, augment=AUGMENT)
    assert np.array_equal(gathered(dataset.with_options(options))[0], gathered(dataset)[0])


def test_ids_key_the_augmentation_of_subsets_as_of_the_whole(noise):
    """Folds share what is computed for an image only if its augmentation does not depend on the fold."""
    whole = gathered_eval(noise, augment=AUGMENT, seed=1, epoch=3)
    fold = gathered_eval(noise, augment=AUGMENT, seed=1, epoch=3, rows=[4, 9, 2])
    assert np.array_equal(fold, whole[[4, 9, 2]])
    other = gathered_eval(noise, augment=AUGMENT, seed=1, epoch=3, rows=[4, 9, 2], ids=[0, 9, 2])
    assert not np.array_equal(other[0], whole[4])
    assert np.array_equal(other[1:], whole[[9, 2]])


def gathered_eval(data, **more):
    return np.concatenate(list(eval_batches(data[0], batch=4, **more).as_numpy_iterator()))


def test_training_and_evaluation_augment_alike(noise):
    trained = epoch(noise, 2)[0][np.argsort(order(noise_rows(), 2))]
    assert np.array_equal(trained, gathered_eval(noise, augment=AUGMENT, seed=1, epoch=2))


def test_rows_make_pools_and_subsets(numbered):
    rows = np.array([3, 3, 7, 20, 3])
    assert sorted(order(numbered, rows=rows, ids=np.arange(5))) == sorted(rows)


def test_an_item_twice_in_a_pool_has_two_augmentations(noise):
    images = gathered_eval(noise, rows=[3, 3], ids=[0, 1], augment=AUGMENT)
    assert not np.array_equal(*images)


def test_steps_draw_uniformly_with_replacement(numbered):
    rows = order(numbered, steps=200, batch=8)
    assert len(rows) == 1600
    counts = np.bincount(rows, minlength=N)
    assert counts.min() > 40  # 76 expected; a permutation would give 76 or 77 each
    assert counts.std() > 3
    assert not np.array_equal(rows, order(numbered, 1, steps=200, batch=8))


def test_an_image_drawn_twice_in_one_epoch_is_augmented_twice(noise):
    images = epoch((noise[0][:1], [0]), steps=2)[0]
    assert len(np.unique(images.reshape(8, -1), axis=0)) == 8


def test_a_smaller_last_batch_does_not_trace_a_model_twice(numbered):
    """A static batch dimension would."""
    traces = []
    dataset = train_batches(*numbered, classes=3, batch=4, seed=0, epoch=0)

    def step(images, labels):
        traces.append(images.shape)
        return images

    for _ in dataset.map(step):
        pass
    assert [shape.as_list() for shape in traces] == [[None, 6, 6, 1]]
    steps = train_batches(*numbered, classes=3, batch=4, seed=0, epoch=0, steps=2)
    assert steps.element_spec[0].shape.as_list() == [4, 6, 6, 1]


@pytest.mark.parametrize("batch", [1, 10, N, 64])
def test_two_batches_and_one_give_every_prediction_in_order(numbered, batch):
    model = keras.Sequential([keras.layers.GlobalAveragePooling2D()])
    predicted = model.predict(eval_batches(numbered[0], batch=batch, finish=tf.identity), verbose=0)
    assert predicted[:, 0].tolist() == list(range(N))


def test_mixup_is_one_weight_per_batch_and_keeps_label_sums(numbered):
    dataset = train_batches(*numbered, classes=3, batch=7, seed=0, epoch=0, finish=tf.identity, mixup=1.0)
    pure = train_batches(*numbered, classes=3, batch=7, seed=0, epoch=0, finish=tf.identity)
    weights = []
    for (images, labels), (own, one_hot) in zip(dataset, pure, strict=True):
        assert np.allclose(tf.reduce_sum(labels, axis=1), 1, atol=1e-6)
        mean = images[:, 0, 0, 0].numpy() / own[:, 0, 0, 0].numpy().mean()
        assert np.isclose(mean.mean(), 1, atol=1e-4)  # a permutation of the batch keeps its mean
        mixed = labels.numpy()[np.arange(7), one_hot.numpy().argmax(1)]
        weights.append(mixed.min())
        assert np.all(np.isclose(mixed, mixed.min()) | np.isclose(mixed, 1))
    assert len(set(np.round(weights, 5))) == 3


def test_what_comes_out_is_float32_finished_and_one_hot(noise):
    images, labels = epoch(noise, augment=None)
    assert images.dtype == labels.dtype == np.float32
    assert np.allclose(np.sort(images.ravel()), np.sort(noise[0].ravel() / 255))
    grey = gathered_eval(noise, finish=repeat_grey)
    assert np.array_equal(grey, np.repeat(noise[0], 3, axis=3))


def test_labels_are_one_per_row_of_pixels(noise):
    with pytest.raises(ValueError, match="21 rows of pixels but 2 labels"):
        epoch((noise[0], [0, 1]), rows=[3, 4])


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    phantom.write("sars_cov2_ct", root, per_class=6, side=40)
    return catalog.build("sars_cov2_ct", root, root / "cache"), root


def stored(table):
    images = [None] * len(table)
    for row, encoded in catalog.image_bytes(table):
        images[row] = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    return images


def test_pixels_are_those_of_the_files_in_the_tables_order(table, tmp_path):
    """A table cut and turned round must not be served in stored order."""
    turned = table[0].take([7, 3, 11, 0])
    for want in (table[0], turned):
        loaded = load_pixels(want, Frame(40, 40, channels=3), tmp_path)
        assert np.array_equal(loaded, stored(want))


def test_shrinking_averages_areas(table, tmp_path):
    """Other interpolations alias: they look at a few pixels of each block alone."""
    small = load_pixels(table[0], Frame(10, 20), tmp_path)
    grey = load_pixels(table[0], Frame(40, 40), tmp_path)[..., 0].astype(float)
    blocks = grey.reshape(len(grey), 10, 4, 20, 2).mean(axis=(2, 4))
    assert np.abs(small[..., 0] - blocks).max() <= 0.5 + 1e-9


def test_pixels_are_decoded_once_and_keyed_by_what_they_depend_on(table, tmp_path, monkeypatch):
    first = load_pixels(table[0], Frame(12, 12), tmp_path)
    assert isinstance(first, np.memmap)
    assert first.dtype == np.uint8
    with monkeypatch.context() as closed:
        closed.setattr(catalog, "image_bytes", None)  # decoding again would fail
        assert np.array_equal(load_pixels(table[0], Frame(12, 12), tmp_path), first)
    load_pixels(table[0], Frame(12, 12, central_crop=0.5), tmp_path)
    load_pixels(table[0].take([0, 1]), Frame(12, 12), tmp_path)
    assert len(list((tmp_path / "pixels").glob("*.npy"))) == 3


def test_central_crop_and_box_cut_before_resizing(table, tmp_path):
    whole = load_pixels(table[0], Frame(40, 40), tmp_path)
    middle = load_pixels(table[0], Frame(20, 20, central_crop=0.5), tmp_path)
    assert np.array_equal(middle, whole[:, 10:30, 10:30])
    boxes = np.tile([5, 10, 25, 20], (len(table[0]), 1))
    table[0].extra["box"] = boxes
    boxed = load_pixels(table[0], Frame(10, 20, box=True), tmp_path)
    assert np.array_equal(boxed, whole[:, 10:20, 5:25])
    boxes[0] = [9, 9, 9, 30]
    with pytest.raises(UserError, match=r"Covid \(1\).png.*holds no pixel"):
        load_pixels(table[0], Frame(10, 20, box=True), tmp_path)


def test_an_undecodable_image_is_named_and_leaves_nothing_behind(table, tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "image_bytes", lambda _: iter([(0, b"no image"), (1, b"")]))
    with pytest.raises(UserError, match=r"COVID/Covid \(1\).png: cannot be decoded"):
        load_pixels(table[0], Frame(8, 8), tmp_path)
    assert not list((tmp_path / "pixels").iterdir())


def test_missing_images_are_not_left_black(table, tmp_path, monkeypatch):
    some = list(catalog.image_bytes(table[0]))[:-1]
    monkeypatch.setattr(catalog, "image_bytes", lambda _: iter(some))
    with pytest.raises(UserError, match="11 of 12 images"):
        load_pixels(table[0], Frame(8, 8), tmp_path)


def test_a_full_disk_is_said_before_it_kills(table, tmp_path, monkeypatch):
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: type("", (), {"free": 10}))
    with pytest.raises(UserError, match="need 768 bytes and 10 bytes are free"):
        load_pixels(table[0], Frame(8, 8), tmp_path)


@pytest.mark.parametrize("damage", ["zeroed", "truncated", "without checksums"])
def test_damaged_pixels_are_made_again_with_a_line_that_says_so(damage, table, tmp_path, capsys):
    """Fails when 20 kB of zeros in a cache are trained on without a word."""
    images, _ = table
    whole = np.array(load_pixels(images, Frame(8, 8), tmp_path))
    (path,) = (tmp_path / "pixels").glob("*.npy")
    data = bytearray(path.read_bytes())
    if damage == "zeroed":
        data[200:260] = bytes(60)
    elif damage == "truncated":
        del data[-9:]
    else:
        path.with_suffix(".sums").unlink()
    path.write_bytes(data)
    capsys.readouterr()
    assert np.array_equal(load_pixels(images, Frame(8, 8), tmp_path), whole)
    assert "is made again" in capsys.readouterr().out
    assert np.array_equal(load_pixels(images, Frame(8, 8), tmp_path), whole)
    assert "is made again" not in capsys.readouterr().out


def test_what_a_killed_writer_left_is_removed(table, tmp_path):
    """Fails when 51 GB that nobody finds stay on the disk."""
    images, _ = table
    load_pixels(images, Frame(8, 8), tmp_path)
    (path,) = (tmp_path / "pixels").glob("*.npy")
    left = path.with_name(f".{path.name}.0123abcd.part")
    left.write_text("half")
    path.unlink()
    load_pixels(images, Frame(8, 8), tmp_path)
    assert not left.exists()
