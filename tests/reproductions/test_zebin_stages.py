"""What the key of each stage depends on: one input changed at a time."""

import contextlib
import dataclasses
from dataclasses import replace
from pathlib import Path

import numpy as np
import probe
import pytest
from probe_zebin import GAIN, ROW, small_scene

import reproductions.zebin
from reproductions.zebin import experiment, synthetic
from reproductions.zebin.config import Row
from shared.training import fitting
from shared.training.stages import Stages

README = Path(reproductions.zebin.__file__).with_name("README.md")
KEYED = replace(ROW["vgg16-v2"], images=(6, 12, 12), test=(2, 3, 3))
OTHER = {
    "backbone": "resnet50", "augmentation": "v1", "draws": 4, "folds": 2, "images": (6, 11, 12),
    "test": (2, 3, 2), "synthetic": 7, "side": 32, "flip": False, "epochs": 3, "batch": 3,
    "learning_rate": 1e-3, "gan_steps": 6, "view": "AP", "collection": 15, "protocol": "clean",
    "weights": "random", "pool": 2, "hidden": 9, "dropout": 0.1, "rotation": 5.0, "shift": 0.2,
    "fill": "reflect", "intensity": "raw", "gan_side": 32, "gan_filters": 32, "gan_blocks": 6, "gan_pool": 20,
    "gan_cycle_weight": 5.0, "gan_identity_weight": 1.0, "gan_learning_rate": 1e-4, "gan_beta_1": 0.9,
    "gan_steps_shown": 2, "progression_patient": "1", "progression_days": (1, 2, 3), "blind": "border",
}  # fmt: skip
"""Another value of every field of a row."""


class Enough(Exception):
    """Raised in place of a training."""


class Asked(Stages):
    """Writes down the first key of each kind, and serves zeros for whatever is asked."""

    def __init__(self, root, row):
        super().__init__(root / "asked")
        self.root.mkdir(exist_ok=True)
        np.save(self.root / "features.npy", np.zeros((1, 1)))
        np.save(self.root / "generated.npy", np.zeros((row.synthetic, 8, 8, 1), "uint8"))
        (self.root / "history.json").write_text("[]")
        (self.root / "device.txt").write_text("here")
        self.keys = {}

    def folder(self, name, key, make):
        features = "augmented images" if "ids" in key else "images as they are"
        kind = "the CycleGAN" if name == "cyclegan" else features
        self.keys.setdefault(kind, [self._path(name, key).name])
        return self.root


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    with small_scene(tmp_path_factory.mktemp("probe"), [], {}) as scene:
        yield scene


@pytest.fixture(scope="module")
def keys_of(scene):
    """A row and a context -> the keys of the stages that its first fold asks for."""

    def fit(model, batches, *, validation, **options):
        batches(0)
        validation()
        raise Enough

    def asked(row, context, draw=0):
        stages = Asked(scene.root, row)
        with pytest.MonkeyPatch.context() as patch, contextlib.suppress(Enough):
            patch.setattr(fitting, "fit", fit)
            patch.setattr(fitting, "free_memory", lambda: None)  # half of the time, for networks this small
            experiment.run(row, draw, replace(context, stages=stages))
        return stages.keys

    return asked


def test_protocol_table_of_stage_keys(scene, keys_of):
    """Fails when a stage is found although what it depends on has changed, or is made for nothing."""
    scene.write_weights("resnet50", gain=GAIN, side=64)
    context, base = scene.context("keys"), keys_of(KEYED, scene.context("keys"))
    runtime, weights = context.runtime, scene.write_weights("vgg16", gain=2 * GAIN, side=64, folder="other")
    found = {
        "COVID-19 X-rays": keys_of(KEYED, scene.replaced("covid_chestxray")),
        "Kermany's X-rays": keys_of(KEYED, scene.replaced("kermany_pneumonia")),
        "the weight file": keys_of(KEYED, replace(context, weights_dir=weights)),
        "seed": keys_of(KEYED, replace(context, seed=1)),
        "precision": keys_of(KEYED, replace(context, runtime=replace(runtime, precision="mixed_float16"))),
        "device": keys_of(KEYED, replace(context, runtime=replace(runtime, device="another"))),
        "fold": keys_of(KEYED, context, draw=1),
        "fold of a second division": keys_of(KEYED, context, draw=3),
    }
    assert set(OTHER) == {field.name for field in dataclasses.fields(Row)} - {"id"}
    found |= {name: keys_of(replace(KEYED, **{name: value}), context) for name, value in OTHER.items()}
    together = {}
    for line in probe.key_table(base, found):
        together.setdefault(tuple(line[kind] for kind in base), []).append(line["Changed"])
    lines = [
        {"Changed": ", ".join(names)} | dict(zip(base, cells, strict=True))
        for cells, names in together.items()
    ]
    probe.check_table(README, lines, "stages")


def test_another_seed_is_another_cyclegan_of_the_same_images(scene):
    """The seed left out of the key: where all images are drawn, only it tells two CycleGANs apart."""
    images = np.arange(128, dtype="uint8").reshape(2, 8, 8, 1)
    keys = []
    for seed in (0, 0, 1):
        stages = Asked(scene.root, KEYED)
        synthetic.generate(KEYED, images, images, seed, scene.context("seeds", stages=stages))
        keys.append(stages.keys["the CycleGAN"])
    assert keys[0] == keys[1] != keys[2]
