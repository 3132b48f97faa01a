"""A probe for the papers' protocols: tiny networks, the real trainer, and a log of all that reached them.

    @pytest.fixture(scope="module")
    def scene(tmp_path_factory):
        with probe.scene(tmp_path_factory.mktemp("probe"), {"covid_ct": 12}) as scene:
            yield scene

    def test_protocol_table(scene):
        with probe.watch() as log:
            found = experiment.run(ROW, 0, scene.context())
        trained = log.training("fold 1")          # a call of fitting.fit, by words of its title
        first = trained.epochs[0]
        first.numbers(probe.UNIT)                 # which images, in order; fails on another scale
        scene.names("covid_ct")                   # number -> the image's name
        first.labels, first.sizes, first.rates    # classes, images per step, the rate of each step
        first.steps[0]["output/kernel"]           # how far the first step moved it: Adam's rate, per layer
        first.trainable, first.moved              # what may move, and what did (batch norm's averages too)
        trained.start["probe_conv/kernel"]        # equal to scene.published() if the file was loaded
        log.predictions[-1].numbers(probe.UNIT)   # what was scored
        parts = {"the training part": numbers, "the test part": numbers}
        lines = [probe.phase("training", trained, probe.UNIT, parts, scene, truth), ...]
        probe.check_table(README, lines)

Its place in the README is between `<!-- table: protocol -->` and `<!-- /table -->`. `make protocol`
writes it (the tests named protocol_table, under WRITE_TABLES=1); otherwise the test fails where it differs.

Every backbone of `shared.training.backbones` is replaced by a network of two layers that keeps an image's
number readable in its maps as long as it has the weights of the fake file (`scene.write_weights`); its
preprocessing, its file names and its heads are those of the real one. A paper with networks of its own puts
tiny ones in their place with `scene.patch`. `scene.keys` says what changes the key of each stage.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import keras
import numpy as np
import pytest
from probe_keys import keys_of
from probe_log import Log, Pass, Training, watch
from probe_marks import CAFFE, RAW, SIGNED, TORCH, UNIT, Scale, image, numbers
from probe_tables import (
    augmentation,
    check_table,
    class_order,
    groups,
    judged,
    key_table,
    layers,
    phase,
    rates,
    retaken,
)
from runtimes import ON_CPU

from data_builders import catalog, phantom
from data_builders.pixels import Frame, load_pixels
from shared.paper import Context
from shared.training.backbones import BACKBONES, Backbone, load_weights
from shared.training.stages import Stages
from shared.training.traced import OneAtATime

__all__ = [
    "CAFFE", "RAW", "SIGNED", "TORCH", "UNIT", "Lazy", "Log", "Pass", "ProbeBackbone", "Scale", "Scene",
    "Training", "augmentation",
    "check_table", "class_order", "groups", "judged", "key_table", "layers", "phase", "rates", "retaken",
    "scene", "watch",
]  # fmt: skip

KERNEL, NORM = "probe_conv/kernel", "probe_norm/moving_mean"
CLASSES_IN_FILE = 5


class Lazy(dict):
    """A mapping whose values are made when they are first asked for."""

    def __init__(self, make: Callable):
        super().__init__()
        self.make = make

    def __missing__(self, key):
        self[key] = self.make(key)
        return self[key]


class ProbeBackbone(Backbone):
    """A backbone of one convolution and one batch norm, under another's name and preprocessing."""

    def build(self, input_shape, head="gap", weights=None):
        whole = load_weights(self.whole(input_shape, self.needs_top(head), head), weights)
        output = whole.layers[-2].output if self.needs_top(head) else whole.output
        return keras.Model(whole.input, output, name=self.name)

    def whole(self, input_shape, top: bool, head: str) -> keras.Model:
        """The network whose weights a file holds."""
        pixels = keras.Input(input_shape)
        x = keras.layers.AveragePooling2D(2)(pixels)
        x = keras.layers.Conv2D(3, 3, padding="same", use_bias=False, name="probe_conv")(x)
        x = keras.layers.BatchNormalization(name="probe_norm")(x)
        if top:
            x = keras.layers.Dense(8, activation="relu", name="fc2")(keras.layers.Flatten()(x))
            x = keras.layers.Dense(CLASSES_IN_FILE, activation="softmax", name="predictions")(x)
        elif head != "map":
            x = keras.layers.GlobalAveragePooling2D()(x)
        return keras.Model(pixels, x, name=self.name)

    def write(self, folder: Path, side: int, gain: float, top: bool) -> None:
        """A file whose convolution copies its input `gain` times, and whose batch norm changes nothing."""
        model = self.whole((side, side, 3), top, "map")
        kernel = np.zeros((3, 3, 3, 3), "float32")
        kernel[1, 1] = gain * np.eye(3)
        model.get_layer("probe_conv").set_weights([kernel])
        norm = model.get_layer("probe_norm")
        one, zero = np.ones(3, "float32"), np.zeros(3, "float32")
        norm.set_weights([one, zero, zero, one - norm.epsilon])
        folder.mkdir(parents=True, exist_ok=True)
        model.save(folder / self.weight_files(top)[0])


@dataclasses.dataclass
class Scene:
    """Datasets of numbered images on disk, tiny backbones, fake weights, and a context to run a paper in."""

    root: Path
    datasets: Mapping[str, int]
    side: int
    patch: pytest.MonkeyPatch
    data_dir: Path

    def context(self, name: str = "run", **changes) -> Context:
        """A paper's context; each name has a run folder of its own, all share data and stages."""
        context = Context(
            data_dir=self.data_dir,
            weights_dir=self.root / "weights",
            cache_dir=self.root / "cache",
            run_dir=self.root / "runs" / name,
            runtime=ON_CPU,
            stages=Stages(self.root / "stages"),
            seed=0,
            demo=True,
        )
        return dataclasses.replace(context, **changes)

    def names(self, dataset: str) -> dict[int, str]:
        """The name of each numbered image of a dataset."""
        table = self.table(dataset)
        return dict(zip(self.numbers(dataset).tolist(), table.name.tolist(), strict=True))

    def numbers(self, dataset: str) -> np.ndarray:
        """The number of each image of a dataset, in the order of its table."""
        frame = Frame(64, 64, box="box" in self.table(dataset).extra)
        return numbers(load_pixels(self.table(dataset), frame, self.root / "cache")[..., 0])

    def table(self, dataset: str) -> catalog.Table:
        """A dataset's table."""
        return catalog.build(dataset, self.data_dir, self.root / "cache", partial=True)

    def plain(self) -> list[np.ndarray]:
        """All pixels that were decoded so far: what an image looks like before any augmentation."""
        return [np.load(path, mmap_mode="r") for path in sorted(self.root.glob("*cache/pixels/*.npy"))]

    def write_weights(self, *backbones: str, gain: float = 1.0, side: int = 32, folder="weights") -> Path:
        """Fake files of published weights for these backbones, one of another gain being another file."""
        for name in backbones:
            for top in {False, BACKBONES[name].dense_top}:
                BACKBONES[name].write(self.root / folder, side, gain, top)
        return self.root / folder

    def published(self, gain: float = 1.0) -> np.ndarray:
        """The kernel of `probe_conv` in such a file."""
        kernel = np.zeros((3, 3, 3, 3), "float32")
        kernel[1, 1] = gain * np.eye(3)
        return kernel

    def replaced(self, dataset: str, name: str = "other") -> Context:
        """A context where one dataset holds other images under the same names; stages are shared."""
        folder = self.root / f"{name}-{dataset}-data"
        _write(self.patch, folder, self.datasets, self.side, other=dataset)
        return self.context(
            f"{name}-{dataset}", data_dir=folder, cache_dir=self.root / f"{name}-{dataset}-cache"
        )

    def keys(
        self, run: Callable[[Context], object], context: Context | None = None, inside: bool = True
    ) -> dict[str, list[str]]:
        """Stage -> the keys that a run asks for. Trains nothing: finished stages are served."""
        return keys_of(run, context or self.context("keys"), inside)


@contextlib.contextmanager
def scene(root: Path, datasets: Mapping[str, int], side: int = 64) -> Iterator[Scene]:
    """A scene with so many images per class of each dataset, side × side pixels."""
    with pytest.MonkeyPatch.context() as patch:
        for name, backbone in BACKBONES.items():
            fields = dataclasses.asdict(backbone) | {"last_conv": "probe_norm"}
            patch.setitem(BACKBONES, name, ProbeBackbone(**fields))
        _write(patch, root / "data", datasets, side)
        forget_models()
        yield Scene(root, datasets, side, patch, root / "data")
    forget_models()


def forget_models() -> None:
    """Lets go of every model that a paper keeps compiled."""
    own = ("reproductions", "shared")
    for module in [m for name, m in list(sys.modules.items()) if name.split(".")[0] in own]:
        for thing in list(vars(module).values()):
            if isinstance(thing, OneAtATime):
                thing.forget()
            elif hasattr(thing, "cache_clear"):
                thing.cache_clear()


def _write(patch, folder: Path, datasets: Mapping[str, int], side: int, other: str = "") -> None:
    """The datasets in their own layouts, each picture another number; those of `other` begin elsewhere."""
    given: dict[tuple, int] = {}
    count = itertools.count()

    def grey(painter, label, patient, number):
        key = (writing, label, patient, number)
        if key not in given:
            given[key] = next(count)
        return image((given[key] + 480) % 961 if writing == other else given[key], painter.side)

    with patch.context() as own:
        own.setattr(phantom.Painter, "grey", grey)
        for writing, per_class in datasets.items():
            phantom.write(writing, folder, per_class=per_class, side=side)
