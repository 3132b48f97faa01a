"""The surgery: a published network that takes 448 × 448 grey images, and the plain one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers

from reproductions.altaf.config import Row
from shared.base.errors import UserError
from shared.training import averages, fitting
from shared.training.backbones import BACKBONES

OUTPUT = "output"
LOSS = "categorical_crossentropy"


@dataclass(frozen=True)
class Network:
    """The settings that decide a model's shape."""

    backbone: str
    head: str
    source_side: int
    side: int
    boosted: bool
    """With the extra input layer; otherwise the network as published."""
    classes: int
    momentum: float
    """Of the moving averages of batch norm."""

    @property
    def input_shape(self) -> tuple[int, int, int]:
        return (self.side, self.side, 1) if self.boosted else (self.source_side, self.source_side, 3)


def network_of(row: Row, classes: int) -> Network:
    """The shape of a row's model."""
    return Network(row.backbone, row.head, row.source_side, row.side, row.boosted, classes, row.momentum)


def build(network: Network, weights: Path | None) -> keras.Model:
    """A published network with a new output layer; boosted, with the extra layer in front of it."""
    if network.boosted and network.side != 2 * network.source_side:
        wanted = 2 * network.source_side
        raise UserError(f"side={network.side}: the extra layer halves it, so set it to {wanted}")
    source = (network.source_side, network.source_side, 3)
    backbone = BACKBONES[network.backbone].build(source, network.head, weights)
    inputs = keras.Input(network.input_shape)
    x = extra_layer(inputs, backbone) if network.boosted else inputs
    x = backbone(x)
    outputs = layers.Dense(network.classes, activation="softmax", dtype="float32", name=OUTPUT)(x)
    name = f"{network.backbone}_{'boosted' if network.boosted else 'transfer'}"
    return set_momentum(keras.Model(inputs, outputs, name=name), network.momentum)


def set_momentum(model: keras.Model, momentum: float) -> keras.Model:
    """Deviation 14: how much of its moving averages every batch norm keeps in a step."""
    for norm in averages.norms(model):
        norm.momentum = momentum
    return model


def extra_layer(inputs: keras.KerasTensor, backbone: keras.Model) -> keras.KerasTensor:
    """Section 3: a convolution like the network's first, with three filters that halve the side."""
    first = next(layer for layer in backbone.layers if isinstance(layer, layers.Conv2D))
    normalised = any(isinstance(layer, layers.BatchNormalization) for layer in backbone.layers)
    # Stride 2 also for VGG16, whose own stride of 1 cannot give 224 (deviation 2).
    x = layers.Conv2D(
        3, first.kernel_size, strides=2, padding="same", use_bias=first.use_bias, name="extra_conv"
    )(inputs)
    if normalised:
        x = layers.BatchNormalization(name="extra_norm")(x)
    return layers.Activation("relu", name="extra_relu")(x)


def freeze_backbone(model: keras.Model, frozen: bool) -> keras.Model:
    """Steps 1 and 2 learn the extra layer and the output layer alone; step 3 learns everything."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            layer.trainable = not frozen
    return model


def features(model: keras.Model) -> keras.Model:
    """The activations before the logits."""
    return keras.Model(model.input, model.get_layer(OUTPUT).input, name="features")


def body(model: keras.Model) -> list[np.ndarray]:
    """All weights but the output layer's."""
    return [weight for layer in model.layers[:-1] for weight in layer.get_weights()]


def load_body(model: keras.Model, path: Path) -> None:
    """Takes over all weights but the output layer's."""
    variables = [variable for layer in model.layers[:-1] for variable in layer.weights]
    for variable, value in zip(variables, fitting.load_arrays(path), strict=True):
        variable.assign(value)


def renew_output(model: keras.Model, seed: int) -> None:
    """Section 3: the output layer is added anew, here from the draw's seed."""
    kernel, bias = model.get_layer(OUTPUT).weights
    kernel.assign(keras.initializers.GlorotUniform(seed)(kernel.shape))
    bias.assign(keras.ops.zeros_like(bias))
