"""Training: killed and resumed in the same bits, one trace for many draws, rates per layer."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from runtimes import ON_CPU, set_deterministic

from shared.base.errors import Diverged
from shared.training import fitting, optimizers
from shared.training.checkpoints import Checkpoints, state_variables

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.random((24, 6, 6, 1), "float32"), np.eye(2, dtype="float32")[RNG.integers(0, 2, 24)]


def small_model(policy: str = "float32"):
    """Batch norm, dropout and momentum: all kinds of state that a resumed run can lose."""
    keras.utils.set_random_seed(7)
    layers = [
        keras.layers.Conv2D(4, 3, activation="relu", dtype=policy),
        keras.layers.BatchNormalization(dtype=policy),
        keras.layers.Flatten(),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(2, activation="softmax", dtype="float32", name="output"),
    ]
    model = keras.Sequential([keras.layers.Input((6, 6, 1)), *layers])
    return fitting.compile_model(model, optimizers.Adam(1e-2), "categorical_crossentropy", ON_CPU)


def batches(epoch: int):
    order = np.random.default_rng((3, epoch)).permutation(len(IMAGES))
    return tf.data.Dataset.from_tensor_slices((IMAGES[order], LABELS[order])).batch(8)


def state(model) -> list[np.ndarray]:
    return [v.numpy() for v in state_variables(model)]


def assert_same_bits(left, right):
    assert [a.tobytes() for a in left] == [a.tobytes() for a in right]


class Killed(Exception):
    """Stands for the kill at a place of the test's choosing."""


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_resumed_training_ends_in_the_bits_of_an_uninterrupted_one(tmp_path, policy):
    """Fails when dropout's state, the optimizer, the loss scale or batch norm is not carried over."""
    whole = small_model(policy)
    if policy == "mixed_float16":  # a loss scale that grows within the test
        whole.optimizer.dynamic_growth_steps = 2
    history = fitting.fit(whole, batches, epochs=4, seed=5, folder=tmp_path / "whole", title="whole")

    def killed_batches(epoch):
        if epoch == 2:
            raise Killed
        return batches(epoch)

    for attempt in (killed_batches, batches):
        cut = small_model(policy)
        if policy == "mixed_float16":
            cut.optimizer.dynamic_growth_steps = 2
        try:
            resumed = fitting.fit(cut, attempt, epochs=4, seed=5, folder=tmp_path / "cut", title="cut")
        except Killed:
            continue
    assert_same_bits(state(whole), state(cut))
    drop_time = [{k: v for k, v in logs.items() if k != "seconds"} for logs in history]
    assert drop_time == [{k: v for k, v in logs.items() if k != "seconds"} for logs in resumed]


def test_kill_9_in_the_middle_of_a_save_loses_at_most_that_epoch(tmp_path):
    """A real SIGKILL between writing a checkpoint and moving it into place, in a process of its own."""
    set_deterministic()
    script = Path(__file__).with_name("killed_in_a_save.py")
    place = os.pathsep.join(str(Path(__file__).parents[i]) for i in (0, 2, 3))
    killed = subprocess.run(
        [sys.executable, script, tmp_path],
        env=os.environ | {"PYTHONPATH": place},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    assert sorted(p.name for p in tmp_path.glob("checkpoint-*.npz")) == ["checkpoint-00001.npz"]
    resumed = small_model()
    fitting.fit(resumed, batches, epochs=3, seed=5, folder=tmp_path, title="resumed")
    whole = small_model()
    fitting.fit(whole, batches, epochs=3, seed=5, folder=tmp_path / "whole", title="whole")
    assert_same_bits(state(whole), state(resumed))


def test_a_damaged_newest_checkpoint_is_passed_over(tmp_path):
    """Fails when one bad file ends a training that the file before it could have saved."""
    whole = small_model()
    fitting.fit(whole, batches, epochs=3, seed=5, folder=tmp_path, title="whole")
    newest = tmp_path / "checkpoint-00002.npz"
    newest.write_bytes(newest.read_bytes()[:1000])
    again = small_model()
    fitting.fit(again, batches, epochs=3, seed=5, folder=tmp_path, title="again")
    assert_same_bits(state(whole), state(again))


def test_two_checkpoints_are_kept_and_a_finished_training_repeats_its_last_epoch_alone(tmp_path):
    first, again, seen = small_model(), small_model(), []
    fitting.fit(first, batches, epochs=5, seed=5, folder=tmp_path, title="first")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["checkpoint-00003.npz", "checkpoint-00004.npz"]

    def watched(epoch):
        seen.append(epoch)
        return batches(epoch)

    assert len(fitting.fit(again, watched, epochs=5, seed=5, folder=tmp_path, title="x")) == 5
    assert seen == [4]
    assert_same_bits(state(first), state(again))


def test_epochs_draw_dropout_anew_and_reproducibly():
    """Fails when every epoch sees the same dropout mask, or the mask depends on what ran before."""
    model = small_model()
    outputs = {}
    for epoch in (0, 1, 0):
        fitting.seed_epoch(model, 5, epoch)
        result = np.asarray(model(IMAGES, training=True))
        assert np.array_equal(outputs.setdefault(epoch, result), result)
    assert not np.array_equal(outputs[0], outputs[1])


def test_reset_gives_the_bits_of_a_new_model_without_a_new_trace(tmp_path):
    """Fails when momentum, step count or batch norm of one draw leaks into the next."""
    traces = []

    class CountedAdam(optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            traces.append(variable)
            super().update_step(gradient, variable, learning_rate)

    model = small_model()
    fitting.compile_model(model, CountedAdam(1e-2), "categorical_crossentropy", ON_CPU)
    start = model.get_weights()
    ends = []
    for draw in range(2):
        fitting.reset(model, start)
        fitting.fit(model, batches, epochs=2, seed=5, folder=tmp_path / str(draw), title="draw")
        ends.append(state(model))
    assert_same_bits(*ends)
    assert len(traces) == len(model.trainable_variables)


def test_keep_best_restores_the_first_best_epoch_even_after_a_resume(tmp_path):
    """Fails when the last epoch's weights are kept, or a resume forgets which epoch was best."""
    scores, seen = [0.2, 0.9, 0.4], {}

    def score(model):
        def after_epoch(epoch, logs):
            logs["val_score"] = scores[epoch]
            seen[epoch] = model.get_weights()

        return after_epoch

    model = small_model()
    options = {"seed": 5, "folder": tmp_path, "title": "best", "keep_best": "val_score"}
    fitting.fit(model, batches, epochs=2, after_epoch=score(model), **options)
    resumed = small_model()
    fitting.fit(resumed, batches, epochs=3, after_epoch=score(resumed), **options)
    assert_same_bits(resumed.get_weights(), seen[1])
    assert not np.array_equal(seen[1][0], seen[2][0])


def test_the_best_epoch_is_the_first_with_the_highest_score_or_the_lowest_loss():
    """Fails when a loss counts like an accuracy, or the last of equals is taken."""
    history = [
        {"val_loss": a, "val_accuracy": b} for a, b in ((0.9, 0.5), (0.3, 0.8), (0.3, 0.8), (0.6, 0.2))
    ]
    assert fitting.best_epoch(history, "val_loss") == fitting.best_epoch(history, "val_accuracy") == 1


def test_after_epoch_stops_the_training_for_good(tmp_path):
    for _ in range(2):
        history = fitting.fit(
            small_model(),
            batches,
            epochs=5,
            seed=5,
            folder=tmp_path,
            title="stop",
            after_epoch=lambda epoch, logs: epoch == 1,
        )
        assert len(history) == 2


def test_predictions_come_once_each_and_in_order():
    """Fails when a last smaller batch is dropped or batches are shuffled."""
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Rescaling(2.0)])
    values = np.arange(17, dtype="float32")[:, None]
    got = fitting.predict(model, tf.data.Dataset.from_tensor_slices(values).batch(8))
    assert np.array_equal(got, 2 * values)


def test_a_training_that_diverges_stops_and_leaves_no_checkpoint_of_it(tmp_path):
    """Fails when weights that are no numbers are kept: every later call would begin with them."""
    model = small_model()

    def poisoned(epoch):
        return batches(epoch).map(lambda x, y: (x, y * np.float32("nan") if epoch == 1 else y))

    with pytest.raises(Diverged, match="one, epoch 2: the weights hold NaN or infinity"):
        fitting.fit(model, poisoned, epochs=3, seed=5, folder=tmp_path, title="one")
    again = small_model()
    assert len(Checkpoints(tmp_path).restore(again)) == 1
    assert all(np.isfinite(weight).all() for weight in again.get_weights())
    with pytest.raises(Diverged, match="predict: the model's outputs hold NaN"):
        fitting.predict(model, tf.data.Dataset.from_tensor_slices(IMAGES).batch(8))


def test_a_loss_that_overflows_while_the_weights_hold_does_not_stop(tmp_path):
    """Half precision skips such a step: fails when the loss alone is asked."""
    model = small_model()
    fitting._refuse_divergence(model, {"loss": float("inf")}, "one")


def test_who_watches_sees_each_training_and_only_while_watching(tmp_path):
    """Fails when a watcher misses a training, sees another's, or goes on watching."""
    model = small_model()

    def train(folder):
        fitting.fit(model, batches, epochs=1, seed=5, folder=tmp_path / folder, title="t")

    with fitting.watched() as outer:
        train("a")
        with fitting.watched() as inner:
            train("b")
    train("c")
    assert outer == [(model, batches)] * 2 and inner == [(model, batches)]
