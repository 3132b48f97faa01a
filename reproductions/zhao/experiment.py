"""One run: data, model, fit, predict; rows that differ in what they show share the training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from reproductions.zhao import data, figures
from reproductions.zhao.config import CLASSES, STAGE, Lists, training_fields
from reproductions.zhao.model import save, started, weights_path
from reproductions.zhao.schedule import blocks
from reproductions.zhao.trained import files as files_of
from shared.base.sums import file_hash
from shared.comparison import Predictions
from shared.paper import Context
from shared.training import fitting
from shared.training.stages import listed

JUDGED = ("validation", "test")


def run(row, draw: int, context: Context) -> Predictions:
    """Train a row's setting, or find it trained, and judge both official splits; or count the lists."""
    if isinstance(row, Lists):
        return counted(context)
    tables = data.load(context.data_dir, context.cache_dir, row.blind, context.split_list)
    stage = trained(row, draw, tables, context)
    facts = json.loads((stage / "facts.json").read_text())
    found = Predictions(
        classes=CLASSES,
        split=[name for name in JUDGED for _ in range(len(tables[name]))],
        sample=np.concatenate([tables[name].name for name in JUDGED]).tolist(),
        patient=np.concatenate([tables[name].patient for name in JUDGED]).tolist(),
        true=np.concatenate([tables[name].label for name in JUDGED]),
        probabilities=np.concatenate([np.load(stage / f"{name}.npy") for name in JUDGED]),
        history=facts.pop("history"),
        facts=facts | {"counts": data.counts(tables)},
        model=files_of(row, stage, tables["test"], context),
    )
    found.pictures.update(figures.draw(row, found, tables, stage, seed_of(draw, context), context))
    return found


def counted(context: Context) -> Predictions:
    """Figure 2 and the paper's numbers of slices and patients; predictions of no image."""
    tables = data.listed(context.data_dir)
    counts = data.counts(tables)
    patients = set().union(*(table.patient for table in tables.values()))
    return Predictions(
        classes=CLASSES,
        split=[],
        sample=[],
        patient=[],
        true=np.zeros(0, int),
        probabilities=np.zeros((0, len(CLASSES)), "float32"),
        facts={"images": sum(map(len, tables.values())), "patients": len(patients), "counts": counts},
        pictures={"counts": (figures.figure2(counts), "Fig. 2: images and patients of each split.")},
    )


def seed_of(draw: int, context: Context) -> int:
    """The draw's own seed, the same for all rows."""
    return fitting.draw_seed(context.seed, draw)


def trained(row, draw: int, tables, context: Context) -> Path:
    """The folder with a training's probabilities, history and model; computed once for all its rows."""
    key = training_fields(row) | {
        "seed": context.seed,
        "draw": draw,
        "precision": context.runtime.precision,
        "start": _start_file(row, context.weights_dir),
        "data": {name: table.fingerprint() for name, table in tables.items()},
        "annotations": {name: table.hash_of("label", "box") for name, table in tables.items()},
        **listed(context.split_list),
    }

    def make(folder: Path) -> None:
        _train(row, tables, seed_of(draw, context), folder, context)

    return context.stages.folder(STAGE, key, make)


def _start_file(row, weights_dir: Path) -> str:
    """A description of the initial weights."""
    return "random" if row.weights == "random" else file_hash(weights_path(weights_dir, row.weights))


def _train(row, tables, seed: int, folder: Path, context: Context) -> None:
    images = {
        name: data.images(table, row.resize if name == "train" else row.crop, context.cache_dir)
        for name, table in tables.items()
    }
    model = started(row, context.weights_dir, seed, context.runtime)
    history = fitting.fit(
        model,
        data.training_blocks(row, images["train"], seed),
        epochs=len(blocks(row.schedule[-1], row.block)),
        seed=seed,
        folder=folder / "checkpoints",
        title=_title(row),
        after_epoch=lambda block, logs: _after_block(row, model, images[row.curve], block, logs),
    )
    for name in JUDGED:
        batches = data.ordered(row, images[name])
        np.save(folder / f"{name}.npy", fitting.predict(model, batches, f"{_title(row)}: {name}"))
    save(model, folder / "model.keras")
    (folder / "facts.json").write_text(json.dumps(_facts(row, model, folder, history)))


def _title(row) -> str:
    """The training's name in the log; not a row's id, because several rows may share a training."""
    few = f", {row.per_class} per class" if row.per_class else ""
    mixed = ", mixup" if row.mixup else ""
    return f"{row.weights}, {row.resize} to {row.crop} pixels, {row.schedule[-1]} steps{mixed}{few}"


def _after_block(row, model, shown: data.Images, block: int, logs: dict) -> None:
    """Figure 7's point after each block; the step it belongs to in any case."""
    logs["step"] = sum(blocks(row.schedule[-1], row.block)[: block + 1])
    rows = data.curve_rows(row, len(shown.labels))
    if len(rows):
        decided = fitting.predict(model, data.ordered(row, shown, rows)).argmax(axis=1)
        logs["val_accuracy"] = float((decided == shown.labels[rows]).mean())


def _facts(row, model, folder: Path, history: list[dict]) -> dict:
    head = model.get_layer("head.conv2d").count_params()
    return {
        **fitting.sizes(model),
        "parameters_before_the_head": model.count_params() - head,
        "weights_bytes": (folder / "model.keras").stat().st_size,
        "steps": row.schedule[-1],
        "image_steps": row.schedule[-1] * row.batch,
        "history": history,
    }
