"""Batches as pure functions of (seed, epoch), and evaluation in order."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from data_builders.augment import Augment, augment_batch, uniform_draws
from data_builders.pipeline import eval_batches, repeat_grey, train_batches

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


def test_no_pipeline_is_tuned(noise):
    """Fails when the end of an epoch may wait for TensorFlow's tuning, which sleeps for up to a minute."""
    trained = train_batches(*noise, classes=3, batch=4, seed=1, epoch=0)
    for batches in (trained, eval_batches(noise[0], batch=4), tf.data.Dataset.zip(trained, trained)):
        assert batches.options().autotune.enabled is False


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


def test_one_trace_serves_all_seeds_and_epochs_and_gives_the_bits_of_no_trace(noise):
    """Fails when a call of `train_batches` traces anew, or when seed or epoch become part of the trace."""
    traces = []

    def finish(images):
        traces.append(images)
        return images

    for seed, number in ((1, 0), (1, 7), (3_000_000_000, 7)):
        images, _ = epoch(noise, number, seed=seed, finish=finish, batch=8)
        order = np.random.default_rng([seed, number]).permutation(N)
        alone = augment_batch(tf.constant(noise[0][order]), AUGMENT, uniform_draws(seed, number, order))
        assert images.tobytes() == alone.numpy().tobytes()
    assert len(traces) == 1
