"""Section 3, intermediate model: three steps on chest radiographs, one stage per backbone."""

from __future__ import annotations

import shutil
from pathlib import Path

import keras

from data_builders.pipeline import rescale, train_batches
from reproductions.altaf import data
from reproductions.altaf.config import Row
from reproductions.altaf.keys import intermediate_key, surroundings, weights_of
from reproductions.altaf.model import LOSS, body, build, freeze_backbone, network_of
from shared.paper import Context
from shared.training import fitting, optimizers
from shared.training.runtime import Runtime


def intermediate_model(row: Row, context: Context) -> Path:
    """The weights of the three-step training on chest radiographs: one stage per backbone."""
    whole = data.load_findings(row, context.data_dir, context.cache_dir, central_crop=1.0)
    seen = {"data": whole.fingerprint, "findings": whole.table.hash_of("findings")}
    key = intermediate_key(row) | seen | surroundings(row, context)
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
