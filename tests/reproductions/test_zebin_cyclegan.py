"""The CycleGAN's step: losses by hand, the pool, one optimizer, resuming."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from runtimes import ON_CPU

from reproductions.zebin import cyclegan, synthetic
from reproductions.zebin.cyclegan import CycleGAN, ImagePool
from shared.base.errors import Diverged
from shared.training import fitting, runtime

SMALL = (24, 1, 2, 1, 3, 10.0, 5.0)


@pytest.fixture(autouse=True, scope="module")
def as_in_a_run():
    """Deterministic ops and no graph rewriting, as the command line sets them: equal bits need both."""
    runtime.start(precision="float32")


def test_losses_by_hand():
    """Swapped targets, a missing half, or L2 in place of L1."""
    scores = np.array([[0.5, 1.0], [2.0, -1.0]], "float32")
    assert float(cyclegan.adversarial_loss(scores)) == pytest.approx((0.25 + 0 + 1 + 4) / 4)
    real, fake = np.array([1.0, 3.0], "float32"), np.array([0.0, 2.0], "float32")
    assert float(cyclegan.discrimination_loss(real, fake)) == pytest.approx(0.5 * (4 / 2 + 4 / 2))
    assert float(cyclegan.distance(np.float32([1, -1]), np.float32([0.5, 1]))) == pytest.approx((0.5 + 2) / 2)


class Affine(keras.Model):
    """A network of known output in place of a generator or discriminator."""

    def __init__(self, factor, offset):
        super().__init__()
        self.factor, self.offset = factor, offset

    def call(self, images):
        return self.factor * images + self.offset


def by_hand():
    """A CycleGAN whose generators double and halve, and whose judges say x and x + 2."""
    model = CycleGAN(24, filters=1, blocks=0, pool=1)
    model.to_target, model.to_source = Affine(2.0, 0.0), Affine(0.5, 0.0)
    model.judge_target, model.judge_source = Affine(1.0, 0.0), Affine(1.0, 2.0)
    return model


def test_a_step_s_losses_by_hand():
    """Judges or domains mixed up, a weight (10, 5) lost, or identity of the wrong domain."""
    source, target = np.full((1, 24, 24, 1), 0.25, "float32"), np.full((1, 24, 24, 1), -0.5, "float32")
    losses, fake_target, fake_source = by_hand().generator_losses(ops.array(source), ops.array(target))
    assert float(fake_target[0, 0, 0, 0]) == 0.5
    assert float(fake_source[0, 0, 0, 0]) == -0.25
    # judge_target(0.5) = 0.5, judge_source(-0.25) = 1.75; each wants 1
    assert float(losses["adversarial_loss"]) == pytest.approx(0.25 + 0.5625)
    # doubling and halving undo each other
    assert float(losses["cycle_loss"]) == pytest.approx(0.0)
    # to_target keeps a target: |-0.5 + 1|; to_source keeps a source: |0.25 - 0.125|
    assert float(losses["identity_loss"]) == pytest.approx(5 * (0.5 + 0.125))
    assert float(losses["generator_loss"]) == pytest.approx(0.8125 + 3.125)
    model = by_hand()
    model.to_source = Affine(1.0, 0.5)
    losses, _, _ = model.generator_losses(ops.array(source), ops.array(target))
    # source 0.25 -> 0.5 -> 1.0; target -0.5 -> 0 -> 0
    assert float(losses["cycle_loss"]) == pytest.approx(10 * (0.75 + 0.5))


def test_discriminators_losses_by_hand():
    """A judge shown the other domain's images, or generated ones called real."""
    source, target = ops.full((1, 24, 24, 1), 0.25), ops.full((1, 24, 24, 1), -0.5)
    fake_source, fake_target = ops.full((1, 24, 24, 1), -0.25), ops.full((1, 24, 24, 1), 0.5)
    loss = by_hand().discriminator_loss(source, target, fake_source, fake_target)
    # judge_target: real -0.5, fake 0.5; judge_source: real 2.25, fake 1.75
    assert float(loss) == pytest.approx(0.5 * (2.25 + 0.25) + 0.5 * (1.5625 + 3.0625))


def test_pool_gives_back_only_what_it_was_given_and_an_older_image_half_of_the_time():
    """A pool that never fills, never swaps, or hands out its zeros."""
    exchange = tf.function(ImagePool((1, 1, 1), 4).exchange)
    answers = [float(exchange(ops.full((1, 1, 1, 1), float(i)))[0, 0, 0, 0]) for i in range(1, 201)]
    assert answers[:4] == [1, 2, 3, 4]
    assert all(1 <= answer <= i for i, answer in enumerate(answers, 1))
    older = [answer < i for i, answer in enumerate(answers, 1)][4:]
    assert 0.35 < np.mean(older) < 0.65
    assert all(answers.count(answer) == 1 for answer in answers if answer > 4), "an image left the pool twice"


def test_batches_are_unpaired_and_new_in_every_block():
    """The same order on both sides, which pairs the images for ever, or a block that repeats the first."""
    numbered = np.arange(12, dtype="uint8").reshape(12, 1, 1, 1)
    orders = set()
    for block in (0, 1):
        pairs = list(synthetic.unpaired(numbered, numbered, 40, 5, block))
        assert len(pairs) == 40
        for side in (0, 1):
            own = [round((float(pair[side][0, 0, 0, 0]) + 1) * 127.5) for pair in pairs]
            assert len(set(own)) > 9, "some images are never shown"
            orders.add(tuple(own))
    assert len(orders) == 4


def test_images_go_there_and_back_unchanged():
    """Another range on one of the two ways, or values cut off in place of rounded."""

    class Same:
        to_target = staticmethod(lambda image: image)

    images = np.arange(256, dtype="uint8").reshape(4, 8, 8, 1)
    np.testing.assert_array_equal(synthetic.translate(Same, images), images)


def test_images_that_are_no_numbers_are_refused():
    """Fails when NaN is rounded to black and trained on as a COVID-19 X-ray."""

    class Broken:
        to_target = staticmethod(lambda image: image * np.nan)

    with pytest.raises(Diverged, match="CycleGAN: the generated images hold NaN or infinity"):
        synthetic.translate(Broken, np.zeros((2, 8, 8, 1), "uint8"))


def small():
    """The model that all tests of a training share, and its initial weights: one trace."""
    return synthetic.compiled(SMALL, 2e-3, 0.5, 0, ON_CPU)


def pictures():
    """Dark images with a bright square, and the same with a dark one."""
    rng = np.random.default_rng(0)
    source = rng.uniform(-0.9, -0.6, (12, 24, 24, 1)).astype("float32")
    target = source.copy()
    source[:, 4:8, 4:8], target[:, 8:14, 8:14] = 0.8, 0.8
    return source, target


def blocks(epoch):
    source, target = pictures()
    order = np.random.default_rng(epoch).permutation(12)
    return tf.data.Dataset.from_tensor_slices((source[order], target[order[::-1]])).batch(1)


def test_one_adam_over_all_four_networks_is_one_for_each_side():
    """Gradients of a judge leaking into a generator, or taken after the other side has moved."""
    model, start = small()
    fitting.reset(model, start)
    source, target = (ops.array(images[:1]) for images in pictures())
    sides = ["to_target", "to_source"], ["judge_target", "judge_source"]
    weights = [[v for name in side for v in getattr(model, name).trainable_variables] for side in sides]
    with tf.GradientTape(persistent=True) as tape:
        losses, fake_target, fake_source = model.generator_losses(source, target)
        judged = model.discriminator_loss(source, target, fake_source, fake_target)
    expected = []
    for loss, side in zip((losses["generator_loss"], judged), weights, strict=True):
        adam = keras.optimizers.Adam(2e-3, 0.5)
        copies = [keras.Variable(v) for v in side]
        adam.apply_gradients(zip(tape.gradient(loss, [v.value for v in side]), copies, strict=True))
        expected += copies
    model.pool_target.filled.assign(0)
    model.pool_source.filled.assign(0)
    model.train_step((source, target, None))  # as `train_on_batch` hands them over, which times the plan
    for variable, copy in zip(weights[0] + weights[1], expected, strict=True):
        np.testing.assert_allclose(variable, copy, atol=1e-6, err_msg=variable.path)


def test_a_killed_training_ends_in_the_same_bits_pool_included(tmp_path):
    """A checkpoint without the pool's images, fill or randomness; and losses that do not go down."""
    model, start = small()
    fitting.reset(model, start)
    history = fitting.fit(model, blocks, epochs=4, seed=7, folder=tmp_path / "a", title="whole")
    whole = model.get_weights()
    fitting.reset(model, start)
    fitting.fit(model, blocks, epochs=2, seed=7, folder=tmp_path / "b", title="killed")
    fitting.reset(model, start)
    again = fitting.fit(model, blocks, epochs=4, seed=7, folder=tmp_path / "b", title="resumed")
    for one, other, variable in zip(whole, model.get_weights(), model.weights, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=variable.path)
    for name in cyclegan.LOSSES:
        assert [logs[name] for logs in history] == [logs[name] for logs in again]
    assert history[-1]["generator_loss"] < 0.8 * history[0]["generator_loss"]
    assert int(model.pool_target.filled) == 3
    assert np.ptp(model.pool_target.images.numpy()) > 0.1


def test_a_training_that_diverges_is_stopped(tmp_path):
    """Fails when only a log called `loss` is asked: none of the CycleGAN's is."""
    model, start = small()
    fitting.reset(model, start)

    def poisoned(epoch):
        return blocks(epoch).map(lambda source, target: (source * np.float32("nan"), target))

    with pytest.raises(Diverged, match="GAN, epoch 1: the weights hold NaN or infinity"):
        fitting.fit(model, poisoned, epochs=2, seed=7, folder=tmp_path, title="GAN")
