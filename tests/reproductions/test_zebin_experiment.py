"""A whole run on look-alikes: what it leaves, and that the test images have no say in it."""

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import probe
import pytest
from runtimes import ON_CPU
from tiles import same, tiles

from reproductions.zebin import PAPER, data, experiment, figures, plan
from reproductions.zebin.config import ROWS, demo
from shared.paper import Context
from shared.running import costs
from shared.training import runtime
from shared.training.stages import Stages

# The sizes of the CycleGAN's tests, whose traced step this row finds when they run in one process.
ROW = replace(
    demo(next(row for row in ROWS if row.id == "vgg16-v2-clean")),
    **{"images": (10, 10, 10), "test": (3, 3, 3), "side": 32, "pool": 1, "synthetic": 3, "gan_side": 24},
    **{"gan_filters": 2, "gan_blocks": 1, "gan_pool": 3, "gan_learning_rate": 2e-3},
    **{"gan_steps": 6, "gan_steps_shown": 4, "epochs": 3},
)


def context(data_dir: Path, folder: Path) -> Context:
    return Context(data_dir, folder, folder, folder / "run", ON_CPU, Stages(folder / "stages"), 0, True)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """Look-alikes and a backbone of two layers; the CycleGAN is a real one."""
    runtime.start(precision="float32")
    datasets = {"covid_chestxray": 24, "kermany_pneumonia": 12}
    with probe.scene(tmp_path_factory.mktemp("probe"), datasets, side=32) as scene:
        yield scene.data_dir


@pytest.fixture(scope="module")
def first(data_dir, tmp_path_factory):
    """A run, and the cache it leaves."""
    cache = tmp_path_factory.mktemp("cache")
    return experiment.run(ROW, 0, context(data_dir, cache)), cache


def generated(cache: Path) -> Path:
    return next(cache.glob("stages/cyclegan-*/generated.npy"))


def test_a_run_is_scored_on_its_fold_and_on_the_test_set(first):
    """Predictions of the wrong images, or a run without what the paper states and shows."""
    predictions, _ = first
    assert predictions.split.count("test") == 9
    np.testing.assert_array_equal(np.bincount(predictions.of("test").true), [3, 3, 3])
    np.testing.assert_allclose(predictions.probabilities.sum(1), 1, atol=1e-5)
    facts = predictions.facts
    assert facts["cyclegan_device"] == str(ON_CPU)
    assert facts["parameters"] == facts["weights_bytes"] / 4
    assert [facts[f"{part}_covid_19"] for part in ("images", "training", "test")] == [10, 7, 3]
    assert facts["epochs_to_threshold"] in range(1, ROW.epochs + 2)
    assert set(predictions.pictures) == {
        *("grad-cam-classes", "grad-cam-progression", "cyclegan-losses"),
        *("synthetic-beside-real", "synthetic-neighbours"),
    }
    assert {"val_accuracy", "loss"} <= set(predictions.history[-1])


def test_the_cyclegan_can_be_watched_and_does_not_return_its_input(first):
    """No samples while it trains, or a generator that passes its input on."""
    folder = generated(first[1]).parent
    assert sorted(path.name for path in folder.glob("samples/*")) == ["step-00004.png", "step-00006.png"]
    sheet = cv2.imread(str(folder / "samples/step-00006.png"), cv2.IMREAD_GRAYSCALE).astype(float)
    normal, made = np.split(sheet, 2)
    assert np.abs(normal - made).mean() > 5
    assert not (folder / "checkpoints").exists()


def test_figure_7_shows_one_patient_s_images_in_the_order_of_days(first, data_dir, tmp_path):
    """Other images or another order, other names for them, or images trained on that are not counted."""
    predictions, _ = first
    figure, text = predictions.pictures["grad-cam-progression"]
    covid, kermany = data.load_tables(data_dir, tmp_path)
    table = data.progression(ROW, covid)
    shown = tiles(figure)
    paths = [path for name in table.name for path in data_dir.rglob("*.jp*g") if path.name == Path(name).name]
    images = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths]
    assert len(images) == 3
    for (title, tile), day, image in zip(shown, (3, 7, 9), images, strict=False):
        assert title.startswith(f"day {day} (")
        assert same(tile, data.prepared(ROW, image[None, ..., None])[0])
    samples = data.split(ROW, data.choose(ROW, covid, kermany, 0), np.zeros((30, 32, 32, 1), "uint8"), 0)
    trained_on = set(samples.names[data.fold(ROW, samples, 0, 0).train]) & set(table.name)
    assert f"{len(trained_on)} of the 3 images were trained on" in text


def test_figure_7_explains_images_as_the_model_sees_them(data_dir, tmp_path):
    """Raw pixels shown and explained: here the patient's images are half as bright as they may be."""
    dark = tmp_path / "data"
    shutil.copytree(data_dir, dark)
    names = data.progression(ROW, data.load_tables(data_dir, tmp_path)[0]).name
    for path in [path for path in dark.rglob("*.jp*g") if path.name in {Path(name).name for name in names}]:
        cv2.imwrite(str(path), cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) // 2)
    here = context(dark, tmp_path / "cache")
    table = data.progression(ROW, data.load_tables(dark, here.cache_dir)[0])
    network = experiment.network_of(ROW, here).whole
    figure, _ = figures.progression(ROW, network, table, np.array([]), here)
    assert [int(tile.max()) for _, tile in tiles(figure)[:3]] == [255] * 3


def test_a_cyclegan_is_found_on_another_device(first, data_dir, tmp_path):
    """Hours of training done again because a machine is called something else; precision and seed decide."""
    _, cache = first
    shutil.copytree(cache / "stages", tmp_path / "stages")
    here = context(data_dir, tmp_path)
    elsewhere = replace(here, runtime=replace(ON_CPU, device="GPU H200"))
    covid, kermany = data.load_tables(data_dir, tmp_path)
    chosen = data.choose(ROW, covid, kermany, 0)
    samples = data.split(ROW, chosen, chosen.pixels(ROW.side, tmp_path), 0)
    made = experiment.synthetic_images(ROW, chosen, samples, elsewhere)
    assert len(list(tmp_path.glob("stages/cyclegan-*/generated.npy"))) == 1
    assert made.device == str(ON_CPU)
    np.testing.assert_array_equal(made.images, np.load(generated(tmp_path)))


def test_nothing_but_the_scores_of_test_images_depends_on_their_pixels(first, data_dir, tmp_path):
    """A test image that reaches the CycleGAN, a fold or the neighbours changes what comes of them."""
    predictions, cache = first
    noisy = tmp_path / "data"
    shutil.copytree(data_dir, noisy)
    rng = np.random.default_rng(0)
    for name in predictions.of("test").sample:
        (path,) = (p for p in noisy.rglob("*.jp*g") if str(p).endswith(name))
        cv2.imwrite(str(path), rng.integers(0, 256, (32, 32)).astype("uint8"))
    again = experiment.run(ROW, 0, context(noisy, tmp_path / "cache"))
    assert again.sample == predictions.sample
    np.testing.assert_array_equal(np.load(generated(cache)), np.load(generated(tmp_path / "cache")))
    own, other = (p.of("validation").probabilities for p in (predictions, again))
    np.testing.assert_array_equal(own, other)
    assert [h["loss"] for h in predictions.history] == [h["loss"] for h in again.history]
    checks = [key for key in predictions.facts if key.startswith(("synthetic_", "kid_"))]
    assert len(checks) == 6
    assert {key: predictions.facts[key] for key in checks} == {key: again.facts[key] for key in checks}
    assert not np.array_equal(predictions.of("test").probabilities, again.of("test").probabilities)


def test_a_gpu_is_timed_on_all_that_takes_long():
    """The head of 33,027 parameters alone, in place of the backbones and the CycleGAN."""
    kinds = {costs.kind(work): work for row in PAPER.rows for work in PAPER.work(row)}
    trained = {kind.split()[0] for kind, work in kinds.items() if work.train}
    assert trained == {"head", "CycleGAN"}
    backbones = {kind.split()[1] for kind in kinds if kind.startswith("features")}
    assert backbones == {"vgg16", "resnet50", "efficientnetb0"}
    assert len(kinds) == 7


def test_the_plan_counts_features_once_for_all_folds():
    """Image-steps per fold, or v1's features counted again for v2."""
    by_id = {row.id: {work.name: work for work in plan.work(row)} for row in ROWS}
    assert by_id["vgg16-v1"]["features"].images == 593 * 51 + 149
    assert by_id["vgg16-v1"]["features"].key == by_id["vgg16-v2"]["features"].key
    assert by_id["vgg16-v2"]["CycleGAN"].key == by_id["resnet50"]["CycleGAN"].key
    assert by_id["vgg16-v2"]["CycleGAN"].key != by_id["vgg16-v2-clean"]["CycleGAN"].key
    assert "CycleGAN" not in by_id["vgg16-v1"]
