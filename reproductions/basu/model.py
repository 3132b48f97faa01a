"""AlexNet, VGG16 and ResNet50 with 3×3 kernels, and what stage 2 keeps of them (section III-B)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

HEAD = "predictions"


@dataclass(frozen=True)
class Network:
    """How a network is built, and where its last convolutional block lies."""

    body: Callable
    """(input tensor, kernels, dropout) -> what the last dense layer reads."""
    last_block: str
    """Prefix of the names of the layers that stage 2 retrains."""
    last_map: str
    """The layer whose output is "the last convolution layer" of Grad-CAM (section V)."""
    dense: tuple[str, ...] = ()
    """The fully connected layers before the last one."""


def build(network: str, input_shape: tuple[int, int, int], classes: int, kernels="3x3", dropout=0.5):
    """An untrained network ending in a dense softmax layer named `predictions`."""
    inputs = keras.Input(input_shape)
    features = NETWORKS[network].body(inputs, kernels, dropout)
    return keras.Model(inputs, _head(features, classes), name=network)


def without_head(model):
    """The same layers up to the one that stage 2 replaces; weights are shared with `model`."""
    return keras.Model(model.input, model.get_layer(HEAD).input)


def moves_in_stage_two(network: str, layer: str) -> bool:
    """Whether stage 2 trains a layer: the last convolutional block and the fully connected layers."""
    record = NETWORKS[network]
    return layer == HEAD or layer in record.dense or layer.startswith(record.last_block)


def freeze_for_stage_two(model):
    """Freezes all before the last convolutional block; batch norm there then runs in inference mode."""
    for layer in model.layers:
        layer.trainable = moves_in_stage_two(model.name, layer.name)
    return model


def initialise(model, seed: int):
    """Draws every weight anew from `seed`: He normal kernels, zero biases, batch norm as the identity.

    A compiled model that was already trained thus starts again where a new one would.
    """
    for number, layer in enumerate(model.layers):
        if isinstance(layer, (layers.Conv2D, layers.Dense)):
            own_seed = int(np.random.SeedSequence((seed, number)).generate_state(1)[0])
            kernel = keras.initializers.HeNormal(own_seed)(layer.kernel.shape)
            layer.set_weights([kernel, keras.ops.zeros(layer.bias.shape)])
        elif isinstance(layer, layers.BatchNormalization):
            one, zero = keras.ops.ones(layer.gamma.shape), keras.ops.zeros(layer.gamma.shape)
            layer.set_weights([one, zero, zero, one])
    return model


def copy_by_name(source, target):
    """Copies the weights of every layer of `source` into the layer of `target` that has its name."""
    for layer in source.layers:
        if layer.weights:
            target.get_layer(layer.name).set_weights(layer.get_weights())


def _alexnet(x, kernels, dropout):
    """Krizhevsky's filters and strides in one tower, without local response normalisation."""
    first, second = (11, 5) if kernels == "original" else (3, 3)
    x = _conv(x, 96, first, "conv1", strides=4)
    x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    x = _conv(x, 256, second, "conv2")
    x = layers.MaxPooling2D(3, 2, name="pool2")(x)
    for name, filters in (("conv3", 384), ("conv4", 384), ("conv5", 256)):
        x = _conv(x, filters, 3, name)
    return _dense_layers(layers.MaxPooling2D(3, 2, name="pool5")(x), dropout)


def _vgg16(x, kernels, dropout):
    """Simonyan and Zisserman's network D, whose kernels are 3×3 already; names as in `keras.applications`."""
    for block, (convolutions, filters) in enumerate(((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)), 1):
        for number in range(1, convolutions + 1):
            x = _conv(x, filters, 3, f"block{block}_conv{number}")
        x = layers.MaxPooling2D(2, 2, name=f"block{block}_pool")(x)
    return _dense_layers(x, dropout)


def _resnet50(x, kernels, dropout):
    """He's 50 layers, bottlenecks and names as in `keras.applications`; no dense layer, so no dropout."""
    stem = 7 if kernels == "original" else 3
    x = layers.ZeroPadding2D(stem // 2, name="conv1_pad")(x)
    x = _plain_conv(64, stem, "conv1_conv", strides=2, padding="valid")(x)
    x = layers.ReLU(name="conv1_relu")(_norm("conv1_bn")(x))
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, 2, name="pool1_pool")(x)
    for stage, (blocks, filters) in enumerate(((3, 64), (4, 128), (6, 256), (3, 512)), 2):
        for block in range(1, blocks + 1):
            strides = 2 if block == 1 and stage > 2 else 1
            x = _bottleneck(x, filters, strides, f"conv{stage}_block{block}", widen=block == 1)
    return layers.GlobalAveragePooling2D(name="avg_pool")(x)


def _bottleneck(x, filters, strides, name, widen):
    shortcut = x
    if widen:
        shortcut = _plain_conv(4 * filters, 1, f"{name}_0_conv", strides)(x)
        shortcut = _norm(f"{name}_0_bn")(shortcut)
    for number, kernel in ((1, 1), (2, 3)):
        x = _plain_conv(filters, kernel, f"{name}_{number}_conv", strides if number == 1 else 1)(x)
        x = layers.ReLU(name=f"{name}_{number}_relu")(_norm(f"{name}_{number}_bn")(x))
    x = _norm(f"{name}_3_bn")(_plain_conv(4 * filters, 1, f"{name}_3_conv")(x))
    return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([shortcut, x]))


def _conv(x, filters, kernel, name, strides=1):
    return layers.ReLU(name=f"{name}_relu")(_plain_conv(filters, kernel, name, strides)(x))


def _plain_conv(filters, kernel, name, strides=1, padding="same"):
    return layers.Conv2D(filters, kernel, strides, padding=padding, kernel_initializer="he_normal", name=name)


def _norm(name):
    return layers.BatchNormalization(epsilon=1.001e-5, name=name)


def _dense_layers(x, dropout):
    x = layers.Flatten(name="flatten")(x)
    for name in ("fc1", "fc2"):
        x = layers.Dense(4096, activation="relu", kernel_initializer="he_normal", name=name)(x)
        x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    return x


def _head(features, classes):
    # float32 whatever the precision policy: probabilities and loss are not to be rounded
    return layers.Dense(
        classes, activation="softmax", kernel_initializer="he_normal", dtype="float32", name=HEAD
    )(features)


NETWORKS = {
    "alexnet": Network(_alexnet, "conv5", "conv5_relu", ("fc1", "fc2")),
    "vgg16": Network(_vgg16, "block5", "block5_conv3_relu", ("fc1", "fc2")),
    "resnet50": Network(_resnet50, "conv5", "conv5_block3_out"),
}
