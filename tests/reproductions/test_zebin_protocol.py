"""Who reaches the networks of Zebin and Rezvy, as what, how often and at which rate: seen on tiny ones."""

from pathlib import Path

import numpy as np
import probe
import probe_marks
import pytest
from probe_zebin import GAIN, ROW, Known, divided_by_hand, parts_of, small_scene, through_backbone

import reproductions.zebin
from reproductions.zebin import experiment
from reproductions.zebin.config import CLASSES

README = Path(reproductions.zebin.__file__).with_name("README.md")


@pytest.fixture(scope="module")
def asked():
    """The arguments that CycleGANs were asked for with."""
    return []


@pytest.fixture(scope="module")
def explained():
    """Row -> the last layer of the head that its pictures explain."""
    return {}


@pytest.fixture(scope="module")
def scene(tmp_path_factory, asked, explained):
    with small_scene(tmp_path_factory.mktemp("probe"), asked, explained) as scene:
        yield scene


@pytest.fixture(scope="module")
def runs(scene):
    """Row -> the log of its first fold, and what it says of the images."""
    found = {}
    for row in ("vgg16-v1", "vgg16-v2", "vgg16-v2-clean", "vgg16-v1-whole"):
        with probe.watch() as log:
            found[row] = log, experiment.run(ROW[row], 0, scene.context(row))
    return found


@pytest.fixture(scope="module")
def known(scene, runs):
    return Known(scene)


def test_the_split_is_the_one_made_by_hand(runs, known):
    """Another seed or order of classes, images that may not be drawn, test images among the training ones."""
    train, validation, test = divided_by_hand(ROW["vgg16-v1"], known)
    log, found = runs["vgg16-v1"]
    assert found.of("validation").sample == np.concatenate(validation).tolist()
    assert found.of("test").sample == np.concatenate(test).tolist()
    seen = through_backbone([runs["vgg16-v1"]], log.training()).epochs[0].numbers(probe.CAFFE)
    assert sorted(seen) == sorted(known.number[name] for name in np.concatenate(train))
    assert [CLASSES[place] for place in found.true] == [known.truth[known.number[n]] for n in found.sample]


def test_the_backbone_has_the_weights_of_its_file(scene, runs):
    """Random weights, or batch norm that follows the images that it judges."""
    for log, _ in runs.values():
        for one in log.predictions:
            if "features" in one.model:
                np.testing.assert_array_equal(one.start["probe_conv/kernel"], scene.published(GAIN))
                assert not one.moved


def test_a_head_learns_as_by_hand_and_is_what_scores(runs, known):
    """Another loss, rate or moments, dropout that a row does not have, or another head that scores."""
    log, found = runs["vgg16-v1"]
    training = log.training()
    weights = trained_by_hand(training)
    for path, value in weights.items():
        np.testing.assert_allclose(training.end[path], value, rtol=1e-3, atol=1e-6, err_msg=path)
    (judged,) = (one for one in log.predictions if one.title == "features")
    place = {number: i for i, number in enumerate(judged.numbers(probe.CAFFE))}
    features = judged.outputs[[place[known.number[name]] for name in found.sample]]
    np.testing.assert_allclose(forward(weights, features)[1], found.probabilities, atol=1e-4)


def trained_by_hand(training) -> dict[str, np.ndarray]:
    """Cross-entropy and Adam in NumPy, on the batches that reached the head."""
    weights = {path: value.astype("float64") for path, value in training.start.items()}
    first, second = (dict.fromkeys(weights, 0.0) for _ in range(2))
    step = 0
    for epoch in training.epochs:
        for features, targets in epoch.batches:
            step += 1
            for path, gradient in gradients(weights, features, targets).items():
                first[path] = 0.9 * first[path] + 0.1 * gradient
                second[path] = 0.999 * second[path] + 0.001 * gradient**2
                rate = 1e-4 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                weights[path] = weights[path] - rate * first[path] / (np.sqrt(second[path]) + 1e-7)
    return weights


def forward(weights, features):
    """What the hidden layer and the softmax say."""
    hidden = np.maximum(features @ weights["hidden/kernel"] + weights["hidden/bias"], 0)
    scores = hidden @ weights["classes/kernel"] + weights["classes/bias"]
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden, raised / raised.sum(axis=1, keepdims=True)


def gradients(weights, features, targets) -> dict[str, np.ndarray]:
    """Of the mean cross-entropy of a batch."""
    hidden, probabilities = forward(weights, features)
    scores = (probabilities - targets) / len(targets)
    back = (scores @ weights["classes/kernel"].T) * (hidden > 0)
    return {
        "hidden/kernel": features.T @ back,
        "hidden/bias": back.sum(axis=0),
        "classes/kernel": hidden.T @ scores,
        "classes/bias": scores.sum(axis=0),
    }


def test_the_threshold_is_v1_s_own_end(runs):
    """A fold with synthetic images, another start, or another fold's augmentation would end elsewhere."""
    v1, v2 = (runs[row][0] for row in ("vgg16-v1", "vgg16-v2"))
    plain = v2.training("without synthetic images")
    for path, value in v1.training().end.items():
        np.testing.assert_array_equal(plain.end[path], value)
    facts = runs["vgg16-v2"][1].facts
    assert facts["threshold_loss"] == runs["vgg16-v1"][1].history[-1]["loss"]
    assert not np.array_equal(plain.end["classes/kernel"], v2.trainings[1].end["classes/kernel"])


def test_pictures_explain_the_head_that_is_scored(runs, explained):
    """The head of the threshold's training, which shares the model and comes after it."""
    for row, (log, _) in runs.items():
        (own,) = (one for one in log.trainings if one.title == f"{row}, fold 0")
        np.testing.assert_array_equal(explained[row], own.end["classes/kernel"], err_msg=row)


def test_the_cyclegan_is_the_row_s(runs, asked):
    """A setting that does not reach it, or two that are exchanged."""
    assert len(asked) == 2, "one for each protocol"
    assert set(asked) == {((64, 1, 64, 9, 50, 10.0, 5.0), 2e-4, 0.5, 0)}


# --- the table -------------------------------------------------------------------------------------------


def test_protocol_table(runs, known):
    """Fails when who is trained on or scored, pixels, augmentation, rates or what is frozen changes."""
    lines = []
    for row, (log, found) in runs.items():
        parts = parts_of(ROW[row], known, found)
        if row == "vgg16-v1":
            lines += of_backbone(log, parts, known)
        for training in log.trainings:
            if training.title == "CycleGAN":
                lines += of_cyclegan(row, training, parts, known)
            else:
                lines += of_head(row, training, runs.values(), parts, known)
    probe.check_table(README, lines)


def of_backbone(log, parts, known) -> list[dict]:
    """What the frozen backbone is shown, as augmented and as it is."""
    read = [one for one in log.predictions if "features" in one.model]
    epochs = [one for one in read if "epoch" in one.title]
    judged = [one for one in read if "epoch" not in one.title]
    return [
        probe.judged("backbone, in each epoch", epochs, probe.CAFFE, parts, known),
        probe.judged("backbone, to judge", judged, probe.CAFFE, parts, known),
    ]


def of_head(row, training, logs, parts, known) -> list[dict]:
    """Training and validation of a head, by the images that its features are of."""
    own = through_backbone(logs, training)
    name = f"`{row}`" + (" without synthetic images" if "without" in training.title else "")
    lines = [probe.phase(f"{name}, a fold", own, probe.CAFFE, parts, known, known.truth)]
    if own.validations:
        lines.append(probe.judged(f"{name}, validated", own.validations, probe.CAFFE, parts, known))
    return lines


def of_cyclegan(row, training, parts, known) -> list[dict]:
    """From and to: images of the training set alone, one of each in a step."""
    lines = []
    real = {k for part in ("real images of the other folds", "real images of the fold") for k in parts[part]}
    steps = " + ".join(str(len(epoch.sizes)) for epoch in training.epochs)
    for name, side in (("from", 0), ("to", 1)):
        images = np.concatenate([batch[side] for epoch in training.epochs for batch in epoch.batches])
        seen = probe_marks.numbers(probe.SIGNED.grey(images))
        (kind,) = {known.truth[number] for number in seen}
        lines.append(
            {
                "Phase": f"CycleGAN of `{row}`, {name}",
                "Images": "of the training set" if set(seen) <= real else "of other sets too",
                "Classes": kind,
                "Pixels": probe.SIGNED.name,
                "Augmentation": "none",
                "Steps": f"{steps} of {len(training.epochs[0].batches[0][side])}",
                "Rate": probe.rates(training),
            }
        )
    return lines
