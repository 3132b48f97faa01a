"""A second opinion on Altaf et al.: plain Keras, Adam's formula, and the chunk from the files' own order."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from probe_log import Training, Values

from data_builders.catalog import Table


def by_hand(boosted: bool, classes: int) -> keras.Model:
    """The probe's networks in plain Keras: the surgery of section 3, and the network as published."""
    inputs = x = keras.Input((64, 64, 1) if boosted else (32, 32, 3))
    if boosted:
        x = layers.Conv2D(3, 3, strides=2, padding="same", use_bias=False, name="extra_conv")(x)
        x = layers.ReLU()(layers.BatchNormalization(name="extra_norm")(x))
    x = layers.Conv2D(3, 3, padding="same", use_bias=False, name="probe_conv")(layers.AveragePooling2D(2)(x))
    x = layers.BatchNormalization(name="probe_norm")(x)
    x = layers.Dense(classes, "softmax", name="output")(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, x)


def put(model: keras.Model, values: Values) -> None:
    for weight in model.weights:
        weight.assign(values[weight.path])


def retake_by_hand(model: keras.Model, batches: Sequence[Sequence[np.ndarray]]) -> None:
    """Batch norm's averages over all images, as a network in training sees them batch by batch."""
    norms = [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]
    before = keras.Model(model.input, [norm.input for norm in norms])
    seen = [before(batch[0], training=True) for batch in batches]
    for place, norm in enumerate(norms):
        read = np.concatenate([one[place] if len(norms) > 1 else one for one in seen]).astype("float64")
        norm.moving_mean.assign(read.mean((0, 1, 2)))
        norm.moving_variance.assign(read.var((0, 1, 2)))


def trained_by_hand(
    training: Training, boosted: bool, rate: float, output_rate: float, frozen: Sequence[str] = ()
) -> Values:
    """The same steps by Adam's formula: the loss is cross-entropy, frozen layers are in inference mode."""
    model = by_hand(boosted, training.epochs[0].targets.shape[1])
    put(model, training.start)
    for name in frozen:
        model.get_layer(name).trainable = False
    moments = {w.path: [0.0, 0.0] for w in model.trainable_weights}
    batches = [batch for epoch in training.epochs for batch in epoch.batches]
    for step, (images, targets) in enumerate(batches, 1):
        with tf.GradientTape() as tape:
            said = model(images, training=True)
            loss = -tf.reduce_mean(tf.reduce_sum(targets * tf.math.log(said), axis=1))
        weights = model.trainable_weights
        for weight, slope in zip(weights, tape.gradient(loss, [w.value for w in weights]), strict=True):
            first, second = moments[weight.path]
            first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
            moments[weight.path] = [first, second]
            size = output_rate if weight.path.startswith("output/") else rate
            size *= np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            weight.assign_sub(size * first / (np.sqrt(second) + 1e-7))
    return {weight.path: np.array(weight) for weight in model.weights}


def chunk_by_hand(table: Table, draw: int) -> list[str]:
    """Section 4: a run of consecutive images, a tenth of each class, from the files' own order."""
    chosen: list[str] = []
    for label in (0, 1):
        own = [
            n for n, i in zip(table.name, table.label, strict=True) if (table.classes[i] == "COVID") == label
        ]
        start = np.random.default_rng([0, draw, label]).integers(len(own) - 2 + 1)
        chosen += own[start : start + 2]
    return sorted(chosen)


def naive_omp(atoms, sample, sparsity):
    """Orthogonal matching pursuit by its definition: pick the best atom, refit all that are picked."""
    picked, residual = [], sample
    for _ in range(sparsity):
        picked.append(int(np.argmax(np.abs(atoms @ residual))))
        fitted, *_ = np.linalg.lstsq(atoms[picked].T, sample, rcond=None)
        residual = sample - atoms[picked].T @ fitted
    code = np.zeros(len(atoms))
    code[picked] = fitted
    return code


def represented_by_hand(atoms, classes, samples, sparsity: int, ridge: float) -> np.ndarray:
    """Section 3, sample by sample: OMP, (DᵀD + λI)⁻¹Dᵀs, both at unit length, summed by class."""
    atoms, samples = (
        [row / np.linalg.norm(row) for row in rows.astype("float64")] for rows in (atoms, samples)
    )
    columns, scores = np.transpose(atoms), []
    for sample in samples:
        sparse = naive_omp(columns.T, sample, sparsity)
        dense = np.linalg.solve(columns.T @ columns + ridge * np.eye(len(atoms)), columns.T @ sample)
        fused = sparse / np.linalg.norm(sparse) + dense / np.linalg.norm(dense)
        scores.append([fused[np.asarray(classes) == label].sum() for label in (0, 1)])
    return np.array(scores)
