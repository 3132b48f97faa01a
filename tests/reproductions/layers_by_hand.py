"""Layers once more, in NumPy, for one image (height, width, channels)."""

import numpy as np


def convolved(x, kernel, bias, strides=1):
    """Without padding."""
    return np.einsum("hwcij,ijcf->hwf", windows(x, kernel.shape[:2], strides), kernel) + bias


def separably_convolved(x, depthwise, pointwise, bias):
    """Each channel by its own kernel, then all of them by one of 1×1; without padding."""
    each = np.einsum("hwcij,ijc->hwc", windows(x, depthwise.shape[:2]), depthwise[..., 0])
    return each @ pointwise[0, 0] + bias


def enlarged(x, kernel, bias):
    """Transposed: every pixel lays the kernel, times its value, on a picture of twice the size."""
    height, width, _ = x.shape
    picture = np.zeros((2 * height + 1, 2 * width + 1, kernel.shape[2]))
    for row, column in np.ndindex(height, width):
        picture[2 * row :, 2 * column :][:3, :3] += kernel @ x[row, column]
    return picture[:-1, :-1] + bias


def largest(x, size=2, strides=2):
    return windows(x, (size, size), strides).max((-2, -1))


def windows(x, size, strides=1):
    """(height, width, channels, *size)."""
    return np.lib.stride_tricks.sliding_window_view(x, size, (0, 1))[::strides, ::strides]


def zeros_around(x, before, after):
    return np.pad(x, ((before, after), (before, after), (0, 0)))


def mirrored(x, border):
    return np.pad(x, ((border, border), (border, border), (0, 0)), mode="reflect")


def instance_normed(x):
    return (x - x.mean((0, 1))) / np.sqrt(x.var((0, 1)) + 1e-5)


def batch_normed(x, gamma, beta, mean, variance):
    """By stored statistics, with Keras' epsilon."""
    return (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta


def relu(x):
    return np.maximum(x, 0)


def redrawn(network):
    """Gives a network other weights, none of them 0 or 1, and returns them."""
    rng = np.random.default_rng(0)

    def draw(weight):
        if weight.name in ("gamma", "moving_variance"):
            return rng.uniform(0.5, 1.5, weight.shape)
        inputs = np.prod(weight.shape[:-1]) if len(weight.shape) > 1 else 4
        return rng.normal(0, np.sqrt(2 / inputs), weight.shape)

    network.set_weights([draw(weight) for weight in network.weights])
    return network.get_weights()
