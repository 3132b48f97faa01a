"""The needs and cost of a row, before anything starts."""

from __future__ import annotations

import functools

import keras

from data_builders import catalog
from data_builders.sources import wanted
from reproductions.altaf import data
from reproductions.altaf.config import DATASETS, Row
from reproductions.altaf.intermediate import compile_step
from reproductions.altaf.keys import intermediate_key, target_key
from reproductions.altaf.model import build, network_of
from reproductions.altaf.target import rates, target_model
from shared.paper import Need, Work, imagenet_weights
from shared.training.backbones import BACKBONES
from shared.training.runtime import Runtime


def needs(row: Row) -> tuple[Need, ...]:
    """Images, ImageNet weights and, unless the row is the plain baseline, the radiographs."""
    name, top = DATASETS[row.dataset], BACKBONES[row.backbone].needs_top(row.head)
    images = functools.partial(data.target_facts, row)
    found = [Need(name, lambda data_dir, _: catalog.missing(name, data_dir), images, wanted(name))]
    if row.weights != "random":
        found.append(imagenet_weights(row.backbone, top))
    if row.boosted:
        chosen, n = functools.partial(data.findings_facts, row), row.findings_per_class
        nih = "chest_xray14"
        found.append(Need(nih, lambda data_dir, _: data.findings_missing(n, data_dir), chosen, wanted(nih)))
    return tuple(found)


def work(row: Row) -> tuple[Work, ...]:
    """The trainings a row rests on, with their image-steps."""
    return (*_target(row), *_intermediate(row)) if row.boosted else _target(row)


def _target(row: Row) -> tuple[Work, ...]:
    images = sum(catalog.DATASETS[DATASETS[row.dataset]].counts.values())
    epoch = round(images * (1 - row.test_fraction))
    kind = "boosted" if row.boosted else "transfer"
    return tuple(
        Work(
            f"target training ({kind}), draw {draw}",
            target_key(row) | {"draw": draw},
            epoch * row.epochs,
            functools.partial(_target_model, row),
            row.batch,
            stage="target",
            speed=f"{row.backbone} {kind} {row.side}",
            epoch=epoch,
        )
        for draw in range(row.draws)
    )


def _intermediate(row: Row) -> list[Work]:
    first, second, last = row.intermediate_epochs
    return [
        Work(
            f"intermediate training ({steps})",
            intermediate_key(row),
            len(data.FINDINGS) * row.findings_per_class * epochs,
            functools.partial(_intermediate_model, row, frozen),
            row.batch,
            stage="intermediate",
            speed=f"{row.backbone} intermediate {frozen} {row.side}",
            epoch=len(data.FINDINGS) * row.findings_per_class,
        )
        for steps, frozen, epochs in (("steps 1, 2", True, first + second), ("step 3", False, last))
    ]


def _target_model(row: Row, runtime: Runtime) -> keras.Model:
    return target_model(network_of(row, len(data.CLASSES)), None, *rates(row), runtime).model


def _intermediate_model(row: Row, frozen: bool, runtime: Runtime) -> keras.Model:
    model = build(network_of(row, len(data.FINDINGS)), None)
    compile_step(model, frozen, row.intermediate_rate, runtime)
    return model
