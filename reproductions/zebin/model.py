"""A published backbone with a new three-class head (sections 3.1 and 3.2), whole and as its two parts."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import keras
from keras import layers

from shared.training import fitting, optimizers
from shared.training.backbones import BACKBONES
from shared.training.runtime import Runtime
from shared.training.traced import one_at_a_time

LOSS = "categorical_crossentropy"


def build(
    backbone: str,
    side: int = 224,
    pool: int = 4,
    hidden: int = 64,
    dropout: float = 0.5,
    classes: int = 3,
    weights: Path | None = None,
) -> keras.Model:
    """Backbone and head: 14,747,715 parameters on VGG16."""
    base = BACKBONES[backbone].build((side, side, 3), "map", weights)
    return with_head(base, pool, hidden, dropout, classes)


def with_head(base: keras.Model, pool: int, hidden: int, dropout: float, classes: int) -> keras.Model:
    """Average pooling, dense, dropout and softmax on a map of features.

    The base is frozen, and so its batch normalization keeps ImageNet's statistics.
    """
    for layer in base.layers:
        layer.trainable = False
    x = layers.AveragePooling2D(pool, name="pooled", dtype="float32")(base.output)
    x = layers.Flatten(name="features", dtype="float32")(x)
    x = layers.Dense(hidden, activation="relu", name="hidden", dtype="float32")(x)
    x = layers.Dropout(dropout, name="dropout", dtype="float32")(x)
    x = layers.Dense(classes, activation="softmax", name="classes", dtype="float32")(x)
    return keras.Model(base.input, x, name=f"{base.name}_classifier")


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
    fitting.seed_initialisers(seed)
    return keras.models.clone_model(head).get_weights()


IMAGENET_CLASSES = 1000
TOPS = {"vgg16": (7 * 7 * 512, 4096, 4096), "resnet50": (2048,), "efficientnetb0": (1280,)}
"""Values that the dense layers of the published networks read, one after the other."""


def published_parameters(backbone: str, without_top: int) -> int:
    """Parameters of a network as it is published, with its top, which is never built."""
    sizes = (*TOPS[backbone], IMAGENET_CLASSES)
    return without_top + sum((one + 1) * other for one, other in itertools.pairwise(sizes))


@dataclass(frozen=True)
class Shape:
    """The settings that decide a model's shape."""

    backbone: str
    side: int
    pool: int
    hidden: int
    dropout: float


@dataclass(frozen=True)
class Network:
    """The whole model and its two parts, the head compiled."""

    whole: keras.Model
    extractor: keras.Model
    head: keras.Model


@one_at_a_time
def compiled(shape: Shape, weights: Path | None, rate: float, seed: int, runtime: Runtime) -> Network:
    """One model for all folds and rows of a backbone: the head's step is traced once."""
    fitting.seed_initialisers(seed)
    whole = build(**vars(shape), weights=weights)
    head = fitting.compile_model(head_of(whole), optimizers.Adam(rate), LOSS, runtime)
    return Network(whole, features_of(whole), head)
