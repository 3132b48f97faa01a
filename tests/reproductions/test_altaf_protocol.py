"""Who reaches which network of Altaf et al., as what, how often and at which rate: seen on a tiny one."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import probe
import pytest
from altaf_by_hand import by_hand, chunk_by_hand, put, represented_by_hand, retake_by_hand, trained_by_hand
from probe_altaf import came_from, first_step, view
from probe_marks import numbers
from runtimes import ON_CPU

import reproductions.altaf
from data_builders.augment import Augment
from data_builders.pipeline import eval_batches
from data_builders.pixels import Frame, load_pixels
from reproductions.altaf import data, experiment
from reproductions.altaf.config import ROWS

README = Path(reproductions.altaf.__file__).with_name("README.md")
SMALL = {"source_side": 32, "side": 64, "batch": 8, "findings_per_class": 2}
ROW = {row.id: replace(row, **SMALL, intermediate_epochs=(1, 2, 2), epochs=2) for row in ROWS}
TRANSFER, BOOSTED = ROW["sc2c-resnet50-transfer"], ROW["ccd-resnet50-boosted"]
AUGMENTED, COMBINED = ROW["ccd-resnet50-boosted-aug"], ROW["ccd-resnet50-combined"]


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    datasets = {"sars_cov2_ct": 20, "covid_ct": 20, "chest_xray14": 3}
    with probe.scene(tmp_path_factory.mktemp("probe"), datasets) as scene:
        scene.write_weights("resnet50", gain=2.0)
        yield scene


@pytest.fixture(scope="module")
def ran(scene):
    """Every training of three rows, in one log, and the rows' predictions."""
    with probe.watch() as log:
        found = [experiment.run(row, 0, scene.context()) for row in (TRANSFER, BOOSTED, AUGMENTED)]
    return log, found


@pytest.fixture(scope="module")
def number(scene):
    """The number of each image by dataset and name."""
    return {set_: {name: n for n, name in scene.names(set_).items()} for set_ in scene.datasets}


@pytest.fixture(scope="module")
def parts(scene, number):
    """Who is who: the two parts of a draw of either CT dataset, and the radiographs of ten findings."""
    found = {}
    for row, name in ((TRANSFER, "sars_cov2_ct"), (BOOSTED, "covid_ct")):
        table = scene.table(name)
        train, test = data.split(row, data.target_labels(table), 0, 0)
        for part, rows in (("the training part", train), ("the test chunk", test)):
            found.setdefault(name, {})[part] = [number[name][one] for one in table.name[rows]]
    xray = scene.table("chest_xray14")
    first = [np.flatnonzero(xray.extra["findings"] == finding)[:2] for finding in data.FINDINGS]
    rows = np.concatenate(first)
    found["chest_xray14"] = {
        "two images of each finding": [number["chest_xray14"][n] for n in xray.name[rows]]
    }
    return found


@pytest.fixture(scope="module")
def truth(scene, number):
    """The class of each image in its dataset's own words."""
    found = {}
    for name in scene.datasets:
        table = scene.table(name)
        words = table.extra["findings"] if name == "chest_xray14" else [table.classes[i] for i in table.label]
        found[name] = {number[name][one]: word for one, word in zip(table.name, words, strict=True)}
    return found


def test_protocol_table(scene, ran, parts, truth):
    """Fails when who is trained on or scored, pixels, augmentation, rates or what is frozen changes."""
    log, _ = ran
    plain, *steps, boosted, augmented = log.trainings
    xray, sc2c, ccd = "chest_xray14", "sars_cov2_ct", "covid_ct"
    phases = [
        ("SC2C, transfer", plain, sc2c, probe.CAFFE),
        *[(f"radiographs, step {i}", step, xray, probe.UNIT) for i, step in enumerate(steps, 1)],
        ("CCD, boosted", boosted, ccd, probe.UNIT),
        ("CCD, boosted-aug", augmented, ccd, probe.UNIT),
    ]
    lines = []
    for name, training, dataset, scale in phases:
        more = {"first_output_step": first_step(training), "begins_with": came_from(training, scene, log)}
        more["view"] = view(training.epochs[0]) if training in steps else ""
        lines.append(probe.phase(name, training, scale, parts[dataset], scene, truth[dataset], **more))
    scored = {"SC2C, transfer": (sc2c, probe.CAFFE), "CCD, boosted": (ccd, probe.UNIT)}
    scored["CCD, boosted-aug"] = scored["CCD, boosted"]
    pairs = [log.predictions[at : at + 2] for at in (0, 2, 4)]
    for (name, (dataset, scale)), anew, seen in zip(scored.items(), log.retakes, pairs, strict=True):
        lines.append(probe.retaken(f"{name}, averages", anew, scale, parts[dataset], scene))
        lines.append(probe.judged(f"{name}, activations", seen, scale, parts[dataset], scene))
    probe.check_table(README, lines)


def test_draws_and_epochs_have_orders_and_output_layers_of_their_own(scene, ran):
    """Fails when each draw begins alike, or every epoch has the same order."""
    first = ran[0].trainings[0]
    with probe.watch() as log:
        experiment.run(TRANSFER, 1, scene.context())
    second = log.training("draw 1")
    for path, value in first.start.items():
        assert np.array_equal(value, second.start[path]) != path.startswith("output/k"), path
    assert first_step(second) == first_step(first)
    orders = [epoch.numbers(probe.CAFFE).tolist() for epoch in (*first.epochs, *second.epochs)]
    assert orders[0] != orders[1] and orders[2] != orders[3]
    both = set(orders[0]) & set(orders[2])
    assert [n for n in orders[0] if n in both] != [n for n in orders[2] if n in both]


def test_trainings_by_hand_end_in_the_same_weights(ran):
    """Fails for another optimizer, rate, loss, start or freezing, or for batch norm in another mode."""
    plain, one, two, three, boosted, _ = ran[0].trainings
    frozen = ("probe_conv", "probe_norm")
    cases = (
        (plain, False, 5e-4, 5e-3, ()),
        (one, True, 1e-3, 1e-3, frozen),
        (two, True, 1e-4, 1e-4, frozen),
        (three, True, 1e-5, 1e-5, ()),
        (boosted, True, 5e-4, 5e-3, ()),
    )
    for training, surgery, rate, output_rate, still in cases:
        ends = trained_by_hand(training, surgery, rate, output_rate, still)
        for path, end in ends.items():
            assert end == pytest.approx(training.end[path], abs=0.05 * rate, rel=1e-4), (training.title, path)


def test_what_is_predicted_by_hand(scene, ran, number, truth):
    """Fails when other images are scored, or names, classes and probabilities are in different orders."""
    log, found = ran
    trainings = [log.trainings[i] for i in (0, 4, 5)]
    for i, (training, predictions) in enumerate(zip(trainings, found, strict=True)):
        name = "covid_ct" if i else "sars_cov2_ct"
        assert sorted(predictions.sample) == chunk_by_hand(scene.table(name), 0)
        numbers = [number[name][one] for one in predictions.sample]
        assert predictions.classes == ("non-COVID", "COVID")
        assert predictions.true.tolist() == [truth[name][n] == "COVID" for n in numbers]
        shown = log.predictions[2 * i + 1]
        seen = shown.numbers(probe.UNIT if i else probe.CAFFE).tolist()
        model = by_hand(bool(i), 2)
        put(model, training.end)
        retake_by_hand(model, log.retakes[i].batches)
        expected = model.predict(shown.inputs, verbose=0)[[seen.index(n) for n in numbers]]
        assert predictions.probabilities == pytest.approx(expected, abs=1e-5)


def test_moving_averages_are_a_reading_of_the_same_training(scene, ran, number):
    """Fails when a row that keeps them trains anew, or gets those of the other reading."""
    with probe.watch() as log:
        found = experiment.run(replace(TRANSFER, averages="moving"), 0, scene.context())
    assert not log.passes
    model, shown = by_hand(False, 2), ran[0].predictions[0]
    put(model, ran[0].trainings[0].end)
    seen = shown.numbers(probe.CAFFE).tolist()
    places = [seen.index(number["sars_cov2_ct"][one]) for one in found.sample]
    assert found.probabilities == pytest.approx(model.predict(shown.inputs, verbose=0)[places], abs=1e-5)
    assert np.abs(found.probabilities - ran[1][0].probabilities).max() > 1e-3


def test_averages_are_retaken_of_the_training_that_is_found(scene, ran):
    """Fails when they are of the model that happens to be at hand: here another row's."""
    for stage in scene.context().stages.root.glob("averages-*"):
        shutil.rmtree(stage)
    with probe.watch() as log:
        found = experiment.run(TRANSFER, 0, scene.context())
    assert not log.trainings and len(log.retakes) == 1
    assert np.array_equal(found.probabilities, ran[1][0].probabilities)


def test_combined_by_hand(scene, ran, number, truth):
    """Fails when the test chunk is in the dictionary, the softmax left out, or a model trained once more."""
    log, (_, _, augmented) = ran
    with probe.watch() as none:
        combined = experiment.run(COMBINED, 0, scene.context())
    assert not none.trainings and augmented.scores is None
    assert np.array_equal(combined.probabilities, augmented.probabilities)
    shown, name = log.predictions[-1], "covid_ct"
    numbers_ = shown.numbers(probe.UNIT).tolist()
    covid = np.array([truth[name][n] == "COVID" for n in numbers_]).astype(int)
    test = [numbers_.index(number[name][one]) for one in combined.sample]
    train = [i for i in range(len(numbers_)) if i not in test]
    added = represented_by_hand(shown.outputs[train], covid[train], shown.outputs[test], 3, 2.0)
    assert combined.scores == pytest.approx(combined.probabilities + added, abs=1e-4)
    for field in ({"sparsity": 1}, {"ridge": 0.5}, {"code_norm": "l1"}):
        other = experiment.run(replace(COMBINED, **field), 0, scene.context())
        assert not np.allclose(other.scores, combined.scores, atol=1e-3), field


def test_a_finished_stage_keeps_results_and_no_checkpoints(scene, ran):
    names = {path.name for path in scene.context().stages.root.glob("*-*/*")}
    results = {"activations.npz", "model.weights.h5", "body.npz"}
    assert names == {"stage.json", "code.json", "machines.json", *results}


def test_augmentation_has_the_ranges_of_the_text(scene, ran):
    """Fails for another range, crop or fill; each epoch's images are made again from the sheet's numbers."""
    _, _, *regularised, _, augmented = ran[0].trainings
    xray = scene.table("chest_xray14")
    rows = np.sort([i for f in data.FINDINGS for i in np.flatnonzero(xray.extra["findings"] == f)[:2]])
    turned = Augment(rotation=7.0, flip=True), xray.take(rows), Frame(64, 64, central_crop=850 / 1024)
    moved = Augment(zoom=(0.9, 1.1), shift_pixels=5.0, flip=True), scene.table("covid_ct"), Frame(64, 64)
    for training, (augment, table, frame) in (
        (regularised[0], turned),
        (regularised[1], turned),
        (augmented, moved),
    ):
        pixels = load_pixels(table, frame, scene.root / "cache")
        for epoch, one in enumerate(training.epochs):
            batches = eval_batches(pixels, batch=8, augment=augment, seed=training.seed, epoch=epoch)
            of = numbers(pixels[..., 0].astype("float64")).tolist()
            made = dict(zip(of, np.concatenate(list(batches)), strict=True))
            for n, seen in zip(one.numbers(probe.UNIT).tolist(), one.inputs, strict=True):
                assert seen == pytest.approx(made[n], abs=1e-6)


def test_protocol_table_of_stage_keys(scene, ran):
    """Fails when a stage is found again for other inputs, or made anew for what it does not depend on."""

    def keys(row=AUGMENTED, context=None, draw=0):
        return scene.keys(lambda context: experiment.run(row, draw, context), context)

    half = replace(ON_CPU, precision="mixed_float16")
    scene.write_weights("resnet50", gain=3.0, folder="other-weights")
    fields = {"epochs": 3, "momentum": 0.9, "findings_per_class": 1, "test_fraction": 0.2, "code_norm": "l1"}
    fields["averages"] = "moving"
    radiographs = scene.replaced("chest_xray14")
    others = {
        "the draw": keys(draw=1),
        "the seed": keys(context=scene.context(seed=1)),
        "the precision": keys(context=scene.context(runtime=half)),
        "the weights' file": keys(context=scene.context(weights_dir=scene.root / "other-weights")),
        "the CT images": keys(context=scene.replaced("covid_ct")),
        "the radiographs": keys(context=radiographs),
        "method: boosted": keys(BOOSTED),
        "method: combined": keys(COMBINED),
        "dataset: SC2C": keys(ROW["sc2c-resnet50-boosted-aug"]),
        **{f"{name}: {value}": keys(replace(AUGMENTED, **{name: value})) for name, value in fields.items()},
    }
    probe.check_table(README, probe.key_table(keys(), others), name="stages")
    plain = keys(TRANSFER)
    assert list(plain) == ["target", "averages"] and keys(TRANSFER, radiographs) == plain
