"""The needs and cost of a row, before anything starts."""

from __future__ import annotations

import functools

import keras

from data_builders.sources import wanted
from reproductions.zebin import model, sources, synthetic
from reproductions.zebin.config import Row
from shared.paper import Need, Work, imagenet_weights
from shared.training.runtime import Runtime

AUGMENTATION = ("rotation", "shift", "flip", "fill", "epochs")
FEATURES = ("backbone", "side", "pool", "weights", *synthetic.SAMPLES, *AUGMENTATION)
"""The fields that the features of the real images depend on."""


def needs(row: Row) -> tuple[Need, ...]:
    """Enough images of both datasets, and ImageNet's weights."""
    names = ("covid_chestxray", "kermany_pneumonia")
    facts = functools.partial(sources.facts, row)
    what, datasets = " and ".join(names), wanted(*names)
    found = [Need(what, lambda data_dir, _: sources.images_missing(row, data_dir), facts, datasets)]
    if row.weights == "imagenet":
        found.append(imagenet_weights(row.backbone))
    return tuple(found)


def work(row: Row) -> tuple[Work, ...]:
    """The features of real images, the heads, and for v2 the CycleGAN and the features of its images."""
    real, tested = sum(row.images) - sum(row.test), sum(row.test)
    key = {name: getattr(row, name) for name in FEATURES}
    pieces = [_features(row, "features", key, real * (row.epochs + 1) + tested), _heads(row, real)]
    if row.augmentation == "v2":
        gan = synthetic.settings(row)
        step, speed = functools.partial(_cyclegan, row), f"CycleGAN {synthetic.architecture(row)}"
        pieces.append(Work("CycleGAN", gan, row.gan_steps, step, 1, stage="cyclegan", speed=speed))
        key = key | gan
        pieces.append(_features(row, "features of synthetic images", key, row.synthetic * (row.epochs + 1)))
    return tuple(pieces)


def _heads(row: Row, real: int) -> Work:
    """With synthetic images each fold is also trained without them, for the threshold of section 3.3."""
    images = 2 * real + row.synthetic if row.augmentation == "v2" else real
    head = functools.partial(_head, row)
    steps, kind = images * row.epochs * row.draws, f"head {row.backbone}"
    return Work("heads", vars(row), steps, head, row.batch, speed=kind, epoch=images)


def _features(row: Row, name: str, key: dict, images: int) -> Work:
    extractor = functools.partial(_extractor, row)
    speed = f"features {row.backbone} {row.side}"
    return Work(name, key, images, extractor, 32, train=False, stage="features", speed=speed)


def _network(row: Row, runtime: Runtime) -> model.Network:
    shape = model.Shape(row.backbone, row.side, row.pool, row.hidden, row.dropout)
    return model.compiled(shape, None, row.learning_rate, 0, runtime)


def _extractor(row: Row, runtime: Runtime) -> keras.Model:
    return _network(row, runtime).extractor


def _head(row: Row, runtime: Runtime) -> keras.Model:
    return _network(row, runtime).head


def _cyclegan(row: Row, runtime: Runtime) -> keras.Model:
    shape = synthetic.architecture(row)
    return synthetic.compiled(shape, row.gan_learning_rate, row.gan_beta_1, 0, runtime)[0]
