"""The fused warp against other ways to the same pixels; every outcome of a draw; mixup by hand."""

import cv2
import keras_cv
import numpy as np
import pytest
import tensorflow as tf

from data_builders.augment import Augment, augment_batch, matrices, mixup, mixup_draw, uniform_draws, warp
from data_builders.augment import _drawn_matrices as drawn_matrices

H, W = 20, 30
IDS = np.arange(64)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (4, H, W, 3), dtype=np.uint8)


def smooth(side=64):
    noise = np.random.default_rng(1).normal(128, 300, (side, side)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 3)


def warped(images, size=(H, W), fill="constant", **how):
    how = {name: np.broadcast_to(np.float32(value), len(images)) for name, value in how.items()}
    return warp(images, matrices(*images.shape[1:3], **how), size, fill).numpy()


def draws(augment, size=(H, W)):
    """Where each of 64 draws sends the corners: (x, y) of the input seen at the output's corners."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    ramp = np.broadcast_to(np.stack([x, y], -1) + 1000, (64, *size, 2))
    return augment_batch(ramp, augment, uniform_draws(3, 0, IDS)).numpy() - 1000


def test_a_flip_is_exact_and_only_where_asked(images):
    seen = warped(images, flip=[1, 0, 1, 0])
    assert np.array_equal(seen[::2], images[::2, :, ::-1])
    assert np.array_equal(seen[1::2], images[1::2])


def test_a_whole_shift_is_exact_with_each_fill(images):
    seen = warped(images, right=4, down=-3)
    assert np.array_equal(seen[:, :-3, 4:], images[:, 3:, :-4])
    assert not seen[:, -3:].any()
    assert not seen[:, :, :4].any()
    nearest = warped(images, fill="nearest", right=4)
    assert np.array_equal(nearest[:, :, :4], np.repeat(images[:, :, :1], 4, axis=2))
    reflected = warped(images, fill="reflect", right=4)
    assert np.array_equal(reflected[:, :, :4], images[:, :, 3::-1])


def test_a_crop_is_exact_and_after_the_flip(images):
    seen = warped(images, size=(8, 9), top=5, left=7, flip=1)
    assert np.array_equal(seen, images[:, :, ::-1][:, 5:13, 7:16])


def test_a_quarter_turn_is_counter_clockwise():
    square = np.random.default_rng(2).integers(0, 256, (1, 16, 16, 1), dtype=np.uint8)
    assert np.allclose(warped(square, (16, 16), degrees=90)[0], np.rot90(square[0]), atol=1e-2)


@pytest.mark.parametrize(("degrees", "zoom"), [(20, 1), (0, 1.2), (0, 0.8), (-13, 0.9), (7, 1.1)])
def test_rotation_and_zoom_agree_with_opencv(degrees, zoom):
    """A wrong centre (side/2 instead of (side-1)/2), sense or direction of zoom would show."""
    picture = smooth()
    reference = cv2.warpAffine(picture, cv2.getRotationMatrix2D((31.5, 31.5), degrees, zoom), (64, 64))
    seen = warped(picture[None, ..., None], (64, 64), degrees=degrees, zoom=zoom)[0, ..., 0]
    assert np.abs(seen - reference).max() < 0.1


def test_one_interpolation_agrees_with_opencv_for_everything_together():
    picture = smooth()
    turn = cv2.getRotationMatrix2D((31.5, 31.5), 11, 1.15)
    turn[:, 2] += (3.5, -2.25)
    reference = cv2.warpAffine(np.ascontiguousarray(picture[:, ::-1]), turn, (64, 64))[4:52, 6:46]
    how = {"flip": 1, "degrees": 11, "zoom": 1.15, "right": 3.5, "down": -2.25, "top": 4, "left": 6}
    seen = warped(picture[None, ..., None], (48, 40), **how)[0, ..., 0]
    assert np.abs(seen - reference).max() < 0.1


def test_rotation_agrees_with_keras_cv():
    picture = smooth()[None, ..., None]
    quarter = 0.25  # of a turn; a range of one value makes the layer's draw known
    layer = keras_cv.layers.RandomRotation((quarter, quarter), "constant", "bilinear", dtype="float32")
    reference = layer(tf.constant(picture), training=True).numpy()
    assert np.abs(warped(picture, (64, 64), degrees=90) - reference).max() < 0.1


def test_sixty_four_draws_show_both_flips():
    seen = draws(Augment(flip=True))
    flipped = seen[:, 0, 0, 0] > seen[:, 0, -1, 0]
    assert 16 < flipped.sum() < 48


def test_sixty_four_draws_turn_both_ways_and_keep_to_the_range():
    seen = draws(Augment(rotation=15, fill="nearest"))[:, 8:12, 13:17]
    angle = np.degrees(np.arctan2(seen[:, 1, 2, 1] - seen[:, 1, 1, 1], seen[:, 1, 2, 0] - seen[:, 1, 1, 0]))
    assert angle.min() < -10
    assert angle.max() > 10
    assert np.abs(angle).max() <= 15.01


def test_sixty_four_draws_zoom_in_and_out_and_keep_to_the_range():
    seen = draws(Augment(zoom=(0.9, 1.1), fill="nearest"))
    zoom = 1 / (seen[:, 10, 16, 0] - seen[:, 10, 15, 0])
    assert 0.899 < zoom.min() < 0.93
    assert 1.07 < zoom.max() < 1.101


@pytest.mark.parametrize(
    "augment", [Augment(shift_pixels=5, fill="nearest"), Augment(shift=0.2, fill="nearest")]
)
def test_sixty_four_draws_shift_to_all_four_sides(augment):
    """One draw for both axes would leave two quadrants empty."""
    seen = draws(augment)
    right, down = 15 - seen[:, 10, 15, 0], 10 - seen[:, 10, 15, 1]
    assert {(a > 0, b > 0) for a, b in zip(right, down, strict=True)} == {
        (False, False),
        (False, True),
        (True, False),
        (True, True),
    }
    reach = (5, 5) if augment.shift_pixels else (0.2 * W, 0.2 * H)
    for moved, most in zip((right, down), reach, strict=True):
        assert 0.8 * most < np.abs(moved).max() <= most + 1e-3


def test_sixty_four_draws_make_many_crops_and_reach_the_edges():
    """A crop per batch, the mistake of a whole-batch layer, would give one place."""
    seen = draws(Augment(crop=(H - 3, W - 2), flip=True))
    assert seen.shape == (64, H - 3, W - 2, 2)
    places = {(min(x), y) for x, y in zip(seen[:, 0, [0, -1], 0].tolist(), seen[:, 0, 0, 1], strict=True)}
    assert places == {(x, y) for x in range(3) for y in range(4)}


def test_an_image_is_changed_alike_in_any_batch(images):
    augment = Augment(rotation=10, zoom=(0.9, 1.1), shift=0.1, flip=True, crop=(16, 16))
    together = augment_batch(images, augment, uniform_draws(5, 2, [11, 12, 13, 14])).numpy()
    alone = augment_batch(images[2:3], augment, uniform_draws(5, 2, [13])).numpy()
    assert np.array_equal(together[2], alone[0])


def test_seed_epoch_and_id_each_change_the_draw():
    one = uniform_draws(1, 2, [3])
    for other in ((2, 2, [3]), (1, 3, [3]), (1, 2, [4]), (2, 1, [3]), (1, 3, [2])):
        assert not np.array_equal(one, uniform_draws(*other))


def test_copying_and_interpolating_agree_where_both_apply(images):
    """Flip and crop alone take the cheaper way."""
    turn = matrices(H, W, flip=[0.0, 1, 0, 1], top=[0.0, 1, 2, 3])
    fast = warp(images, turn, (16, 16), interpolates=False)
    assert fast.dtype == tf.float32
    assert np.array_equal(fast, warp(images, turn, (16, 16)))


def test_a_crop_larger_than_the_image_is_refused(images):
    with pytest.raises(ValueError, match="21×8 does not fit images of 20×30"):
        augment_batch(images, Augment(crop=(21, 8)), uniform_draws(0, 0, [0, 1, 2, 3]))


def test_mixup_is_what_a_hand_computes(images):
    images = images.astype(np.float32)
    labels = np.eye(4, dtype=np.float32)
    weight, order = (value.numpy() for value in mixup_draw(4, 0.4, 1, 2, 3))
    mixed, targets = (value.numpy() for value in mixup(images, labels, 0.4, 1, 2, 3))
    assert sorted(order) == [0, 1, 2, 3]
    for i in range(4):
        assert np.allclose(mixed[i], weight * images[i] + (1 - weight) * images[order[i]], atol=1e-3)
        assert np.allclose(targets[i], weight * labels[i] + (1 - weight) * labels[order[i]], atol=1e-6)
    assert np.allclose(targets.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("alpha", [0.1, 1.0])
def test_lambda_is_beta_distributed_and_finite(alpha):
    """Gamma draws in float32 underflow at α = 0.1; one draw for all steps would have no variance."""
    steps = tf.range(400, dtype=tf.int64)
    draw = tf.function(lambda step: mixup_draw(2, alpha, 0, 0, step)[0])
    weights = tf.map_fn(draw, steps, fn_output_signature=tf.float32).numpy()
    assert np.isfinite(weights).all()
    assert abs(weights.mean() - 0.5) < 0.08
    assert abs(weights.var() - 1 / (4 * (2 * alpha + 1))) < 0.03


def test_no_two_changes_share_a_random_number():
    """Fails when a column of the draws is used twice: all images turned left would be enlarged."""
    several = Augment(rotation=20, zoom=(0.8, 1.2), shift_pixels=3)
    drawn = np.asarray(drawn_matrices(several, uniform_draws(3, 0, np.arange(400)), 9, 9, (9, 9)))
    linear, offset = drawn[:, [0, 1, 3, 4]].reshape(-1, 2, 2), drawn[:, [2, 5]]
    angle = np.arctan2(linear[:, 1, 0], linear[:, 1, 1])
    zoom = 1 / np.hypot(linear[:, 1, 0], linear[:, 1, 1])
    centre = np.linalg.solve(linear, (4 - offset)[..., None])[..., 0]  # goes to the middle of the image
    related = np.corrcoef([angle, zoom, *centre.T])
    assert np.abs(related - np.eye(4)).max() < 0.2


def test_a_random_crop_may_be_anywhere_and_nowhere_else():
    """Fails when the last place, at the lower or right border, is never taken."""
    places = np.stack(np.meshgrid(np.arange(8), np.arange(8), indexing="ij"), axis=-1).astype(np.uint8)
    images = np.broadcast_to(places, (300, 8, 8, 2))
    cut = np.asarray(augment_batch(images, Augment(crop=(5, 6)), uniform_draws(0, 0, np.arange(300))))
    assert cut.shape == (300, 5, 6, 2)
    assert set(cut[:, 0, 0, 0]) == set(range(4)) and set(cut[:, 0, 0, 1]) == set(range(3))
