"""Who reaches which network of Basu et al., as what, how often and at which rate: seen on a tiny one."""

from collections import Counter
from pathlib import Path

import keras
import numpy as np
import probe
import pytest
from basu_scene import DETL, FROZEN, IMAGENET, RANDOM, label_files, logged, numbered

import reproductions.basu
from reproductions.basu import data, model
from shared.training.backbones import BACKBONES
from shared.training.fitting import best_epoch

README = Path(reproductions.basu.__file__).with_name("README.md")


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    with numbered(tmp_path_factory.mktemp("probe")) as scene:
        yield scene


@pytest.fixture(scope="module")
def detl(scene):
    """The log of the first fold, stage 1 included, and its predictions."""
    return logged(scene, DETL)


@pytest.fixture(scope="module")
def folds(scene, detl):
    """The logs of all folds."""
    return [detl, *(logged(scene, DETL, draw) for draw in (1, 2))]


@pytest.fixture(scope="module")
def random(scene):
    return logged(scene, RANDOM)


@pytest.fixture(scope="module")
def imagenet(scene):
    """The control's log, and the weights in the file that it starts from."""
    published = BACKBONES["vgg16"].whole((32, 32, 3), False, "map")
    rng = np.random.default_rng(5)
    published.set_weights([rng.uniform(0.1, 0.9, w.shape) for w in published.get_weights()])
    path = scene.root / "weights" / BACKBONES["vgg16"].weight_files(False)[0]
    path.parent.mkdir(exist_ok=True)
    published.save(path)
    return *logged(scene, IMAGENET), {w.path: np.array(w) for w in published.weights}


@pytest.fixture(scope="module")
def number(scene):
    """Image name -> its number."""
    return {name: k for dataset in scene.datasets for k, name in scene.names(dataset).items()}


@pytest.fixture(scope="module")
def parts(scene, number):
    """Who is who: the numbers of the images in each part of Data-A and of Data-B's first fold."""
    nih, covid = (scene.table(name) for name in ("chest_xray14", "covid_chestxray"))
    a, b = data.split_of_a(DETL, nih, 0), data.images_b(DETL, nih, covid, 0)
    train, test = data.folds(DETL, b.labels, b.patients, 0)[0]
    names = {
        "Data-A's training part": nih.name[a.train],
        "Data-A's validation part": nih.name[a.validation],
        "the other folds": b.samples[train],
        "the fold": b.samples[test],
    }
    return {part: [number[name] for name in own] for part, own in names.items()}


@pytest.fixture(scope="module")
def findings(scene):
    """Image -> its findings and its patient."""
    return label_files(scene.data_dir)


def class_b(found):
    """The class in Data-B, from the words of the label files."""
    words = {"No Finding": "normal", "Pneumonia": "pneumonia", "COVID-19": "COVID-19"}
    return words.get(found[0], "other disease") if len(found) == 1 else "other disease"


@pytest.fixture(scope="module")
def truth(number, findings):
    """The class of each image in Data-A and in Data-B."""
    shown = {number[name]: found for name, (found, _) in findings.items() if name in number}
    of_a = {k: "normal" if found == ["No Finding"] else "diseased" for k, found in shown.items()}
    return of_a, {k: class_b(found) for k, found in shown.items()}


def test_the_best_epoch_and_not_the_last_is_handed_on(detl):
    """Fails when the last epoch's weights start stage 2; the best of these four is an earlier one."""
    one, two = detl[0].trainings
    best = best_epoch(one.history, "val_accuracy")
    assert best < len(one.epochs) - 1
    for path, value in one.epochs[best].end.items():
        assert np.array_equal(one.end[path], value)
        if not path.startswith(model.HEAD):
            assert np.array_equal(two.start[path], value)
    assert any(not np.array_equal(one.epochs[-1].end[path], one.end[path]) for path in one.end)


def test_rates_by_hand(detl, random):
    """A linear rise over one epoch, then half a cosine to zero over the rest; stage 2's rate stays."""
    one, two = detl[0].trainings
    steps = 3
    rise = [1e-3 * k / steps for k in range(steps)]
    fall = [5e-4 * (1 + np.cos(np.pi * k / (3 * steps))) for k in range(3 * steps)]
    assert one.rates == pytest.approx([*rise, *fall], rel=1e-4)
    assert set(np.round(two.rates, 9)) == {1e-4}
    assert max(random[0].training().rates) == pytest.approx(1e-3)
    assert len(random[0].training().epochs) == RANDOM.epochs and len(two.epochs) == DETL.tuning_epochs


def test_frozen_layers_stay_to_the_bit_batch_norm_included(folds):
    """Fails when batch norm follows Data-B, or the frozen part moves in any fold."""
    for log, _ in folds:
        two = log.trainings[-1]
        moved = {path.split("/")[0] for epoch in two.epochs for path in epoch.moved}
        assert moved == {"block5_conv3", "fc1", model.HEAD}
        assert not any(one.moved for one in log.predictions)


def test_all_folds_start_from_one_stage_1_and_shuffle_by_themselves(folds):
    """Fails when a fold trains stage 1 again, starts where the last one ended, or repeats its order."""
    assert [len(log.trainings) for log, _ in folds] == [2, 1, 1]
    last = [log.trainings[-1] for log, _ in folds]
    for other in last[1:]:
        assert all(np.array_equal(value, other.start[path]) for path, value in last[0].start.items())
    assert len({training.seed for training in last}) == 3
    assert len({tuple(t.epochs[0].numbers(probe.UNIT)) for t in last}) == 3


def test_every_image_of_data_b_is_scored_once_under_its_own_name_and_class(folds, number, truth):
    """Fails when predictions are those of other images, or a class has another place."""
    seen = []
    for log, found in folds:
        scored = log.predictions[-1]
        assert [number[name] for name in found.sample] == scored.numbers(probe.UNIT).tolist()
        np.testing.assert_allclose(found.probabilities, scored.outputs, atol=1e-6)
        assert [data.CLASSES_B[k] for k in found.true] == [truth[1][number[name]] for name in found.sample]
        trained = set(log.trainings[-1].epochs[0].numbers(probe.UNIT))
        assert not trained & set(scored.numbers(probe.UNIT))
        assert trained | set(scored.numbers(probe.UNIT)) == {number[n] for _, f in folds for n in f.sample}
        seen += found.sample
    assert len(seen) == len(set(seen)) == 4 + 12 + 12 + 6


def test_data_a_and_data_b_by_the_label_files(detl, folds, parts, findings, number):
    """A second reading of section III-A, in plain Python."""
    name = {k: n for n, k in number.items()}
    train, validation = (set(parts[f"Data-A's {side} part"]) for side in ("training", "validation"))
    of_train, of_validation = ([findings[name[k]][0] for k in side] for side in (train, validation))
    assert Counter(f == ["No Finding"] for f in of_train) == {True: 8, False: 12}
    assert Counter(f == ["No Finding"] for f in of_validation) == {True: 4, False: 4}
    assert not any(f == ["Pneumonia"] for f in of_train + of_validation) and not train & validation
    sample = [n for _, found in folds for n in found.sample]
    picked = Counter(class_b(findings[n][0]) for n in sample)
    assert picked == {"normal": 4, "pneumonia": 12, "other disease": 12, "COVID-19": 6}
    everyone = [n for n, (f, _) in findings.items() if f == ["Pneumonia"]]
    assert set(everyone) <= set(sample)
    six = {"Atelectasis", "Cardiomegaly", "Infiltration", "Effusion", "Nodule", "Mass"}
    assert all(six & set(findings[n][0]) for n in sample if class_b(findings[n][0]) == "other disease")


def test_the_random_start_trains_all_layers_from_new_weights(random, detl):
    log, _ = random
    training = log.training()
    assert set(training.epochs[0].trainable) == {p for p in training.start if "moving" not in p}
    one = detl[0].trainings[0]
    kernels = [p for p in training.start if p.endswith("kernel") and not p.startswith(model.HEAD)]
    assert all(np.array_equal(training.start[p], one.start[p]) for p in kernels)  # of the same seed


def test_the_imagenet_start_is_the_file_and_its_frozen_part_stays_so(imagenet):
    """Fails when the weights are never loaded, or drawn anew after they were."""
    log, _, published = imagenet
    training = log.training()
    for path, value in published.items():
        assert np.array_equal(training.start[path], value) and np.array_equal(training.end[path], value)
    assert {path.split("/")[0] for path in published} == FROZEN


def test_a_second_opinion_on_detl(detl):
    """Both stages once more by plain Keras, batch by batch: fails when anything else teaches the network."""
    one, two = detl[0].trainings
    network = model.build("vgg16", (32, 32, 1), 2, dropout=0.0)
    taught(
        network, one, keras.optimizers.Adam(1e-3), one.epochs[: best_epoch(one.history, "val_accuracy") + 1]
    )
    assert_equal(network, one.end)
    end = model.build("vgg16", (32, 32, 1), 4, dropout=0.0)
    for layer in end.layers:
        layer.trainable = layer.name not in FROZEN
    taught(end, two, keras.optimizers.SGD(1e-4, momentum=0.9), two.epochs)
    assert_equal(end, two.end)


def taught(network, training, optimizer, epochs) -> None:
    """Trains a network from a training's start on its batches, with the rates that the log shows."""
    for weight in network.weights:
        weight.assign(training.start[weight.path])
    network.compile(optimizer, "categorical_crossentropy", run_eagerly=True)
    for epoch in epochs:
        for rate, (images, targets) in zip(epoch.rates, epoch.batches, strict=True):
            optimizer.learning_rate = rate
            network.train_on_batch(images, targets)


def assert_equal(network, values) -> None:
    for weight in network.weights:
        np.testing.assert_allclose(np.array(weight), values[weight.path], rtol=1e-4, atol=1e-5)


def test_protocol_table(scene, detl, random, imagenet, parts, truth):
    """Fails when who is trained on or scored, pixels, augmentation, rates or what is frozen changes."""
    log, _ = detl
    one, two = log.trainings
    a, b = log.predictions
    of_a = {name: numbers for name, numbers in parts.items() if "Data-A" in name}
    of_b = {name: numbers for name, numbers in parts.items() if "Data-A" not in name}
    on_a, on_b = {"parts": of_a, "scene": scene}, {"parts": of_b, "scene": scene}
    lines = [
        probe.phase("stage 1", one, probe.UNIT, **on_a, truth=truth[0], starts_from="new weights"),
        probe.judged("after each epoch", one.validations, probe.UNIT, **on_a),
        probe.judged("its best epoch", [a], probe.UNIT, **on_a),
        probe.phase("stage 2", two, probe.UNIT, **on_b, truth=truth[1], starts_from=origin(one, two)),
        probe.judged("scored", [b], probe.UNIT, **on_b),
    ]
    for name, (log, *_), scale in (("random", random, probe.UNIT), ("imagenet", imagenet, probe.CAFFE)):
        (only,) = log.trainings
        starts_from = "new weights" if name == "random" else "the published file"
        lines.append(probe.phase(f"`{name}`", only, scale, **on_b, truth=truth[1], starts_from=starts_from))
        lines.append(probe.judged("scored", log.predictions, scale, **on_b))
    probe.check_table(README, lines)


def origin(one, two) -> str:
    """What of stage 2's start is what stage 1 handed on."""
    same = {path for path, value in two.start.items() if np.array_equal(value, one.end.get(path))}
    new = {path.split("/")[0] for path in set(two.start) - same}
    return f"stage 1's best epoch; new: {', '.join(sorted(new))}"
