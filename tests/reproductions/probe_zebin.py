"""What the protocol test of Zebin and Rezvy knows by itself: images, splits by hand, a small translator."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import probe
import probe_marks
import pytest

from reproductions.zebin import figures, synthetic
from reproductions.zebin.config import ROWS
from shared.training import runtime

SMALL = {"images": (12, 12, 12), "test": (3, 3, 3), "side": 64, "pool": 1, "hidden": 8, "dropout": 0.0}
SMALL |= {"batch": 4, "epochs": 2, "synthetic": 6, "gan_side": 64, "gan_steps": 5, "gan_steps_shown": 3}
ROW = {row.id: replace(row, **SMALL, folds=min(row.folds, 3)) for row in ROWS}
GAIN = 0.01
"""The fake weights make features small enough for a softmax that is not all or nothing."""
MADE = 480
"""What the translator adds to an image's number."""


class Translator(keras.Model):
    """In place of the CycleGAN: learns nothing, and writes a COVID-19 image's number for a normal one's."""

    def __init__(self, rate, beta_1):
        super().__init__(name="cyclegan")
        self.weight = self.add_weight(shape=(), name="weight")
        self.built = True
        self.compile(optimizer=keras.optimizers.Adam(rate, beta_1))
        self.optimizer.build(self.trainable_variables)

    def call(self, images):
        return images * self.weight

    def train_step(self, batch):
        return {"generator_loss": keras.ops.mean(batch[0])}

    @staticmethod
    def to_target(signed):
        grey = probe.SIGNED.back(np.asarray(signed, "float64"))[..., 0]
        made = [probe_marks.image(MADE + number, grey.shape[1]) for number in probe_marks.numbers(grey)]
        return np.stack(made)[..., None].astype("float32") / 127.5 - 1


@contextlib.contextmanager
def small_scene(root: Path, asked: list, explained: dict) -> Iterator[probe.Scene]:
    """Both datasets, VGG16's fake weights, and no pictures.

    What CycleGANs were asked for with is added to `asked`, the heads that pictures explain to `explained`.
    """
    runtime.start(precision="float32")
    with probe.scene(root, {"covid_chestxray": 20, "kermany_pneumonia": 14}) as scene:
        without_pictures(scene.patch, asked, explained)
        scene.write_weights("vgg16", gain=GAIN, side=64)
        yield scene


def without_pictures(patch: pytest.MonkeyPatch, asked: list, explained: dict) -> None:
    """The translator in place of every CycleGAN, and no pictures, which have tests of their own."""

    def compiled(arguments, rate, beta_1, seed, _):
        asked.append((arguments, rate, beta_1, seed))
        model = Translator(rate, beta_1)
        return model, model.get_weights()

    def explanations(row, model, *others):
        explained[row.id] = np.array(model.get_layer("classes").kernel)
        return {}

    patch.setattr(synthetic, "compiled", compiled)
    patch.setattr(figures, "explanations", explanations)
    patch.setattr(figures, "synthetic", lambda *arguments: {})


class Known:
    """The numbered images: which they are, what they show, and how they look without augmentation."""

    def __init__(self, scene):
        tables = {name: scene.table(name) for name in scene.datasets}
        self.covid, self.kermany = tables["covid_chestxray"], tables["kermany_pneumonia"]
        self.number = {name: number for part in scene.datasets for number, name in scene.names(part).items()}
        # By the datasets' own words; what the CycleGAN makes is to be COVID-19.
        kinds = {name: "Normal" if "NORMAL" in name else "Pneumonia" for name in self.kermany.name}
        kinds |= dict.fromkeys(self.covid.name, "COVID-19")
        self.truth = {self.number[name]: kind for name, kind in kinds.items()}
        self.truth |= {MADE + number: "COVID-19" for number in self.truth}
        made = [probe_marks.image(MADE + number, scene.side) for number in self.number.values()]
        self._pixels = [*scene.plain(), np.stack(made)[..., None]]

    def plain(self):
        """Each image reaching from 0 to 255."""
        for pixels in self._pixels:
            low = pixels.min(axis=(1, 2, 3), keepdims=True).astype("float32")
            high = pixels.max(axis=(1, 2, 3), keepdims=True)
            yield np.rint((pixels - low) / (high - low) * 255).astype("uint8")


def through_backbone(logs, training: probe.Training) -> probe.Training:
    """The head's training with the images that its features are of; fails on features of no image."""
    images = {
        features.tobytes(): image
        for log, _ in logs
        for one in log.predictions
        if "features" in one.model
        for image, features in zip(one.inputs, one.outputs, strict=True)
    }

    def looked_up(one):
        batches = [(np.stack([images[f.tobytes()] for f in part[0]]), *part[1:]) for part in one.batches]
        return replace(one, batches=batches)

    passes = {kind: [looked_up(one) for one in getattr(training, kind)] for kind in ("epochs", "validations")}
    return replace(training, **passes)


def parts_of(row, known, found) -> dict[str, list[int]]:
    """Who is who, from the names in the predictions and from what is drawn by hand."""
    number = known.number
    validated = {number[n] for n in found.of("validation").sample if not n.startswith("synthetic")}
    tested = {number[n] for n in found.of("test").sample}
    drawn = {number[name] for names in drawn_by_hand(row, known) for name in names}
    synthetic_held = {
        MADE + number[n.split("-of-")[1]] for n in found.of("validation").sample if n.startswith("synthetic")
    }
    made = sources_by_hand(row, known, tested) if row.augmentation == "v2" else []
    parts = {
        "real images of the other folds": drawn - tested - validated,
        "real images of the fold": validated,
        "synthetic images": {MADE + n for n in made} - synthetic_held,
        "synthetic images of the fold": synthetic_held,
        "test images": tested,
    }
    return {name: sorted(members) for name, members in parts.items()}


def sources_by_hand(row, known, tested) -> list[int]:
    """The normal training images that synthetic ones are made of, in turn and in random order."""
    normal = [known.number[name] for name in drawn_by_hand(row, known)[1]]
    normal = [number for number in normal if number not in tested]
    order = np.random.default_rng([0, 0]).permutation(len(normal))
    return [normal[order[i % len(normal)]] for i in range(row.synthetic)]


def drawn_by_hand(row, known) -> list[np.ndarray]:
    """The names of each class' images, by NumPy alone: Table 1's numbers of those that may be drawn."""
    covid, kermany = known.covid, known.kermany
    may = [
        "COVID-19" in f and v == "PA"
        for f, v in zip(covid.extra["finding"], covid.extra["view"], strict=True)
    ]
    candidates = [covid.name[may], *(kermany.name[kermany.label == label] for label in (0, 1))]
    chosen = []
    for label, (names, wanted) in enumerate(zip(candidates, row.images, strict=True)):
        places = np.random.default_rng([0, 0, label, 0]).choice(len(names), wanted, replace=False)
        chosen.append(names[np.sort(places)])
    return chosen


def divided_by_hand(row, known) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Per class the training, the first fold's validation and the test images, divided at random."""
    train, validation, test = [], [], []
    drawn, before, dealt = drawn_by_hand(row, known), 0, 0
    for label, names in enumerate(drawn):
        members = before + np.arange(len(names))
        tested = np.random.default_rng([0, 1, label]).choice(members, row.test[label], replace=False)
        kept = np.setdiff1d(members, tested)
        # Folds are dealt by place in the training set, one class after the other.
        place = np.random.default_rng([0, 2, label]).permutation(dealt + np.arange(len(kept)))
        held = kept[np.sort(place[(dealt + np.arange(len(kept))) % row.folds == 0]) - dealt]
        everybody = np.concatenate(drawn)
        for part, places in ((train, np.setdiff1d(kept, held)), (validation, held), (test, np.sort(tested))):
            part.append(everybody[places])
        before, dealt = before + len(names), dealt + len(kept)
    return train, validation, test
