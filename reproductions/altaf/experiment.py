"""One draw of one row: data, model, fit, predict."""

from __future__ import annotations

import functools
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np

from data_builders import catalog
from data_builders.pipeline import eval_batches, repeat_grey, rescale, train_batches
from reproductions.altaf import data
from reproductions.altaf.config import DATASETS, Row
from reproductions.altaf.dictionary import class_scores
from reproductions.altaf.model import OUTPUT, Network, build, features, freeze_backbone
from shared.comparison import Predictions
from shared.paper import Context, Need, Work
from shared.training import fitting, optimizers
from shared.training.backbones import BACKBONES, find_weights, weights_missing
from shared.training.runtime import Runtime
from shared.training.stages import file_hash

LOSS = "categorical_crossentropy"
INTERMEDIATE = (
    "backbone",
    "weights",
    "head",
    "source_side",
    "side",
    "batch",
    "findings_per_class",
    "intermediate_epochs",
    "intermediate_rate",
    "rate_divisor",
    "central_crop",
    "rotation",
)
"""What the intermediate model depends on: the backbone, not the method or the target."""
PREDICTION_ONLY = ("id", "method", "draws", "sparsity", "ridge")
"""What the target training does not depend on."""


def run(row: Row, draw: int, context: Context) -> Predictions:
    """Trains the row's target model on a draw, or finds it trained, and scores the test chunk."""
    images = data.load_target(row, context.data_dir, context.cache_dir)
    train, test = data.split(row, images.labels, context.seed, draw)
    key = target_key(row) | {"draw": draw, "data": images.fingerprint, **surroundings(row, context)}
    folder = context.stages.folder("target", key, lambda work: train_target(row, draw, images, context, work))
    arrays, note = fitting.load_arrays(folder / "activations.npz", with_note=True)
    activations, probabilities = arrays
    scores = None
    if row.method == "combined":
        represented = class_scores(
            activations[train], images.labels[train], activations[test], row.sparsity, row.ridge
        )
        scores = probabilities[test] + represented
    return Predictions(
        classes=data.CLASSES,
        split=["test"] * len(test),
        sample=images.names[test].tolist(),
        patient=images.patients[test].tolist(),
        true=images.labels[test],
        probabilities=probabilities[test],
        scores=scores,
        history=note["history"],
        facts=note["facts"] | {"train_images": len(train), "test_images": len(test)},
    )


def train_target(row: Row, draw: int, images: data.Images, context: Context, work: Path) -> None:
    """Fine-tunes the whole model and keeps the activations and probabilities of every image."""
    train, _ = data.split(row, images.labels, context.seed, draw)
    seed = context.seed + 1000 * (draw + 1)
    ready = target_model(
        network_of(row, len(data.CLASSES)), weights_of(row, context), *rates(row), context.runtime
    )
    fitting.reset(ready.model, ready.start)
    if row.boosted:
        load_body(ready.model, intermediate_model(row, context))
    renew_output(ready.model, seed)

    def batches(epoch: int):
        return train_batches(
            images.pixels,
            images.labels,
            classes=len(data.CLASSES),
            batch=row.batch,
            seed=seed,
            epoch=epoch,
            augment=data.target_augmentation(row),
            finish=intensity(row),
            rows=train,
        )

    history = fitting.fit(
        ready.model,
        batches,
        epochs=row.epochs,
        seed=seed,
        folder=work / "checkpoints",
        title=title(row, draw),
    )
    shown = eval_batches(images.pixels, batch=row.batch, finish=intensity(row))
    activations = fitting.predict(ready.features, shown, title="activations")
    probabilities = np.asarray(ready.model.get_layer(OUTPUT)(activations))
    facts = {
        "parameters": ready.model.count_params(),
        "epochs": len(history),
        "image_steps": len(train) * len(history),
    }
    note = json.dumps({"history": history, "facts": facts})
    fitting.save_arrays(work / "activations.npz", [activations, probabilities], note)
    shutil.rmtree(work / "checkpoints", ignore_errors=True)


def intermediate_model(row: Row, context: Context) -> Path:
    """The weights of the three-step training on chest radiographs: one stage per backbone."""
    whole = data.load_findings(row, context.data_dir, context.cache_dir, central_crop=1.0)
    key = intermediate_key(row) | {"data": whole.fingerprint, **surroundings(row, context)}
    folder = context.stages.folder(
        "intermediate", key, lambda work: train_intermediate(row, whole, context, work)
    )
    return folder / "body.npz"


def train_intermediate(row: Row, whole: data.Images, context: Context, work: Path) -> None:
    """Section 3: the new layers; the new layers, augmented, at a tenth of the rate; everything at a tenth."""
    cropped = data.load_findings(row, context.data_dir, context.cache_dir, row.central_crop)
    fitting.seed_initialisers(context.seed)
    model = build(network_of(row, len(data.FINDINGS)), weights_of(row, context))
    augment = data.intermediate_augmentation(row)
    plan = [(True, whole, None), (True, cropped, augment), (False, cropped, augment)]
    for step, (frozen, images, augmentation) in enumerate(plan):
        compile_step(model, frozen, row.intermediate_rate / row.rate_divisor**step, context.runtime)

        def batches(epoch: int, images=images, augmentation=augmentation, seed=context.seed + step):
            return train_batches(
                images.pixels,
                images.labels,
                classes=len(data.FINDINGS),
                batch=row.batch,
                seed=seed,
                epoch=epoch,
                augment=augmentation,
                finish=rescale,
            )

        fitting.fit(
            model,
            batches,
            epochs=row.intermediate_epochs[step],
            seed=context.seed + step,
            folder=work / f"step-{step + 1}",
            title=f"{row.backbone} on radiographs, step {step + 1}",
        )
    fitting.save_arrays(work / "body.npz", body(model))
    for step in range(len(plan)):
        shutil.rmtree(work / f"step-{step + 1}", ignore_errors=True)


def compile_step(model: keras.Model, frozen: bool, rate: float, runtime: Runtime) -> None:
    """Ready for a step; one that learns the same layers as the last only changes the rate: no new trace."""
    if model.compiled and all(
        layer.trainable != frozen for layer in model.layers if isinstance(layer, keras.Model)
    ):
        model.optimizer.learning_rate = rate
        fitting.reset(model, model.get_weights())
    else:
        freeze_backbone(model, frozen)
        fitting.compile_model(model, optimizers.Adam(rate), LOSS, runtime)


@dataclass(frozen=True)
class Ready:
    """A compiled target model, its activations before the logits, and the weights it was built with."""

    model: keras.Model
    features: keras.Model
    start: list


_ready: dict[tuple, Ready] = {}


def target_model(network: Network, weights: Path | None, rate: float, output_rate: float, runtime) -> Ready:
    """Traced once for all draws, methods and datasets that share it; one is kept at a time."""
    key = (network, weights, rate, output_rate)
    if key not in _ready:
        _ready.clear()
        fitting.seed_initialisers(0)
        model = build(network, weights)
        optimizer = optimizers.Adam(rate, layer_rates={OUTPUT: output_rate})
        fitting.compile_model(model, optimizer, LOSS, runtime)
        _ready[key] = Ready(model, features(model), model.get_weights())
    return _ready[key]


def network_of(row: Row, classes: int) -> Network:
    """The shape of a row's model."""
    return Network(row.backbone, row.head, row.source_side, row.side, row.boosted, classes)


def rates(row: Row) -> tuple[float, float]:
    """The learning rate, and the output layer's multiple of it."""
    return row.rate, row.output_rate


def weights_of(row: Row, context: Context) -> Path | None:
    """The file the source model is loaded from."""
    if row.weights == "random":
        return None
    return find_weights(context.weights_dir, row.backbone, BACKBONES[row.backbone].needs_top(row.head))


def intensity(row: Row):
    """Deviation 3: grey / 255 for the boosted models, the backbone's own preprocessing for the plain one."""
    if row.boosted:
        return rescale
    return lambda images: BACKBONES[row.backbone].preprocess(repeat_grey(images))


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


def intermediate_key(row: Row) -> dict:
    """What the intermediate model depends on, of the row."""
    return {name: getattr(row, name) for name in INTERMEDIATE}


def target_key(row: Row) -> dict:
    """What the target training depends on, of the row; a plain transfer sees no radiographs."""
    values = {name: value for name, value in asdict(row).items() if name not in PREDICTION_ONLY}
    if not row.boosted:
        own = set(INTERMEDIATE) - {"backbone", "weights", "head", "source_side", "batch"}
        values = {name: value for name, value in values.items() if name not in own}
    return values | {"boosted": row.boosted, "augmented": row.augmented}


def surroundings(row: Row, context: Context) -> dict:
    """What a training depends on besides the row and the data."""
    weights = weights_of(row, context)
    start = file_hash(weights) if weights else "random"
    return {"seed": context.seed, "precision": context.runtime.precision, "start": start}


def title(row: Row, draw: int) -> str:
    """What a training is called in the log: boosted-aug and combined are one."""
    method = "boosted-aug" if row.augmented else row.method
    return f"{row.dataset} {row.backbone} {method}, draw {draw}"


def needs(row: Row) -> tuple[Need, ...]:
    """Images, ImageNet weights and, unless the row is the plain baseline, the radiographs."""
    name, top = DATASETS[row.dataset], BACKBONES[row.backbone].needs_top(row.head)
    found = [Need(name, lambda data_dir, _: catalog.missing(name, data_dir))]
    if row.weights != "random":
        label = f"{row.backbone} ImageNet weights"
        found.append(Need(label, lambda _, weights_dir: weights_missing(weights_dir, row.backbone, top)))
    if row.boosted:
        found.append(Need("chest_xray14", lambda data_dir, _: data.findings_missing(row, data_dir)))
    return tuple(found)


def work(row: Row) -> tuple[Work, ...]:
    """The trainings a row rests on, with their image-steps."""
    images = sum(catalog.DATASETS[DATASETS[row.dataset]].counts.values())
    trained = round(images * (1 - row.test_fraction)) * row.epochs * row.draws
    kind = "boosted" if row.boosted else "transfer"
    pieces = [
        Work(
            f"target training ({kind})",
            target_key(row),
            trained,
            functools.partial(_timed, row, None),
            row.batch,
            stage="target",
            speed=f"{row.backbone} {kind} {row.side}",
        )
    ]
    if row.boosted:
        for frozen, epochs in ((True, sum(row.intermediate_epochs[:2])), (False, row.intermediate_epochs[2])):
            steps = len(data.FINDINGS) * row.findings_per_class * epochs
            pieces.append(
                Work(
                    f"intermediate training ({'steps 1, 2' if frozen else 'step 3'})",
                    intermediate_key(row),
                    steps,
                    functools.partial(_timed, row, frozen),
                    row.batch,
                    stage="intermediate",
                    speed=f"{row.backbone} intermediate {frozen} {row.side}",
                )
            )
    return tuple(pieces)


def _timed(row: Row, frozen: bool | None, runtime: Runtime) -> keras.Model:
    """A model as it is trained, for timing; `frozen` tells the intermediate steps apart."""
    if frozen is None:
        return target_model(network_of(row, len(data.CLASSES)), None, *rates(row), runtime).model
    model = build(network_of(row, len(data.FINDINGS)), None)
    compile_step(model, frozen, row.intermediate_rate, runtime)
    return model
