"""One fold of one row: data, synthetic images, features, head, predictions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import tensorflow as tf

from data_builders.catalog import Table
from data_builders.pipeline import eval_batches, repeat_grey, train_batches
from reproductions.zebin import data, figures, memorisation, model, published, synthetic, trained
from reproductions.zebin.claims import epochs_to
from reproductions.zebin.config import CLASSES, Row
from reproductions.zebin.data import COVID, NORMAL, Fold, Samples
from reproductions.zebin.features import Features, Inputs, fingerprint
from reproductions.zebin.model import Network, Shape
from shared.base.untuned import untuned
from shared.comparison import Predictions
from shared.paper import Context
from shared.training import fitting
from shared.training.backbones import BACKBONES, find_weights


def run(row: Row, draw: int, context: Context) -> Predictions:
    """Trains the head of one fold and has it judge the fold's validation images and the test set."""
    tables = data.load_tables(context.data_dir, context.cache_dir)
    covid, kermany = (table.blinded(row.blind) for table in tables)
    chosen, samples = real_images(row, covid, kermany, context)
    made = synthetic_images(row, chosen, samples, context) if row.augmentation == "v2" else None
    if made:
        samples = samples.with_synthetic(row, made.images, made.sources)
    fold = data.fold(row, samples, draw, context.seed)
    network = network_of(row, context)
    inputs = Inputs(samples, features_of(row, network, fold.seed, context))
    history = fit(row, network, inputs, fold, context, f"{row.id}, fold {draw}")
    probabilities = fitting.predict(network.head, eval_batches(inputs.plain, batch=256, finish=tf.identity))
    facts = counts(row, network, fold, history) | set_sizes(samples)
    drawn: dict[str, tuple[Any, str]] = {}
    if made:
        facts |= threshold(row, network, inputs, history, draw, context)
        judged, drawn = judge_images(made, inputs)
        facts |= judged
    drawn |= figures.explanations(row, network.whole, samples, probabilities, covid, fold.train, context)
    found = predictions(samples, fold, probabilities, history, facts, drawn)
    return replace(found, model=trained.files(network, inputs, samples))


def real_images(row: Row, covid: Table, kermany: Table, context: Context) -> tuple[data.Chosen, Samples]:
    """The run's images and who is in which part: the row's own choice, or a list's."""
    if context.split_list:
        return published.from_list(row, covid, kermany, context)
    chosen = data.choose(row, covid, kermany, context.seed)
    pixels = chosen.pixels(row.side, context.cache_dir)
    return chosen, data.split(row, chosen, pixels, context.seed)


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
    shape = Shape(row.backbone, row.side, row.pool, row.hidden, row.dropout)
    return model.compiled(shape, weights, row.learning_rate, context.seed, context.runtime)


def features_of(row: Row, network: Network, seed: int, context: Context) -> Features:
    """The row's features, ready to be asked for."""
    weights = fingerprint(network.extractor.get_weights())
    identity = f"{row.backbone} {row.side} {row.pool} {weights}"
    augment = data.augmentation(row)
    seen = finish(row.backbone)
    return Features(network.extractor, identity, seen, augment, seed, context.stages, context.runtime)


@functools.cache
def finish(backbone: str) -> Callable:
    """Grey pixels to what a backbone reads; one function for all epochs, so that it is traced once."""
    return lambda images: BACKBONES[backbone].preprocess(repeat_grey(images))


def fit(
    row: Row, network: Network, inputs: Inputs, fold: Fold, context: Context, title: str, folder="checkpoints"
) -> list[dict]:
    """Trains the head on a fold from its own start; each epoch sees the fold's images as augmented in it."""
    fitting.reset(network.head, model.fresh_weights(network.head, fold.seed))
    labels, classes = inputs.samples.labels, len(CLASSES)

    def batches(epoch: int) -> tf.data.Dataset:
        options = {"classes": classes, "batch": row.batch, "finish": tf.identity, "rows": fold.train}
        return train_batches(inputs.augmented(epoch), labels, seed=fold.seed, epoch=epoch, **options)

    def held_out() -> tf.data.Dataset:
        targets = np.eye(classes, dtype="float32")[labels[fold.validation]]
        held = tf.data.Dataset.from_tensor_slices((inputs.plain[fold.validation], targets))
        return untuned(held.batch(256))

    return fitting.fit(
        network.head,
        batches,
        epochs=row.epochs,
        seed=fold.seed,
        folder=context.run_dir / folder,
        title=title,
        validation=held_out if len(fold.validation) else None,
    )


def threshold(
    row: Row, network: Network, inputs: Inputs, history: list[dict], draw: int, context: Context
) -> dict:
    """Section 3.3's threshold: the training loss that the same fold ends with without synthetic images."""
    samples = inputs.samples.without_synthetic()
    fold = replace(data.fold(row, samples, draw, context.seed), validation=samples.synthetic)
    weights = network.head.get_weights()
    title = f"{row.id}, fold {draw}, without synthetic images"
    plain = fit(row, network, Inputs(samples, inputs.features), fold, context, title, "checkpoints-v1")
    network.head.set_weights(weights)  # the pictures explain the row's own model
    loss = plain[-1]["loss"]
    return {"threshold_loss": loss, "epochs_to_threshold": epochs_to(loss, history)}


def counts(row: Row, network: Network, fold: Fold, history: list[dict]) -> dict:
    """The numbers the paper states about a model and its training; the times are those of the head alone."""
    seconds = float(np.median([logs["seconds"] for logs in history]))
    return {
        **fitting.sizes(network.whole),
        "published_parameters": model.published_parameters(row.backbone, network.extractor.count_params()),
        "epochs": len(history),
        "image_steps": len(fold.train) * len(history),
        "seconds_per_epoch": seconds,
        "ms_per_step": 1000 * seconds / -(-len(fold.train) // row.batch),
        "train_images": len(fold.train),
    }


def set_sizes(samples: Samples) -> dict[str, int]:
    """Table 1's counts of real images, in all and of each part."""
    parts = {"training": samples.train, "test": samples.test}
    parts["images"] = np.concatenate([samples.train, samples.test])
    return {
        f"{part}_{name.lower().replace('-', '_')}": int(np.sum(samples.labels[places] == label))
        for part, places in parts.items()
        for label, name in enumerate(CLASSES)
    }


def judge_images(made: synthetic.Generated, inputs: Inputs) -> tuple[dict, dict]:
    """Are the synthetic images new, and like the real ones? As facts and as pictures."""
    samples, features = inputs.samples, inputs.plain
    covid, fake = samples.of(COVID), samples.synthetic
    groups = {"generated": features[fake], "normal": features[samples.of(NORMAL)], "covid": features[covid]}
    judged = memorisation.judge(samples.pixels[fake], samples.pixels[covid], groups)
    facts = {**judged, "cyclegan_device": made.device}
    sources, images, real = (samples.pixels[places] for places in (made.sources, fake, covid))
    return facts, figures.synthetic(sources, images, real, facts, made.history)


def predictions(samples: Samples, fold: Fold, probabilities, history, facts, drawn) -> Predictions:
    """The fold's validation images, then the test set."""
    scored = np.concatenate([fold.validation, samples.test])
    return Predictions(
        classes=CLASSES,
        split=["validation"] * len(fold.validation) + ["test"] * len(samples.test),
        sample=samples.names[scored].tolist(),
        patient=samples.patients[scored].tolist(),
        true=samples.labels[scored],
        probabilities=probabilities[scored],
        history=history,
        facts=facts,
        pictures=drawn,
    )
