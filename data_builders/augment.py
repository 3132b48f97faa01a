"""Augmentation as a pure function of (seed, epoch, id): one fused affine warp per image, then mixup.

Flip, rotation, zoom, shift and random crop are one matrix, so that an image is interpolated once.
"""

import math
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from data_builders import philox

WARP_KEY, MIX_KEY = 0, 1


@dataclass(frozen=True)
class Augment:
    """The changes that an image may undergo; each is drawn uniformly and independently from its range."""

    rotation: float = 0.0  # ± degrees
    zoom: tuple[float, float] = (1.0, 1.0)  # above 1 enlarges what is seen
    shift: float = 0.0  # ± fraction of the side, each axis
    shift_pixels: float = 0.0  # ± pixels, each axis
    flip: bool = False  # left-right, one image in two
    fill: str = "constant"  # outside the image: "constant" (black), "nearest" or "reflect"
    crop: tuple[int, int] | None = None  # height and width of a random crop, the last step

    @property
    def interpolates(self) -> bool:
        """Whether pixels move by fractions; flip and crop alone copy them."""
        return bool(self.rotation or self.shift or self.shift_pixels or tuple(self.zoom) != (1.0, 1.0))


def augment_batch(images, augment: Augment, draws):
    """Float32 images of a batch, each changed by its own line of `uniform_draws`."""
    height, width = images.shape[1:3]
    crop = augment.crop or (height, width)
    if crop[0] > height or crop[1] > width:
        raise ValueError(f"a crop of {crop[0]}×{crop[1]} does not fit images of {height}×{width}")
    matrices = _drawn_matrices(augment, draws, height, width, crop)
    return warp(images, matrices, crop, augment.fill, augment.interpolates)


def uniform_draws(seed: int, epoch: int, ids: np.ndarray) -> np.ndarray:
    """(ids, 7) uniform numbers in [0, 1), the same for an id whatever batch it comes in."""
    return philox.uniforms(seed, epoch, WARP_KEY, ids, 7)


def matrices(
    height: int, width: int, *, flip=0.0, degrees=0.0, zoom=1.0, right=0.0, down=0.0, top=0.0, left=0.0
):
    """One 3×3 map (its first eight entries) per image from a place in the output to its place in the input.

    The image is flipped, turned counter-clockwise and zoomed about its centre, moved right and down, then
    cropped at (top, left). Each argument is a number or a vector over the batch.
    """
    flip, degrees, zoom, right, down, top, left = _columns(flip, degrees, zoom, right, down, top, left)
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    cosine, sine = tf.cos(degrees * (math.pi / 180)) / zoom, tf.sin(degrees * (math.pi / 180)) / zoom
    sign = 1 - 2 * flip
    x, y = left - middle_x - right, top - middle_y - down
    first = [sign * cosine, -sign * sine, middle_x + sign * (cosine * x - sine * y)]
    second = [sine, cosine, middle_y + sine * x + cosine * y]
    zero = tf.zeros_like(zoom)
    return tf.stack([*first, *second, zero, zero], axis=1)


def warp(images, matrices, size: tuple[int, int], fill: str = "constant", interpolates: bool = True):
    """The batch seen through the matrices, float32; bilinear, or copied pixel by pixel."""
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.cast(images, tf.float32) if interpolates else images,
        transforms=matrices,
        output_shape=tf.constant(size, tf.int32),
        fill_value=tf.constant(0.0),
        interpolation="BILINEAR" if interpolates else "NEAREST",
        fill_mode=fill.upper(),
    )
    warped = tf.cast(warped, tf.float32)
    return tf.ensure_shape(warped, [None, *size, images.shape[3]])


def mixup(images, labels, alpha: float, seed, epoch, step):
    """The batch mixed with a permutation of itself, by one λ ~ Beta(α, α) drawn from (seed, epoch, step)."""
    weight, order = mixup_draw(tf.shape(images)[0], alpha, seed, epoch, step)

    def mix(values):
        return weight * values + (1 - weight) * tf.gather(values, order)

    return mix(images), mix(labels)


def mixup_draw(n, alpha: float, seed, epoch, step):
    """(λ, permutation of n). Two gamma draws make a beta draw; float32 would underflow at α = 0.1."""
    key = tf.random.fold_in(_key(seed, epoch, MIX_KEY), tf.cast(step, tf.int64), alg="philox")
    one, other = tf.unstack(tf.random.stateless_gamma([2], key, alpha, dtype=tf.float64))
    order = tf.argsort(
        tf.random.stateless_uniform([n], tf.random.fold_in(key, 0, alg="philox"), alg="philox")
    )
    return tf.cast(one / (one + other), tf.float32), order


def _drawn_matrices(augment: Augment, draws, height: int, width: int, crop: tuple[int, int]):
    def between(column, low, high):
        return low + (high - low) * draws[:, column]

    reach_x, reach_y = (augment.shift * side + augment.shift_pixels for side in (width, height))
    return matrices(
        height,
        width,
        flip=tf.cast(draws[:, 0] < 0.5, tf.float32) * float(augment.flip),
        degrees=between(1, -augment.rotation, augment.rotation),
        zoom=between(2, *augment.zoom),
        right=between(3, -reach_x, reach_x),
        down=between(4, -reach_y, reach_y),
        top=tf.floor(between(5, 0, height - crop[0] + 1)),
        left=tf.floor(between(6, 0, width - crop[1] + 1)),
    )


def _columns(*values):
    columns = [tf.reshape(tf.cast(value, tf.float32), [-1]) for value in values]
    batch = tf.reduce_max([tf.size(column) for column in columns])
    return [tf.broadcast_to(column, [batch]) for column in columns]


def _key(seed, epoch, purpose: int):
    pair = tf.stack([tf.convert_to_tensor(number, tf.int64) for number in (seed, epoch)])
    return tf.random.fold_in(pair, purpose, alg="philox")
