"""One fold of one row: data, synthetic images, features, head, predictions."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from data_builders.pipeline import repeat_grey, train_batches
from reproductions.zebin import data, memorisation, model, pictures, synthetic
from reproductions.zebin.claims import epochs_to
from reproductions.zebin.config import CLASSES, Row
from reproductions.zebin.data import COVID, NORMAL, Samples
from reproductions.zebin.features import Features, fingerprint
from shared import training
from shared.backbones import BACKBONES, find_weights
from shared.paper import Context
from shared.results import Predictions
from shared.runtime import Runtime

LOSS = "categorical_crossentropy"


@dataclass(frozen=True)
class Network:
    """The whole model and its two parts, the head compiled."""

    whole: keras.Model
    extractor: keras.Model
    head: keras.Model
    fingerprint: str
    """Of the frozen weights."""


def run(row: Row, draw: int, context: Context) -> Predictions:
    """Trains the head of one fold and has it judge the fold's validation images and the test set."""
    covid, kermany = data.load_tables(context.data_dir, context.cache_dir)
    chosen = data.choose(row, covid, kermany, context.seed)
    samples = data.split(row, chosen, chosen.pixels(row.side, context.cache_dir), context.seed)
    seed = context.seed + 1000 * (draw // row.folds)  # more draws than folds: the whole again, drawn anew
    made = synthetic_images(row, chosen, samples, context) if row.augmentation == "v2" else None
    if made:
        samples = samples.with_synthetic(made.images, made.sources)
    network = network_of(row, context)
    features = features_of(row, network, seed, context)
    inputs = Inputs(samples, features)
    train, validation = data.folds(row, samples, seed)[draw % row.folds]
    history = fit(
        row, network, inputs, train, validation, seed, context, "checkpoints", f"{row.id}, fold {draw}"
    )
    probabilities = training.predict(network.head, in_order(inputs.plain))
    scored = np.concatenate([validation, samples.test])
    facts, drawn = judged_images(row, made, samples, inputs) if made else ({}, {})
    facts |= counts(row, network, train, history)
    if made:
        facts |= threshold_facts(row, network, inputs, history, draw, seed, context)
    drawn |= pictures.explanations(row, network.whole, samples, probabilities, covid, train, context)
    return Predictions(
        classes=CLASSES,
        split=["validation"] * len(validation) + ["test"] * len(samples.test),
        sample=samples.names[scored].tolist(),
        patient=samples.patients[scored].tolist(),
        true=samples.labels[scored],
        probabilities=probabilities[scored],
        history=history,
        facts=facts,
        pictures=drawn,
    )


class Inputs:
    """The features of every image of a run, by its place; images that nobody may train on stay NaN."""

    def __init__(self, samples: Samples, features: Features):
        self.samples, self.features = samples, features
        # Real and synthetic images are separate stages: v2 finds what v1 has computed.
        self.trained = [places for places in (samples.train, samples.synthetic) if len(places)]

    @functools.cached_property
    def plain(self) -> np.ndarray:
        """Of the images as they are."""
        parts = [np.sort(np.concatenate([self.samples.train, self.samples.test])), self.samples.synthetic]
        return self._placed(
            (places, self.features.plain(self.samples.pixels[places])) for places in parts if len(places)
        )

    def augmented(self, epoch: int) -> np.ndarray:
        """Of the training images as augmented in an epoch."""
        pixels = self.samples.pixels
        return self._placed((p, self.features.augmented(pixels[p], p, epoch)) for p in self.trained)

    def _placed(self, parts) -> np.ndarray:
        width = self.features.extractor.output_shape[-1]
        placed = np.full((len(self.samples.labels), width), np.nan, "float32")
        for places, values in parts:
            placed[places] = values
        return placed


def synthetic_images(
    row: Row, chosen: data.Chosen, samples: Samples, context: Context
) -> synthetic.Generated:
    """The CycleGAN's images of this training set, with their sources as places in it."""
    pixels = data.prepared(row, chosen.pixels(row.gan_side, context.cache_dir))
    normal, covid = samples.of(NORMAL), samples.of(COVID)
    made = synthetic.generate(row, pixels[normal], pixels[covid], context.seed, context)
    return replace(made, sources=normal[made.sources])


def network_of(row: Row, context: Context) -> Network:
    """The row's model with its ImageNet weights; a fresh head comes with each fold."""
    weights = find_weights(context.weights_dir, row.backbone) if row.weights == "imagenet" else None
    shape = (row.backbone, row.side, row.pool, row.hidden, row.dropout)
    return built(shape, weights, row.learning_rate, context.seed, context.runtime)


@functools.lru_cache(maxsize=1)
def built(shape: tuple, weights: Path | None, rate: float, seed: int, runtime: Runtime) -> Network:
    """One model for all folds and rows of a backbone: the head's step is traced once."""
    keras.utils.set_random_seed(seed)
    backbone, side, pool, hidden, dropout = shape
    whole = model.build(backbone, side, pool, hidden, dropout, len(CLASSES), weights)
    extractor, head = model.features_of(whole), model.head_of(whole)
    training.compile_model(head, keras.optimizers.Adam(rate), LOSS, runtime)
    return Network(whole, extractor, head, fingerprint(extractor.get_weights()))


def features_of(row: Row, network: Network, seed: int, context: Context) -> Features:
    """The row's features, ready to be asked for."""
    backbone = BACKBONES[row.backbone]

    def finish(images):
        return backbone.preprocess(repeat_grey(images))

    identity = f"{row.backbone} {row.side} {row.pool} {network.fingerprint}"
    augment = data.augmentation(row)
    return Features(network.extractor, identity, finish, augment, seed, context.stages, context.runtime)


def fit(
    row: Row,
    network: Network,
    inputs: Inputs,
    train: np.ndarray,
    validation: np.ndarray,
    seed: int,
    context: Context,
    folder: str,
    title: str,
) -> list[dict]:
    """Trains the head on a fold from its own start; each epoch sees the fold's images as augmented in it."""
    training.reset(network.head, model.fresh_weights(network.head, seed))
    labels = inputs.samples.labels

    def batches(epoch: int) -> tf.data.Dataset:
        features = inputs.augmented(epoch)
        options = {"classes": len(CLASSES), "batch": row.batch, "finish": tf.identity}
        return train_batches(features, labels, seed=seed, epoch=epoch, rows=train, **options)

    def held_out() -> tf.data.Dataset:
        targets = np.eye(len(CLASSES), dtype="float32")[labels[validation]]
        return tf.data.Dataset.from_tensor_slices((inputs.plain[validation], targets)).batch(row.batch * 8)

    return training.fit(
        network.head,
        batches,
        epochs=row.epochs,
        seed=seed,
        folder=context.run_dir / folder,
        title=title,
        validation=held_out if len(validation) else None,
    )


def in_order(features: np.ndarray) -> tf.data.Dataset:
    """Features once each, in order."""
    return tf.data.Dataset.from_tensor_slices(features).batch(256)


def counts(row: Row, network: Network, train: np.ndarray, history: list[dict]) -> dict:
    """What the paper states of a model and its training."""
    seconds = float(np.median([logs["seconds"] for logs in history]))
    return {
        "parameters": network.whole.count_params(),
        "trainable_parameters": network.head.count_params(),
        "weights_bytes": 4 * network.whole.count_params(),
        "epochs": len(history),
        "image_steps": len(train) * len(history),
        "seconds_per_epoch": seconds,
        "ms_per_step": 1000 * seconds / -(-len(train) // row.batch),
        "train_images": len(train),
    }


def threshold_facts(
    row: Row, network: Network, inputs: Inputs, history: list[dict], draw: int, seed: int, context: Context
) -> dict:
    """Section 3.3's threshold: the training loss that the same fold ends with without synthetic images."""
    samples = replace(inputs.samples, synthetic=inputs.samples.synthetic[:0])
    train, validation = data.folds(row, samples, seed)[draw % row.folds]
    title = f"{row.id}, fold {draw}, without synthetic images"
    plain = fit(row, network, inputs, train, validation[:0], seed, context, "checkpoints-v1", title)
    loss = plain[-1]["loss"]
    return {"threshold_loss": loss, "epochs_to_threshold": epochs_to(loss, history)}


def judged_images(row: Row, made: synthetic.Generated, samples: Samples, inputs: Inputs) -> tuple[dict, dict]:
    """Are the synthetic images new, and like the real ones? As facts and as pictures."""
    covid, normal = samples.of(COVID), samples.of(NORMAL)
    real, fake = samples.pixels[covid], samples.pixels[samples.synthetic]
    match, likeness = memorisation.nearest(fake, real)
    features = inputs.plain
    half = np.random.default_rng(0).permutation(covid)
    facts = {
        "synthetic_images": len(fake),
        "synthetic_share_copied": memorisation.share_copied(fake, real),
        "synthetic_nearest_correlation": float(likeness.mean()),
        "kid_synthetic_to_covid": memorisation.kernel_distance(features[samples.synthetic], features[covid]),
        "kid_normal_to_covid": memorisation.kernel_distance(features[normal], features[covid]),
        "kid_covid_to_covid": memorisation.kernel_distance(
            features[half[: len(half) // 2]], features[half[len(half) // 2 :]]
        ),
        "synthetic_seen_by_cyclegan": "every training fold and every validation fold; no test image",
    }
    sources = samples.pixels[made.sources]
    return facts, pictures.synthetic(sources, fake, real[match], likeness, real, facts, made.history)
