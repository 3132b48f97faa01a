"""The paper's pictures of one run: Figures 2, 4, 5, 7 and 9."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure

from data_builders import splits
from reproductions.zhao import bit, data
from reproductions.zhao.config import CLASSES
from shared.comparison import Predictions
from shared.paper import Context
from shared.report import figures
from shared.report.canvas import COLOURS
from shared.report.galleries import gallery
from shared.training import fitting
from shared.training.gradcam import grad_cam


def draw(row, found: Predictions, tables, stage: Path, seed: int, context: Context) -> dict:
    """name -> (figure, caption), those that the row shows."""
    pictures = {}
    test = found.of("test")
    if "fig5" in row.shown:
        matrix = figures.confusion_matrix(test.true, test.decided, CLASSES, f"{row.id}: test")
        pictures["confusion"] = matrix, "Fig. 5: confusion matrix of the test split."
    if "fig7" in row.shown:
        caption = f"Fig. 7: accuracy on the {row.curve} split every {row.block} steps."
        curve = [{name: logs[name] for name in SHOWN if name in logs} for logs in found.history]
        pictures["curve"] = figures.curves(curve, row.id, x="step"), caption
    if {"fig4", "fig9"} & set(row.shown):
        model = keras.saving.load_model(stage / "model.keras", compile=False)
        shown = data.images(tables["test"], row.crop, context.cache_dir)
        pictures |= figure4(row, model, shown, seed) | figure9(row, model, shown, test, seed)
    return pictures


SHOWN = ("step", "accuracy", "val_accuracy")


def figure2(counts) -> Figure:
    """(A) images and (B) patients, one bar per class and split."""
    figure = Figure((8, 3.2), layout="constrained")
    for axes, (what, by_split) in zip(figure.subplots(1, 2), counts.items(), strict=True):
        for number, cls in enumerate(CLASSES):
            places = np.arange(len(by_split)) + (number - 1) * 0.27
            heights = [of_class[cls] for of_class in by_split.values()]
            bars = axes.bar(places, heights, 0.25, color=COLOURS[number], label=cls)
            axes.bar_label(bars, fmt="{:,.0f}", fontsize=7)
        axes.set_xticks(range(len(by_split)), by_split)
        axes.set_ylabel(what)
    axes.legend(frameon=False)
    return figure


def figure4(row, model, shown: data.Images, seed: int) -> dict:
    """t-SNE of what the network's last layer sees."""
    count = min(row.tsne_images, len(shown.labels))
    rows = np.sort(np.random.default_rng(seed).choice(len(shown.labels), count, replace=False))
    seen = keras.Model(model.input, model.get_layer(bit.FEATURES).output)
    features = fitting.predict(seen, data.ordered(row, shown, rows), f"{row.id}: features")
    picture = figures.tsne(features, shown.labels[rows], CLASSES, f"{row.id}: test", seed=seed)
    return {"tsne": (picture, f"Fig. 4: t-SNE of the pooled features of {count:,} random test images.")}


def figure9(row, model, shown: data.Images, test: Predictions, seed: int) -> dict:
    """Grad-CAM of images that were rightly classified, a row of pictures per class."""
    rows = examples(test, row.examples, seed)
    if not len(rows):
        return {}
    pixels = shown.pixels[rows]
    maps = grad_cam(model, np.asarray(data.finish(row)(pixels.astype("float32"))), layer=bit.LAST_MAP)
    titles = [CLASSES[label] for label in shown.labels[rows]]
    picture = gallery(pixels, titles, maps, columns=row.examples, title=f"{row.id}: Grad-CAM")
    return {"gradcam": (picture, "Fig. 9: Grad-CAM of test images that were rightly classified.")}


def examples(test: Predictions, wanted: int, seed: int) -> np.ndarray:
    """Rightly classified test images, up to so many of each class, in the order of the classes."""
    right = np.flatnonzero(test.decided == test.true)
    have = {label: int((test.true[right] == label).sum()) for label in range(len(CLASSES))}
    few = {label: min(wanted, count) for label, count in have.items()}
    chosen = right[splits.pick_per_class(test.true[right], few, seed)] if len(right) else right
    return chosen[np.argsort(test.true[chosen], kind="stable")]
