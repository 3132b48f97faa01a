"""Who reaches which network of El Azhari, as what, how often and at which rate: seen on a tiny one."""

import itertools
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import probe
import pytest
from keras import layers
from runtimes import ON_CPU

import reproductions.elazhari
from reproductions.elazhari import PAPER, data, experiment, inputs, model

README = Path(reproductions.elazhari.__file__).with_name("README.md")
PER_CLASS, POOL = 20, 120
NEVER = 2.0  # a validation accuracy that no epoch reaches
SMALL = {"side": 64, "pool": POOL, "batch": 16, "max_epochs": 3, "hidden": 8, "stop_accuracy": NEVER}
CNN, CLEAN, RANDOM, FROZEN = (
    replace(PAPER.row(row_id), **SMALL)
    for row_id in ("ct-cnn", "ct-cnn-clean", "ct-resnet50-random", "ct-vgg16-pretrained")
)
ROWS = {row.id: row for row in (CNN, CLEAN, RANDOM, FROZEN)}
CLASSES = ("COVID", "non-COVID")
_runs = itertools.count()


def tiny_cnn(side, hidden, classes, dropout, activation):
    """A network with batch norm and dropout, as the separable CNN has."""
    images = layers.Input((side, side, 3))
    x = layers.BatchNormalization(name="norm")(layers.Conv2D(4, 3, strides=4, name="conv")(images))
    x = layers.Flatten()(layers.MaxPooling2D(4)(layers.Dropout(dropout)(x)))
    return keras.Model(images, model._classify(x, hidden, classes, activation), name="separable_cnn")


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    with probe.scene(tmp_path_factory.mktemp("probe"), {"sars_cov2_ct": PER_CLASS}) as scene:
        scene.patch.setattr(model, "separable_cnn", tiny_cnn)
        scene.write_weights("vgg16", "resnet50", gain=0.5, side=64)
        yield scene


def ran(scene, row, draw: int = 0, **changes):
    """The log of a run and its predictions."""
    with probe.watch() as log:
        found = experiment.run(row, draw, scene.context(f"run-{next(_runs)}", **changes))
    return log, found


@pytest.fixture(scope="module")
def logs(scene):
    """What `ran` gives for a row, by its id."""
    return probe.Lazy(lambda row_id: ran(scene, ROWS[row_id]))


@pytest.fixture(scope="module")
def truth(scene):
    names = scene.names("sars_cov2_ct")
    return {number: CLASSES[not name.startswith("COVID/")] for number, name in names.items()}


def parts(scene, row) -> dict[str, list[int]]:
    """Who is who: the numbers of the images behind each part of the split."""
    numbers = scene.numbers("sars_cov2_ct")
    return {f"the {name} part's": numbers[rows].tolist() for name, rows in by_hand(scene, row).items()}


def by_hand(scene, row, draw: int = 0, seed: int = 0) -> dict[str, np.ndarray]:
    """The images of each part in plain NumPy: the pool is half COVID and takes images in turn."""
    label = np.array([not name.startswith("COVID/") for name in scene.table("sars_cov2_ct").name])
    covid, other = np.flatnonzero(~label), np.flatnonzero(label)
    pool = np.empty(POOL, int)
    pool[::2], pool[1::2] = np.resize(covid, POOL // 2), np.resize(other, POOL // 2)
    if row.protocol == "as_published":
        order = np.random.default_rng((seed, draw)).permutation(POOL)
        ends = {"test": order[:12], "validation": order[12:24], "training": order[24:]}
        return {name: np.unique(pool[keys]) for name, keys in ends.items()}
    found = data.split(row, label.astype(int), scene.table("sars_cov2_ct").name, (seed, draw))
    names = {"test": "test", "validation": "validation", "training": "train"}
    return {name: np.unique(found[part].rows) for name, part in names.items()}


def test_published_parts_are_those_of_a_plain_random_split_of_the_pool(scene, logs):
    """Fails when the pool is unbalanced or an image is left out, or validation and test are exchanged."""
    log, found = logs[CNN.id]
    training = log.training(CNN.id)
    for name, one in (("training", training.epochs[0]), ("validation", training.validations[0])):
        seen = one.numbers(probe.UNIT)
        wanted = scene.numbers("sars_cov2_ct")[by_hand(scene, CNN)[name]]
        assert set(seen.tolist()) == set(wanted.tolist()), name
    assert [len(p.numbers(probe.UNIT)) for p in training.epochs] == [96] * 3
    assert found.split == ["validation"] * 12 + ["test"] * 12
    numbers = {name: number for number, name in scene.names("sars_cov2_ct").items()}
    for kind, one in zip(("validation", "test"), log.predictions, strict=True):
        samples = [s for s, split in zip(found.sample, found.split, strict=True) if split == kind]
        named = [sample.partition("#")[0] for sample in samples]
        assert [numbers[name] for name in named] == one.numbers(probe.UNIT).tolist(), kind
        np.testing.assert_array_equal(found.of(kind).probabilities, one.outputs)


def test_an_item_looks_the_same_in_every_epoch_and_in_no_two_items(scene, logs):
    """Fails when the pool is drawn anew each epoch, or when an image's copies are all alike."""
    training = logs[CNN.id][0].training(CNN.id)
    looks = [one.looks() for one in training.epochs]
    assert looks[0] == looks[1] == looks[2]
    assert len(looks[0]) == 96
    orders = [one.numbers(probe.UNIT).tolist() for one in training.epochs]
    assert orders[0] != orders[1] and sorted(orders[0]) == sorted(orders[1])


def test_clean_parts_share_no_image_and_are_judged_as_they_are(scene, logs):
    """Fails when the pool is split before its images, or when what is judged is augmented."""
    log, found = logs[CLEAN.id]
    training = log.training(CLEAN.id)
    trained = set(training.epochs[0].numbers(probe.UNIT).tolist())
    judged = [set(one.numbers(probe.UNIT).tolist()) for one in log.predictions]
    assert not trained & judged[0] and not trained & judged[1] and not judged[0] & judged[1]
    assert probe.augmentation(log.predictions, probe.UNIT, scene) == "none"
    assert len(training.epochs[0].numbers(probe.UNIT)) == 96  # as many steps as published
    assert found.facts["test_items_with_source_in_training"] == 0


def test_labels_say_covid_first(scene, logs, truth):
    """Fails when the classes are exchanged on the way to the model or in the predictions."""
    log, found = logs[CLEAN.id]
    one = log.training(CLEAN.id).epochs[0]
    assert probe.class_order(one, probe.UNIT, truth) == "COVID, non-COVID"
    assert found.classes == CLASSES
    of = {name: truth[number] for number, name in scene.names("sars_cov2_ct").items()}
    assert [found.classes[t] for t in found.true] == [of[sample] for sample in found.sample]


def test_random_bases_train_whole_and_frozen_ones_keep_the_file_s_weights(scene, logs):
    """Fails when ImageNet weights are not loaded, when a frozen base trains, or a random one does not."""
    random = logs[RANDOM.id][0].training(RANDOM.id)
    assert any("probe_conv" in path for path in random.epochs[0].moved)
    assert any("moving_mean" in path for path in random.epochs[0].moved)
    start = next(value for path, value in random.start.items() if path.endswith(probe.KERNEL))
    assert not np.array_equal(start, scene.published(gain=0.5))
    log, found = logs[FROZEN.id]
    base = [one for one in log.predictions if any(path.endswith(probe.KERNEL) for path in one.start)]
    assert base and not any(one.moved for one in base)
    for one in base:
        kernel = next(value for path, value in one.start.items() if path.endswith(probe.KERNEL))
        assert np.array_equal(kernel, scene.published(gain=0.5))
    head = log.training(FROZEN.id)
    assert not any("probe" in path for path in head.start)
    assert found.facts["trainable_parameters"] < found.facts["parameters"]


def test_features_of_the_pool_are_those_of_its_warped_images(scene, logs):
    """Fails when the frozen base sees the images unaugmented, on another scale, or in another order."""
    log, _ = logs[FROZEN.id]
    base = next(one for one in log.predictions if any(path.endswith(probe.KERNEL) for path in one.start))
    assert sorted(base.numbers(probe.UNIT).tolist()) == sorted(
        np.resize(scene.numbers("sars_cov2_ct"), POOL).tolist()
    )
    assert probe.augmentation([base], probe.UNIT, scene) == "yes"


def test_rates_are_a_thousandth_and_for_vgg16_a_hundred_thousandth(logs):
    """Fails when VGG16's rate is the others', or when a rate changes on the way."""
    assert logs[RANDOM.id][0].training(RANDOM.id).rates == pytest.approx([1e-3] * 18)
    assert logs[FROZEN.id][0].training(FROZEN.id).rates == pytest.approx([1e-5] * 18)
    first = logs[RANDOM.id][0].training(RANDOM.id).epochs[0]
    moved = max(first.steps[0][path] for path in first.trainable)
    assert moved == pytest.approx(1e-3, rel=0.02)  # Adam's first step is its rate


def test_protocol_table(scene, logs, truth):
    """Fails when who is trained on or scored, pixels, augmentation, rates or what is frozen changes."""
    lines = []
    for row in (CNN, CLEAN, RANDOM):
        log, _ = logs[row.id]
        training, own = log.training(row.id), parts(scene, row)
        own = own if row.protocol == "clean" else {"the pool's images": list(truth)}
        lines.append(probe.phase(row.id, training, probe.UNIT, own, scene, truth))
        lines.append(probe.judged("validated", training.validations, probe.UNIT, own, scene))
        lines += [
            probe.judged(name, [one], probe.UNIT, own, scene)
            for name, one in zip(("validation scored", "test scored"), log.predictions, strict=True)
        ]
    probe.check_table(README, lines)


@pytest.mark.parametrize(("accuracy", "loss", "epochs"), [(0.0, 1e9, 1), (0.0, 0.0, 3)])
def test_the_rule_is_asked_after_each_epoch(scene, accuracy, loss, epochs):
    """Fails when training never stops, or when one of the two conditions is enough."""
    log, found = ran(scene, replace(CNN, stop_accuracy=accuracy, stop_loss=loss))
    assert len(log.training(CNN.id).epochs) == epochs == found.facts["epochs"]
    assert found.facts["rule_met"] is (epochs == 1)


def test_the_rule_is_asked_of_the_validation_part(scene, monkeypatch):
    """Fails when the training's own accuracy and loss decide."""
    asked = []
    monkeypatch.setattr(experiment, "rule_met", lambda row, *logs: bool(asked.append(logs)))
    _, found = ran(scene, CNN)
    validated = [(logs["val_accuracy"], logs["val_loss"]) for logs in found.history]
    assert asked[:3] == validated
    assert asked[:3] != [(logs["accuracy"], logs["loss"]) for logs in found.history]


def test_draws_differ_in_split_weights_and_order_and_a_draw_is_itself_again(scene, logs):
    """Fails when each draw has the same seed."""
    log, found = logs[CNN.id]
    other_log, other = ran(scene, CNN, draw=1)
    first, second = log.training(CNN.id), other_log.training(CNN.id)
    assert found.sample != other.sample
    assert not np.array_equal(first.start["conv/kernel"], second.start["conv/kernel"])
    assert first.seed != second.seed
    _, again = ran(scene, CNN, draw=0)
    assert np.array_equal(again.probabilities, found.probabilities)


def test_what_changes_the_key_of_the_stored_features(scene, logs):
    """Fails when features are found again though what they depend on changed, or made again for nothing."""
    base = scene.keys(lambda context: experiment.run(FROZEN, 0, context))
    weights = scene.write_weights("vgg16", gain=0.7, side=64, folder="other-weights")
    for context, sources in (
        (scene.replaced("sars_cov2_ct"), "anew"),
        (scene.context("keys-weights", weights_dir=weights), "found"),
        (scene.context("keys-seed", seed=1), "found"),
    ):
        keys = scene.keys(lambda context: experiment.run(FROZEN, 0, context), context)
        (line,) = probe.key_table(base, {"": keys})
        assert (line["features"], line["sources"]) == ("anew", sources), context.run_dir


def test_which_fields_of_a_row_change_the_key_of_its_features(scene):
    """Fails when a warp's range is left out of the key, or when a head's rate is in it."""
    table, context = scene.table("sars_cov2_ct"), scene.context("fields")
    items = data.Items(np.arange(4), np.arange(4), augmented=True)

    def key(row, context=context):
        return inputs._key(row, table, items, "file", context)

    warps = {"rotation": 5.0, "zoom": (0.9, 1.1), "flip": False, "fill": "reflect", "side": 48, "pool": 60}
    heads = {"learning_rate": 1e-2, "batch": 8, "hidden": 4, "max_epochs": 2, "protocol": "clean", "draws": 1}
    changed = {
        name
        for name, value in (warps | heads).items()
        if key(replace(FROZEN, **{name: value})) != key(FROZEN)
    }
    assert changed == set(warps)
    half = replace(context, runtime=replace(ON_CPU, precision="mixed_bfloat16"))
    assert key(FROZEN, half) != key(FROZEN)
