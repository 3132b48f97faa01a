"""Who reaches the network of Zhao et al., as what, how often and at which rate: seen on a tiny one."""

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import probe
import pytest
from zhao_by_hand import all_numbers, ends_alike, mixture, published, tiny

import reproductions.zhao
from data_builders.pixels import Frame, load_pixels
from reproductions.zhao import PAPER, bit, experiment, model
from reproductions.zhao.config import demo

README = Path(reproductions.zhao.__file__).with_name("README.md")
SIZES = {"resize": 60, "crop": 57}
OWN = PAPER.row("bit-m")
ROW = replace(
    demo(OWN),
    **SIZES | {"rate": OWN.rate, "momentum": OWN.momentum},
    shown=(),
    weights="bit-m",
    schedule=(2, 3, 4, 5, 6),
    batch=4,
    block=4,
    mixup=0.0,
    curve_share=1.0,
)
FEW = replace(ROW, id="fig8-50", per_class=6, curve_share=0.0, schedule=(1, 2, 3, 4, 8))
RATES = [0, 0.0015, 0.003, 0.003, 0.0003, 0.00003]
SPLITS = {"train": "training list", "validation": "validation list", "test": "test list"}


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    with probe.scene(tmp_path_factory.mktemp("probe"), {"covidx_ct": 20}) as scene:
        scene.patch.setattr(bit, "bit_resnet50x1", tiny)
        for seed, folder in enumerate(("weights", "other-weights")):
            (scene.root / folder).mkdir()
            np.savez(scene.root / folder / "BiT-M-R50x1.npz", **published(seed))
        yield scene


@pytest.fixture(scope="module")
def bit_m(scene):
    """The log of a training, and its predictions."""
    with probe.watch() as log:
        found = experiment.run(ROW, 0, scene.context("bit-m"))
    return log, found


@pytest.fixture(scope="module")
def few(scene):
    """The log of two draws of Figure 8."""
    with probe.watch() as log:
        for draw in (0, 1):
            experiment.run(FEW, draw, scene.context("few"))
    return log


@pytest.fixture(scope="module")
def parts(scene):
    """The numbers of the images in each official list."""
    table = scene.table("covidx_ct")
    numbers = scene.numbers("covidx_ct")
    return {words: numbers[table.extra["split"] == split].tolist() for split, words in SPLITS.items()}


@pytest.fixture(scope="module")
def truth(scene):
    """The class of each image, by the names of its sources."""
    kinds = {"Normal": "Normal", "normal1": "Normal", "CP": "CP", "NCP": "NCP", "volume-covid19-A-": "NCP"}
    names = scene.names("covidx_ct")
    return {n: next(k for start, k in kinds.items() if name.startswith(start)) for n, name in names.items()}


def line_of(name, training, parts, scene, truth):
    steps = " + ".join(str(len(epoch.sizes)) for epoch in training.epochs)
    shown = {
        "Images": f"at random: {probe.groups(all_numbers(training), parts)}",
        "Steps": f"{steps} of {ROW.batch}",
        "Rate": ", ".join(f"{rate:.2g}" for rate in training.rates),
    }
    return probe.phase(name, training, probe.SIGNED, parts, scene, truth) | shown


def test_protocol_table(scene, bit_m, few, parts, truth):
    """Fails when who is trained on or scored, pixels, augmentation, rates or what is frozen changes."""
    log, _ = bit_m
    curve, judged = log.predictions[:2], log.predictions[2:4]
    lines = [
        line_of("training", log.training(), parts, scene, truth),
        probe.judged("after each block", curve, probe.SIGNED, parts, scene),
        probe.judged("validation", judged[:1], probe.SIGNED, parts, scene),
        probe.judged("test", judged[1:], probe.SIGNED, parts, scene),
        line_of("Figure 8, 6 per class", few.trainings[0], parts, scene, truth),
    ]
    probe.check_table(README, lines)


def test_the_schedule_and_the_weights_of_the_file_reach_the_network(scene, bit_m):
    """A rate off by a step, a file that is not loaded, a head that starts elsewhere, a frozen layer."""
    training = bit_m[0].training()
    assert training.rates == pytest.approx(RATES)
    official = published(0)
    for name, own in zip(bit.arrays(tiny(3)), training.start.values(), strict=True):
        expected = np.zeros_like(own) if "/head/" in name else official[name]
        np.testing.assert_array_equal(own, expected)
    assert training.epochs[0].steps[0] == dict.fromkeys(training.start, 0.0)  # the first rate is zero
    assert set(training.end) == {path for epoch in training.epochs for path in epoch.moved}


def test_batches_are_crops_and_flips_of_the_slices_cut_to_their_boxes(scene, bit_m):
    """By NumPy: each image is its own slice, moved by 0 to 3 pixels each way, and half of them mirrored."""
    table = scene.table("covidx_ct")
    numbers = scene.numbers("covidx_ct")
    train = table.take(table.extra["split"] == "train")
    pixels = load_pixels(train, Frame(60, 60, box=True), scene.root / "cache")[..., 0]
    of = dict(zip(numbers[table.extra["split"] == "train"].tolist(), pixels, strict=True))
    seen = []
    for epoch in bit_m[0].training().epochs:
        for number, image in zip(epoch.numbers(probe.SIGNED).tolist(), epoch.inputs, strict=True):
            grey = np.rint((image + 1) * 127.5).astype(int)
            assert (grey == grey[..., :1]).all()
            places = np.lib.stride_tricks.sliding_window_view(of[number], (57, 57)).reshape(-1, 57, 57)
            plain, mirrored = (
                np.flatnonzero((places == g).all((1, 2))) for g in (grey[..., 0], grey[:, ::-1, 0])
            )
            assert len(plain) + len(mirrored) == 1
            seen.append((int(np.concatenate([plain, mirrored])[0]), len(mirrored)))
    assert len(set(seen)) > 11 and 4 <= sum(mirrored for _, mirrored in seen) <= 20


def test_the_optimizer_is_plain_sgd_with_momentum(scene):
    """A weight decay of 1e-4 moves no weight by more than a rounding in six steps."""
    optimizer = model.compiled(ROW, scene.context().runtime).optimizer
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert (optimizer.momentum, optimizer.nesterov, optimizer.weight_decay) == (0.9, False, None)


def test_a_second_draw_of_the_same_compiled_network_starts_without_the_momentum_of_the_first(few):
    ends_alike(few.trainings[1], [0, 0.003, 0.003, 0.0003, 0.00003, *[0.000003] * 3])


def test_a_training_by_hand_ends_in_the_same_weights_and_judges_alike(scene, bit_m):
    """Nesterov's momentum, weight decay, another loss, momentum lost between blocks."""
    log, found = bit_m
    network = ends_alike(log.training(), RATES)
    judged = np.concatenate([np.asarray(network(one.inputs)) for one in log.predictions[2:4]])
    np.testing.assert_allclose(found.probabilities, judged, atol=1e-5)


def test_each_prediction_stands_by_its_own_image_and_split(scene, bit_m, parts, truth):
    """Validation and test exchanged, names in another order, classes in another."""
    log, found = bit_m
    names = scene.names("covidx_ct")
    for split, one in zip(("validation", "test"), log.predictions[2:4], strict=True):
        mine = found.of(split)
        numbers = one.numbers(probe.SIGNED).tolist()
        assert sorted(numbers) == sorted(parts[SPLITS[split]])
        assert [names[n] for n in numbers] == mine.sample
        assert [truth[n] for n in numbers] == [found.classes[k] for k in mine.true]
        np.testing.assert_array_equal(one.outputs, mine.probabilities)
    assert not set(found.of("validation").patient) & set(found.of("test").patient)


def test_the_curve_is_the_share_of_the_validation_list_that_the_network_has_right_after_a_block(bit_m):
    """Training's accuracy, the test list's, or that of the block before."""
    log, found = bit_m
    for one, logs in zip(log.predictions[:2], found.history, strict=True):
        right = one.outputs.argmax(1) == found.of("validation").true
        assert logs["val_accuracy"] == pytest.approx(right.mean())
    assert [logs["step"] for logs in found.history] == [4, 6]


def test_figure_8_s_draws_train_on_subsets_of_their_own(few, parts, truth):
    """A subset that grows from block to block, is the same in each draw, or takes images that are judged."""
    subsets = [set(all_numbers(training).tolist()) for training in few.trainings]
    for subset in subsets:
        assert subset <= set(parts["training list"])
        assert all(sum(truth[n] == name for n in subset) <= 6 for name in ("Normal", "CP", "NCP"))
    assert subsets[0] != subsets[1]


def test_every_draw_of_every_seed_has_a_seed_of_its_own(scene, bit_m, few):
    """The seed that was asked for, or the number of the draw, does not reach the training."""
    pairs = [(seed, draw) for seed in (0, 1) for draw in (0, 1)]
    seeds = [experiment.seed_of(draw, replace(scene.context(), seed=seed)) for seed, draw in pairs]
    assert len(set(seeds)) == 4
    assert [training.seed for training in (*bit_m[0].trainings, *few.trainings)] == [seeds[0], *seeds[:2]]


def test_mixup_mixes_each_batch_in_one_proportion_pixels_and_labels_alike(scene, bit_m):
    """By NumPy: the batches of the same training without mixup, mixed with a permutation of themselves."""
    with probe.watch() as log:
        experiment.run(replace(ROW, mixup=5.0), 0, scene.context("mixup"))
    plain = [batch for epoch in bit_m[0].training().epochs for batch in epoch.batches]
    mixed = [batch for epoch in log.training().epochs for batch in epoch.batches]
    shares = []
    for (images, labels), (x, y) in zip(plain, mixed, strict=True):
        share, order = mixture(images, x)
        np.testing.assert_allclose(x, share * images + (1 - share) * images[order], atol=1e-4)
        np.testing.assert_allclose(y, share * labels + (1 - share) * labels[order], atol=1e-5)
        shares.append(share)
    inner = [round(share, 3) for share in shares if share < 1]  # 1: a batch mixed with itself
    assert len(set(inner)) == len(inner) >= 4


def test_protocol_table_of_the_stage(scene, bit_m, monkeypatch):
    """Fails when a changed input does not train anew, or when one that changes nothing does."""
    monkeypatch.setattr(experiment, "_train", lambda *args: None)

    def keys(row=ROW, draw=0, context=None):
        return scene.keys(lambda c: experiment.run(row, draw, c), context)

    def on(**runtime):
        return replace(context, runtime=replace(context.runtime, **runtime))

    base = keys()
    context = scene.context("keys")
    changed = {
        "slices of other pixels": keys(context=scene.replaced("covidx_ct")),
        "weights of other values": keys(context=replace(context, weights_dir=scene.root / "other-weights")),
        "seed": keys(context=replace(context, seed=1)),
        "draw": keys(draw=1),
        "precision": keys(context=on(precision="mixed_float16")),
        "device": keys(context=on(device="GPU")),
    }
    others = {
        "weights": "random", "resize": 64, "crop": 32, "schedule": (1, 2, 3, 4, 5), "batch": 3, "rate": 0.1,
        "momentum": 0.5, "warmup_from": 1e-4, "weight_decay": 1e-4, "pixel_range": (0.0, 1.0), "mixup": 0.2,
        "initialiser": "pytorch", "per_class": 1, "block": 2, "curve": "test", "curve_share": 0.5,
        "blind": "border",
    }  # fmt: skip
    same = {"id": "fig8-full", "shown": ("fig5",), "draws": 3, "tsne_images": 9, "examples": 2}
    assert {*others, *same} == set(ROW.__dataclass_fields__)
    changed |= {f"`{name}`": keys(replace(ROW, **{name: value})) for name, value in (others | same).items()}
    probe.check_table(README, probe.key_table(base, changed), "stages")


def test_facts_say_what_was_trained(bit_m):
    _, found = bit_m
    network = tiny(3)
    assert found.facts["parameters"] == network.count_params()
    assert found.facts["parameters_before_the_head"] == network.count_params() - 3 * 128 - 3
    assert (found.facts["steps"], found.facts["image_steps"]) == (6, 24)
    json.dumps(found.facts)
