"""The separable CNN of Table 1, and the five backbones with the paper's classifier on top."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
from keras import layers

from reproductions.elazhari.config import Row
from shared.training import fitting, optimizers
from shared.training.backbones import BACKBONES
from shared.training.runtime import Runtime


@dataclass(frozen=True)
class Network:
    """A row's model: the part that is trained, and the base if it is frozen and its features are stored."""

    trained: keras.Model
    base: keras.Model | None = None

    @property
    def on_features(self) -> bool:
        """Whether the trained part reads the base's feature maps instead of images."""
        return self.base is not None

    @property
    def models(self) -> tuple[keras.Model, ...]:
        """The parts, none inside another."""
        return (self.base, self.trained) if self.on_features else (self.trained,)


def build(row: Row, weights: Path | None = None) -> Network:
    """The row's model, `weights` being the file of its base's ImageNet weights."""
    if row.model == "cnn":
        return Network(separable_cnn(row.side, row.hidden, 2, row.dropout, row.activation))
    base = backbone(row.model, row.side, weights, row.frozen)
    head = classifier(base.output_shape[1:], row.hidden, 2, row.activation)
    if row.frozen and row.store_features:
        return Network(head, base)
    return Network(joined(base, head))


def compiled(row: Row, runtime: Runtime) -> Network:
    """The row's network with random weights, ready to train."""
    network = build(row)
    fitting.compile_model(network.trained, optimizers.Adam(row.learning_rate), row.loss, runtime)
    return network


def separable_cnn(
    side: int = 200, hidden: int = 1000, classes: int = 2, dropout: float = 0.25, activation: str = "relu"
) -> keras.Model:
    """Table 1, without its row '(8, 8, 64) 64', which no layer can have: 77,253 parameters."""

    def convolution(x, filters, pool=True):
        x = layers.SeparableConv2D(filters, 3, activation=activation)(x)
        return layers.MaxPooling2D()(x) if pool else x

    images = layers.Input((side, side, 3))
    x = convolution(images, 16)
    x = layers.BatchNormalization()(convolution(x, 16))
    x = layers.BatchNormalization()(convolution(x, 32))
    x = layers.BatchNormalization()(convolution(x, 32))
    x = layers.Dropout(dropout)(x)
    x = convolution(x, 64)
    x = layers.BatchNormalization()(convolution(x, 64))
    return keras.Model(images, _classify(x, hidden, classes, activation), name="separable_cnn")


def backbone(name: str, side: int, weights: Path | None = None, frozen: bool = False) -> keras.Model:
    """A convolutional base up to its last feature map, VGG16's own last pooling layer included."""
    base = BACKBONES[name].build((side, side, 3), head="map", weights=weights)
    base.trainable = not frozen
    return base


def classifier(
    shape: tuple[int, ...], hidden: int = 1000, classes: int = 2, activation: str = "relu"
) -> keras.Model:
    """The part that replaces the original classifier: from a base's feature map to the two classes."""
    maps = layers.Input(shape)
    return keras.Model(maps, _classify(maps, hidden, classes, activation), name="classifier")


def joined(base: keras.Model, head: keras.Model) -> keras.Model:
    """Base and classifier as one model.

    A frozen base needs no training=False: its batch norm keeps its averages, and Keras 3 passes the outer
    model's own argument on to it in any case.
    """
    images = layers.Input(base.input_shape[1:])
    return keras.Model(images, head(base(images)), name=f"{base.name}_classifier")


def _classify(features, hidden: int, classes: int, activation: str):
    """Section 3.1.4: Flatten after the last pooling layer, a Dense of 1000, the two classes."""
    x = layers.Dense(hidden, activation=activation)(layers.Flatten()(features))
    return layers.Dense(classes, activation="softmax", dtype="float32")(x)
