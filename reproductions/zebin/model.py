"""A published backbone with a new three-class head (sections 3.1 and 3.2), whole and as its two parts."""

from __future__ import annotations

from pathlib import Path

import keras
from keras import layers

from shared.backbones import BACKBONES


def build(
    backbone: str,
    side: int = 224,
    pool: int = 4,
    hidden: int = 64,
    dropout: float = 0.5,
    classes: int = 3,
    weights: Path | None = None,
) -> keras.Model:
    """Backbone, average pooling, dense, dropout, softmax: 14,747,715 parameters on VGG16.

    The backbone is frozen, and runs in inference mode: its batch normalization keeps ImageNet's statistics.
    """
    base = BACKBONES[backbone].build((side, side, 3), "map", weights)
    for layer in base.layers:
        layer.trainable = False
    x = layers.AveragePooling2D(pool, name="pooled", dtype="float32")(base.output)
    x = layers.Flatten(name="features", dtype="float32")(x)
    x = layers.Dense(hidden, activation="relu", name="hidden", dtype="float32")(x)
    x = layers.Dropout(dropout, name="dropout", dtype="float32")(x)
    x = layers.Dense(classes, activation="softmax", name="classes", dtype="float32")(x)
    return keras.Model(base.input, x, name=f"{backbone}_classifier")


def features_of(model: keras.Model) -> keras.Model:
    """The frozen part: images to features."""
    return keras.Model(model.input, model.get_layer("features").output, name="features_of")


def head_of(model: keras.Model) -> keras.Model:
    """The trained part: features to probabilities; it shares its weights with the whole."""
    features = keras.Input(model.get_layer("features").output.shape[1:])
    x = features
    for name in ("hidden", "dropout", "classes"):
        x = model.get_layer(name)(x)
    return keras.Model(features, x, name="head")


def fresh_weights(head: keras.Model, seed: int) -> list:
    """Initial weights of a head, from the seed alone."""
    keras.utils.set_random_seed(seed)
    return keras.models.clone_model(head).get_weights()
