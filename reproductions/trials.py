"""One set's trials: frozen features, a small head, and the predictions of the head on held-out images."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import keras
import numpy as np

from data_builders import splits
from data_builders.augment import Augment
from data_builders.catalog import Table
from data_builders.pipeline import eval_batches, repeat_grey
from data_builders.trial_sets import Sample
from shared.base import screen
from shared.comparison import Predictions
from shared.training import backbones, fitting, heads
from shared.training.stages import Stages
from shared.trust.part_of_sights import FILE
from shared.trust.trial import BY_SOURCE, LEVELS, SPREAD, Trial

FOLDS = 5
HELD_OUT = 0.2
"""The share of images that a trial of spread is scored on."""
AUGMENT = Augment(rotation=10.0, zoom=(0.9, 1.1), flip=True)


@dataclasses.dataclass(frozen=True)
class Frozen:
    """A network that is not trained."""

    backbone: str
    side: int
    weights: Path | None
    """None for random ones, which serve a demo."""
    origin: str
    """The sum of the file of weights, for keys."""


class Features:
    """A sample's features, each kind computed once."""

    def __init__(self, sample: Sample, frozen: Frozen, cache_dir: Path, stages: Stages):
        self.sample, self.frozen, self.cache_dir, self.stages = sample, frozen, cache_dir, stages

    def seen(self, way: str = "", augmentation: int | None = None) -> np.ndarray:
        """Of all images, seen in that way, or augmented by that seed; two sets share a dataset's images."""
        if way == FILE:
            return _file_facts(self.sample)
        found, start = [], 0
        for table in self.sample.tables:
            found.append(self._of(table, slice(start, start + len(table)), way, augmentation))
            start += len(table)
        return np.concatenate(found)

    def _of(self, table: Table, rows: slice, way: str, augmentation: int | None) -> np.ndarray:
        key = {
            "images": [table.fingerprint()],
            "way": way,
            "augmentation": augmentation,
            **{name: getattr(self.frozen, name) for name in ("backbone", "side", "origin")},
        }

        def make(work: Path) -> None:
            self._write(work, rows, way, augmentation)

        return np.load(self.stages.folder("trial-features", key, make) / "features.npy")

    def _write(self, work: Path, rows: slice, way: str, augmentation: int | None) -> None:
        pixels = self.sample.pixels(self.frozen.side, self.cache_dir, way)[rows]
        network = _network(self.frozen)
        augment = None if augmentation is None else AUGMENT
        ready = _as_published(self.frozen.backbone)
        batches = eval_batches(pixels, batch=32, finish=ready, augment=augment, seed=augmentation or 0)
        kind = way or ("as they are" if augmentation is None else f"augmented by seed {augmentation}")
        title = f"{self.sample.about.name}: features of images {kind}"
        np.save(work / "features.npy", fitting.predict(network, batches, title))


def _file_facts(sample: Sample) -> np.ndarray:
    """Width, height, and a column for each kind of channels."""
    names = ("width", "height", "channels")
    of = {name: np.concatenate([table.extra[name] for table in sample.tables]) for name in names}
    kinds = [of["channels"] == kind for kind in np.unique(of["channels"])]
    return np.stack([of["width"], of["height"], *kinds], axis=1).astype("float32")


def _as_published(backbone: str) -> Callable:
    return lambda images: backbones.BACKBONES[backbone].preprocess(repeat_grey(images))


def _network(frozen: Frozen) -> keras.Model:
    fitting.seed_initialisers(0)
    return backbones.BACKBONES[frozen.backbone].build((frozen.side, frozen.side, 3), "gap", frozen.weights)


def run(trial: Trial, own: Features, others: Mapping[str, Features], draw: int = 0) -> Predictions:
    """The predictions of a trial's draw."""
    if trial.name == SPREAD:
        return _spread(own)
    if trial.elsewhere:
        return _elsewhere(own, others[trial.elsewhere])
    return _crossed(trial, own, draw)


def _crossed(trial: Trial, own: Features, draw: int) -> Predictions:
    """Each image is held out once: its fold is the test part of one head, and the validation part of one."""
    sample = own.sample
    labels = shuffled(sample.labels, sample.sources, trial.shuffled, draw)
    learnt, shown = own.seen(trial.learnt), own.seen(trial.shown)
    model = heads.head(learnt.shape[1], len(sample.about.classes))
    folds = _folds(trial, labels, sample.sources)
    judged: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {"validation": [], "test": []}
    with screen.working(f"{sample.about.name}: {trial.name}", FOLDS) as progress:
        for number, test in enumerate(folds):
            validation = folds[(number + 1) % FOLDS]
            train = np.setdiff1d(np.arange(len(labels)), np.concatenate([test, validation]))
            asked = [learnt[validation], shown[test]]
            found = heads.answers(model, learnt[train], labels[train], asked, weights=number, order=number)
            judged["validation"].append((validation, found[0]))
            judged["test"].append((test, found[1]))
            progress.tick()
    return _predictions(sample, labels, judged)


def _folds(trial: Trial, labels: np.ndarray, sources: np.ndarray) -> list[np.ndarray]:
    if trial.by == BY_SOURCE:
        return [held for _, held in splits.grouped_k_fold(labels, sources, FOLDS, 0)]
    return [held for _, held in splits.k_fold(labels, FOLDS, 0)]


def shuffled(labels: np.ndarray, sources: np.ndarray, among: str, draw: int) -> np.ndarray:
    """The labels dealt anew among images, or among sources, of which each keeps one label."""
    rng = np.random.default_rng(draw)
    if not among:
        return labels
    if among != BY_SOURCE:
        return rng.permutation(labels)
    _, first, of = np.unique(sources, return_index=True, return_inverse=True)
    return rng.permutation(labels[first])[of]


def _elsewhere(own: Features, other: Features) -> Predictions:
    """One head that has learnt from the whole set, on all images of the other."""
    learnt, asked = own.seen(), other.seen()
    model = heads.head(learnt.shape[1], len(own.sample.about.classes))
    (found,) = heads.answers(model, learnt, own.sample.labels, [asked])
    return _predictions(other.sample, other.sample.labels, {"test": [(np.arange(len(found)), found)]})


def _spread(own: Features) -> Predictions:
    """The accuracy of each cell of the factorial as history; the predictions are those of the first cell."""
    sample, plain = own.sample, own.seen()
    augmented = [own.seen(augmentation=version) for version in range(LEVELS["augmentation"])]
    model = heads.head(plain.shape[1], len(sample.about.classes))
    history, first = [], None
    cells = list(itertools.product(*map(range, LEVELS.values())))
    with screen.working(f"{sample.about.name}: {SPREAD}", len(cells)) as progress:
        for split, weights, order, version in cells:
            train, test = splits.grouped_holdout(sample.labels, sample.sources, HELD_OUT, (0, split))
            (found,) = heads.answers(
                model,
                augmented[version][train],
                sample.labels[train],
                [plain[test]],
                weights=weights,
                order=order,
            )
            accuracy = float((found.argmax(axis=1) == sample.labels[test]).mean())
            cell = dict(zip(LEVELS, (split, weights, order, version), strict=True))
            history.append({**cell, "accuracy": accuracy})
            first = first or _predictions(sample, sample.labels, {"test": [(test, found)]})
            progress.tick()
    assert first is not None
    return dataclasses.replace(first, history=history)


def _predictions(
    sample: Sample, labels: np.ndarray, judged: Mapping[str, Sequence[tuple[np.ndarray, np.ndarray]]]
) -> Predictions:
    """Each part in the order of the images, so that trials of the same images can be paired."""
    rows, found, split = [], [], []
    for name, several in judged.items():
        own = np.concatenate([part for part, _ in several])
        order = np.argsort(own)
        rows.append(own[order])
        found.append(np.concatenate([part for _, part in several])[order])
        split += [name] * len(own)
    chosen = np.concatenate(rows)
    return Predictions(
        classes=sample.about.classes,
        split=split,
        sample=sample.names[chosen].tolist(),
        patient=sample.sources[chosen].tolist(),
        true=labels[chosen],
        probabilities=np.concatenate(found),
    )
