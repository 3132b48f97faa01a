"""Rows, recipes, reported numbers and claims of Basu et al."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

import reproductions.basu
from reproductions.basu.chance import of_guessing, stop_at_chance
from reproductions.basu.config import IMAGENET, NETWORKS, PROTOCOLS, ROWS, DataA, TableOne, demo
from reproductions.basu.plan import needs, work
from reproductions.basu.recipe import FromScratch, Tuning
from shared.base.errors import UserError
from shared.base.fields import check
from shared.comparison import load_reported

REPORTED = Path(reproductions.basu.__file__).with_name("reported.csv")
BY_ID = {row.id: row for row in ROWS}


def test_every_network_has_every_start_under_both_protocols():
    """ImageNet's weights exist for two of the three; fails when a control or a protocol is left out."""
    found = Counter((row.network, row.seen, row.start) for row in ROWS if not isinstance(row, TableOne))
    wanted = {(n, *kind) for n in NETWORKS for kind in (("data-a", "random"), ("data-b", "data-a"))}
    wanted |= {(n, "data-b", "random") for n in NETWORKS} | {(n, "data-b", "imagenet") for n in IMAGENET}
    assert found == dict.fromkeys(wanted, len(PROTOCOLS))
    assert len(BY_ID) == len(ROWS) == 24


def test_rows_that_share_a_compiled_model_follow_each_other():
    """Fails when a whole run would trace an architecture twice: only the last compiled model is kept."""
    models = [(row.network, row.seen, row.start) for row in ROWS if work(row)]
    blocks = [model for i, model in enumerate(models) if not i or models[i - 1] != model]
    assert len(blocks) == len(set(models))


def test_stage_one_is_the_same_work_for_all_rows_of_a_network_and_protocol():
    """Fails when stage 1 would be trained per row: its key must not hold what only stage 2 reads."""
    keys = {}
    for row in ROWS:
        for piece in work(row):
            if piece.stage == "data-a":
                keys.setdefault((row.network, row.protocol), set()).add(str(sorted(piece.key.items())))
    assert len(keys) == 6 and all(len(same) == 1 for same in keys.values())
    assert len({key for same in keys.values() for key in same}) == 6


def test_image_steps_of_the_plan_by_hand():
    """Data-A: 88,379 images × 100 epochs; Data-B: four fifths of 1,277 images × 100 epochs × 5 folds."""
    pieces = work(BY_ID["vgg16-detl"])
    assert [piece.images for piece in pieces] == [8_837_900, 1021 * 500]
    assert len(work(BY_ID["vgg16-random"])) == 1


def test_needs_name_what_is_missing_and_where_it_goes(tmp_path):
    """Fails when a row would start on absent images, or an ImageNet row without its weights."""
    missing = {row.id: [need.find(tmp_path, tmp_path) for need in needs(row)] for row in ROWS}
    assert all(all(lines) for lines in missing.values())
    assert [len(missing[row]) for row in ("vgg16-data-a", "vgg16-detl", "vgg16-imagenet")] == [1, 2, 3]
    assert "vgg16" in missing["vgg16-imagenet"][2] and str(tmp_path) in missing["vgg16-imagenet"][2]


@pytest.mark.parametrize(
    ("row", "change"),
    [
        ("vgg16-detl", {"kernels": "orignal"}),
        ("vgg16-detl", {"protocol": "cleaned"}),
        ("vgg16-detl", {"other_disease": "one"}),
        ("vgg16-data-a", {"network": "vgg19"}),
        ("resnet50-imagenet", {"kernels": "3x3"}),
        ("vgg16-data-a", {"warmup_epochs": 100}),
        ("vgg16-data-a", {"pneumonia_a": "some"}),
    ],
)
def test_a_value_that_means_nothing_is_refused(row, change):
    """Fails when a misspelt override silently runs something else."""
    with pytest.raises(UserError, match=next(iter(change))):
        check(replace(BY_ID[row], **change), ROWS)


def test_demo_changes_sizes_and_rates_and_nothing_else_of_the_method():
    """Fails when the demo would run another network, protocol, augmentation or start."""
    sizes = {"side", "batch", "epochs", "tuning_epochs", "folds", "draws", "normal_a", "diseased_a"}
    sizes |= {"validation_a", "normal_b", "per_finding", "covid", "weights", "warmup_epochs"}
    sizes |= {"dropout", "learning_rate", "tuning_rate"}  # to learn in a minute
    for row in ROWS:
        small = demo(row)
        changed = {name for name, value in vars(row).items() if getattr(small, name) != value}
        assert changed <= sizes and type(small) is type(row)
        assert isinstance(row, (DataA, TableOne)) or small.draws == small.folds
        assert bool(small.warmup_epochs) == bool(row.warmup_epochs)


def test_cosine_annealing_by_hand():
    """1e-3 at the start, half of it half-way, nothing at the end; fails under a schedule of 1e-3 / epoch."""
    rate = FromScratch(1e-3, steps=200).schedule()
    assert [float(rate(step)) for step in (0, 50, 100, 200)] == pytest.approx(
        [1e-3, 1e-3 * (1 + np.sqrt(0.5)) / 2, 5e-4, 0], abs=1e-9
    )


def test_warm_up_rises_linearly_and_then_anneals_over_what_is_left():
    rate = FromScratch(1e-3, steps=210, warmup_steps=10).schedule()
    assert [float(rate(step)) for step in (0, 5, 10, 110, 210)] == pytest.approx(
        [0, 5e-4, 1e-3, 5e-4, 0], abs=1e-9
    )


def test_stage_two_is_sgd_with_the_papers_rate_and_momentum():
    sgd = Tuning(1e-4, 0.9).optimizer()
    assert (type(sgd), float(sgd.learning_rate), sgd.momentum) == (
        keras.optimizers.SGD,
        pytest.approx(1e-4),
        0.9,
    )


def test_reported_numbers_are_the_papers():
    """Three accuracies, two recalls, three titles of Fig. 3, Table I and the sources; all on known rows."""
    reported = load_reported(REPORTED)
    assert Counter(r.source for r in reported) == {"table": 8, "prose": 9, "figure": 3}
    assert {row for r in reported for row in r.rows} <= set(BY_ID)
    sources = {r.metric: int(r.value) for r in reported if r.metric.startswith("covid_")}
    # Where ours are from is not counted: an honest 0 of SIRM would need SIRM's images (deviation 8).
    assert sources == {"covid_sirm": 25, "covid_radiopaedia": 20, "covid_cohen": 180, "covid_spain": 80}
    assert not any(r.rows for r in reported if r.metric in sources)
    counts = {r.metric: int(r.value) for r in reported if r.row == "table-1"}
    assert counts == {
        **{"training_normal": 47_560, "training_diseased": 40_819},
        **{"validation_normal": 10_000, "validation_diseased": 10_000},
        **{
            "images_normal": 350,
            "images_pneumonia": 322,
            "images_other_disease": 300,
            "images_covid_19": 305,
        },
    }
    own = [r for r in reported if r.row != "table-1" and r.metric not in sources]
    prose = [(r.row, r.class_name, r.value, r.spread) for r in own if r.source == "prose"]
    assert prose == [
        ("alexnet-detl", "", "82.98", "0.02"),
        ("vgg16-detl", "", "90.13", "0.14"),
        ("resnet50-detl", "", "85.98", "0.07"),
        ("vgg16-detl", "COVID-19", "99", ""),
        ("vgg16-detl", "normal", "100", ""),
    ]


def test_guessing_by_hand():
    """ln 2 of two equal classes; fails when the shares of the classes are forgotten."""
    assert of_guessing(np.array([0, 1, 0, 1])) == pytest.approx((np.log(2), 0.5))
    three_to_one = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert of_guessing(np.array([0, 0, 0, 1])) == pytest.approx((three_to_one, 0.75))


@pytest.mark.parametrize(
    ("epoch", "loss", "accuracy", "stops"),
    [
        (9, 0.6928, 0.505, True),
        (8, 0.6928, 0.505, False),  # too early to say
        (9, 0.6800, 0.505, False),
        (9, 0.6928, 0.56, False),
        (40, 0.694, 0.5, True),
    ],
)
def test_a_training_that_stays_at_chance_is_stopped_with_the_remedy(epoch, loss, accuracy, stops):
    """100 images in batches of 32: four steps an epoch, so 40 steps after ten epochs."""
    ask = stop_at_chance(replace(BY_ID["alexnet-data-a"], chance_steps=40), np.arange(100) % 2)
    if stops:
        with pytest.raises(UserError, match=r"alexnet still guesses .* --set warmup_epochs=5 .*no verdict"):
            ask(epoch, {"loss": loss, "accuracy": accuracy})
    else:
        ask(epoch, {"loss": loss, "accuracy": accuracy})
    never = stop_at_chance(replace(BY_ID["alexnet-data-a"], chance_steps=0), np.arange(100) % 2)
    never(epoch, {"loss": loss, "accuracy": accuracy})


def test_vgg16_alone_warms_up_and_its_published_start_does_not():
    """Fails when the remedy is given to a network that learns without it, or is left to the command line."""
    warm = {row.id for row in ROWS if row.warmup_epochs}
    assert warm == {f"vgg16-{kind}{end}" for kind in ("data-a", "detl", "random") for end in ("", "-clean")}
    assert {BY_ID[row].warmup_epochs for row in warm} == {5}
