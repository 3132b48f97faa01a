"""Figures 2, 6 and 7: synthetic images beside real ones, and Grad-CAM of three classes and of one patient."""

from __future__ import annotations

import numpy as np

from data_builders.catalog import Table
from data_builders.pipeline import Frame, load_pixels, repeat_grey
from reproductions.zebin import data, memorisation
from reproductions.zebin.config import CLASSES, Row
from reproductions.zebin.data import COVID, NORMAL, PNEUMONIA, Samples
from shared.paper import Context
from shared.report.figures import curves
from shared.report.galleries import gallery
from shared.training.backbones import BACKBONES
from shared.training.gradcam import grad_cam

COLUMNS = 6


def synthetic(sources, fake, real, facts: dict, history: list[dict]) -> dict:
    """Real beside generated, each generated image between its source and its neighbour, and the losses."""
    columns = min(COLUMNS, len(fake), len(real))
    shown = slice(0, columns)
    match, likeness = memorisation.nearest(fake[shown], real)
    titles = ["normal"] * columns + ["generated"] * columns + [f"nearest real ({r:.2f})" for r in likeness]
    rows = np.concatenate([sources[shown], fake[shown], real[match]])
    beside = np.concatenate([real[shown], fake[shown]])
    losses = [{name: value for name, value in logs.items() if name != "seconds"} for logs in history]
    return {
        "synthetic-beside-real": (
            gallery(beside, ["COVID-19"] * columns + ["generated"] * columns, columns=columns),
            "Fig. 2: real COVID-19 training images above images that the CycleGAN made of normal ones.",
        ),
        "synthetic-neighbours": (
            gallery(rows, titles, columns=columns),
            caption(facts),
        ),
        "cyclegan-losses": (
            curves(losses, x="step"),
            "The CycleGAN's losses, means over blocks of steps.",
        ),
    }


def caption(facts: dict) -> str:
    """A sentence about the nearest neighbours and the kernel distances."""
    copied, to_covid = facts["synthetic_share_copied"], facts["kid_synthetic_to_covid"]
    normal, halves = facts["kid_normal_to_covid"], facts["kid_covid_to_covid"]
    return (
        "What each image was made of, the image, and the real COVID-19 training image most correlated with "
        f"it. {copied:.0%} are nearer to a real image than 95% of the real ones are to each other. Kernel "
        "distance to the real ones, on the features that the head reads, in units of their root mean square: "
        f"generated {to_covid:.4g}, normal {normal:.4g}, half of the real ones to the rest {halves:.4g}."
    )


def explanations(
    row: Row, model, samples: Samples, probabilities, covid: Table, train: np.ndarray, context: Context
) -> dict:
    """Grad-CAM as in Figs. 6 and 7."""
    drawn = {"grad-cam-classes": classes(row, model, samples, probabilities)}
    table = data.progression(row, covid)
    if len(table):
        drawn["grad-cam-progression"] = progression(row, model, table, samples.names[train], context)
    return drawn


def classes(row: Row, model, samples: Samples, probabilities) -> tuple:
    """Of each class the test image that the model is surest of."""
    chosen = [surest(samples, probabilities, label) for label in (NORMAL, PNEUMONIA, COVID)]
    pixels, labels = samples.pixels[chosen], samples.labels[chosen]
    titles = [f"{CLASSES[y]} ({probabilities[i, y]:.2f})" for i, y in zip(chosen, labels, strict=True)]
    maps = explained(row, model, pixels, labels)
    text = "Fig. 6: of each class the test image with the highest probability for it, above its Grad-CAM."
    return gallery(pixels, titles, maps, columns=len(chosen)), text + unread(model)


def surest(samples: Samples, probabilities, label: int) -> int:
    """The place of the class's test image with the highest probability for it."""
    candidates = samples.test[samples.labels[samples.test] == label]
    return int(candidates[probabilities[candidates, label].argmax()])


def progression(row: Row, model, table: Table, trained_on: np.ndarray, context: Context) -> tuple:
    """One patient's images over days, explained for COVID-19."""
    pixels = data.prepared(row, load_pixels(table, Frame(row.side, row.side), context.cache_dir))
    probabilities = np.asarray(model(inputs(row, pixels), training=False))[:, COVID]
    titles = [f"day {day:.0f} ({p:.2f})" for day, p in zip(table.extra["day"], probabilities, strict=True)]
    seen = int(np.isin(table.name, trained_on).sum())
    text = (
        f"Fig. 7: patient {row.progression_patient}, probability and Grad-CAM of COVID-19. Each map has its "
        "own scale: its reach can be compared between days, not its strength. "
        f"{seen} of the {len(table)} images were trained on.{unread(model)}"
    )
    maps = explained(row, model, pixels, np.full(len(pixels), COVID))
    return gallery(pixels, titles, maps, columns=len(pixels)), text


def explained(row: Row, model, pixels: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Grad-CAM maps of these classes at the backbone's last convolutional map, where the head reads it."""
    maps = grad_cam(model, inputs(row, pixels), labels, BACKBONES[row.backbone].last_conv)
    cells, used = cells_read(model)
    edge = round(maps.shape[1] * used / cells)
    maps[:, edge:], maps[:, :, edge:] = 0, 0
    return maps


def cells_read(model) -> tuple[int, int]:
    """How many cells a side of the last map has, and how many of them the head's pooling reads."""
    pooled = model.get_layer("pooled")
    cells = pooled.input.shape[1]
    return cells, cells - cells % pooled.pool_size[0]


def unread(model) -> str:
    """A sentence for captions where the head does not read all of the map: the rest has no say."""
    cells, used = cells_read(model)
    if used == cells:
        return ""
    return (
        f" The head reads the upper left {used} × {used} of {cells} × {cells} cells (deviation 5): only they "
        "are painted."
    )


def inputs(row: Row, pixels: np.ndarray):
    """Images as the backbone takes them."""
    return BACKBONES[row.backbone].preprocess(repeat_grey(pixels.astype("float32")))
