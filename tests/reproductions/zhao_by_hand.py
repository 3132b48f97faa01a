"""A tiny BiT with its weight file, and a training and a mixture made by hand."""

import keras
import numpy as np
import probe
import tensorflow as tf
from keras import layers, ops

from reproductions.zhao import bit


def tiny(classes, side=None):
    """BiT with one unit in place of sixteen."""
    inputs = layers.Input((side, side, 3), name="images")
    x = bit.unit(bit.convolve(inputs, 32, 3, 4, "root_block"), 32, 2, "block1.unit01")
    x = layers.ReLU(name=bit.LAST_MAP)(layers.GroupNormalization(32, epsilon=1e-5, name="group_norm")(x))
    x = layers.GlobalAveragePooling2D(name=bit.FEATURES)(x)
    head = layers.Dense(classes, "softmax", kernel_initializer="zeros", name="head.conv2d")
    return keras.Model(inputs, head(x), name="tiny")


def published(seed):
    """An official file for the tiny network, with a head of 21,843 classes, in random numbers."""
    rng = np.random.default_rng(seed)
    arrays = {name: rng.normal(1, 0.3, v.shape).astype("float32") for name, v in bit.arrays(tiny(3)).items()}
    arrays["resnet/head/conv2d/kernel"] = np.ones((1, 1, 128, 21843), "float32")
    arrays["resnet/head/conv2d/bias"] = np.ones(21843, "float32")
    return arrays


def by_hand(start, batches, rates):
    """SGD with momentum 0.9 (v ← 0.9 v − rate · gradient; w ← w + v) on cross-entropy."""
    network = tiny(3, 57)
    network.set_weights(list(start.values()))
    velocity = [np.zeros(v.shape) for v in network.weights]
    for (images, targets), rate in zip(batches, rates, strict=True):
        with tf.GradientTape() as tape:
            log = ops.log(network(images, training=True) + 1e-12)
            loss = -tf.reduce_mean(tf.reduce_sum(targets * log, axis=1))
        gradients = tape.gradient(loss, [v.value for v in network.weights])
        velocity = [0.9 * v - rate * np.asarray(g) for v, g in zip(velocity, gradients, strict=True)]
        for weight, moved in zip(network.weights, velocity, strict=True):
            weight.assign_add(moved)
    return network


def mixture(images, mixed):
    """The share of its own that each image has in the mixed batch, and whose the rest is."""
    found = {}
    for i, own in enumerate(images):
        if np.allclose(mixed[i], own, atol=1e-4):  # mixed with itself
            continue
        for j, other in enumerate(images):
            apart = (own - other).ravel()
            if apart.any():
                share = float((mixed[i] - other).ravel() @ apart / (apart @ apart))
                error = np.abs(share * own + (1 - share) * other - mixed[i]).max()
                if error < 1e-4:
                    found[i] = share, j
    share = next(iter(found.values()), (1.0, 0))[0]
    assert all(abs(own - share) < 1e-3 for own, _ in found.values())
    return share, [found.get(i, (share, i))[1] for i in range(len(images))]


def ends_alike(training, rates):
    """Whether a training ends where one by hand on the same batches does; the network by hand."""
    batches = [batch for epoch in training.epochs for batch in epoch.batches]
    network = by_hand(training.start, batches, rates)
    for path, own in zip(training.end, network.get_weights(), strict=True):
        np.testing.assert_allclose(training.end[path], own, atol=2e-6, err_msg=path)
    return network


def all_numbers(training):
    """The numbers of all images of a training, in order."""
    return np.concatenate([epoch.numbers(probe.SIGNED) for epoch in training.epochs])
