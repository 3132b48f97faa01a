"""Rows, recipes, reported numbers and claims of Basu et al."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

import reproductions.basu
from reproductions.basu import claims
from reproductions.basu.config import IMAGENET, NETWORKS, PROTOCOLS, ROWS, DataA, demo
from reproductions.basu.plan import needs, work
from reproductions.basu.recipe import FromScratch, Tuning
from shared.base.errors import UserError
from shared.base.fields import check
from shared.comparison import Predictions, Run, check_claims, compare, load_reported, obtain

REPORTED = Path(reproductions.basu.__file__).with_name("reported.csv")
BY_ID = {row.id: row for row in ROWS}


def test_every_network_has_every_start_under_both_protocols():
    """ImageNet's weights exist for two of the three; fails when a control or a protocol is left out."""
    found = Counter((row.network, row.seen, row.start) for row in ROWS)
    wanted = {(n, *kind) for n in NETWORKS for kind in (("data-a", "random"), ("data-b", "data-a"))}
    wanted |= {(n, "data-b", "random") for n in NETWORKS} | {(n, "data-b", "imagenet") for n in IMAGENET}
    assert found == dict.fromkeys(wanted, len(PROTOCOLS))
    assert len(BY_ID) == len(ROWS) == 22


def test_rows_that_share_a_compiled_model_follow_each_other():
    """Fails when a whole run would trace an architecture twice: only the last compiled model is kept."""
    models = [(row.network, row.seen, row.start) for row in ROWS]
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
    ],
)
def test_a_value_that_means_nothing_is_refused(row, change):
    """Fails when a misspelt override silently runs something else."""
    with pytest.raises(UserError, match=next(iter(change))):
        check(replace(BY_ID[row], **change), ROWS)


def test_demo_changes_sizes_and_nothing_of_the_method():
    """Fails when the demo would run another network, protocol, recipe or start."""
    sizes = {"side", "batch", "epochs", "tuning_epochs", "folds", "draws", "normal_a", "diseased_a"}
    sizes |= {"validation_a", "normal_b", "per_finding", "covid", "weights"}
    for row in ROWS:
        small = demo(row)
        changed = {name for name, value in vars(row).items() if getattr(small, name) != value}
        assert changed <= sizes and type(small) is type(row)
        assert isinstance(row, DataA) or small.draws == small.folds


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
    """Three accuracies, two recalls, three titles of Fig. 3, eight counts of Table I; all on known rows."""
    reported = load_reported(REPORTED)
    assert Counter(r.source for r in reported) == {"table": 8, "prose": 5, "figure": 3}
    assert {row for r in reported for row in r.rows} <= set(BY_ID)
    prose = [(r.row, r.class_name, r.value, r.spread) for r in reported if r.source == "prose"]
    assert prose == [
        ("alexnet-detl", "", "82.98", "0.02"),
        ("vgg16-detl", "", "90.13", "0.14"),
        ("resnet50-detl", "", "85.98", "0.07"),
        ("vgg16-detl", "COVID-19", "99", ""),
        ("vgg16-detl", "normal", "100", ""),
    ]


def run_of(row, draw, true, decided, classes=("normal", "other disease", "pneumonia", "COVID-19")):
    """A real run with these decisions."""
    n, k = len(true), len(classes)
    probabilities = np.eye(k)[decided]
    split = "validation" if k == 2 else "test"
    names = [f"{draw}-{i}" for i in range(n)]
    predictions = Predictions(classes, [split] * n, names, names, np.array(true), probabilities)
    facts = {"paper": "basu", "row": row, "draw": draw, "scale": "paper", "config": {"draws": 5}}
    return Run(Path(row), facts, predictions)


def folds_of(row, wrong):
    """Five folds of 40 images, ten of each class; `wrong` maps a class to its images decided otherwise."""
    true = np.repeat(range(4), 10)
    runs = []
    for draw in range(5):
        decided = true.copy()
        for label, (number, other) in wrong.items():
            decided[label * 10 : label * 10 + number + draw % 2] = other
        runs.append(run_of(row, draw, true, decided))
    return runs


GOOD = folds_of("vgg16-detl", {2: (1, 1)})
FAIR = folds_of("resnet50-detl", {2: (4, 1), 0: (3, 1)})
POOR = folds_of("alexnet-detl", {2: (6, 1), 0: (6, 3), 3: (5, 0)})


def verdict(name, runs):
    return {claim.id: result for claim, result in check_claims(claims.CLAIMS, runs)}[name].verdict


def test_claims_on_runs_that_agree_and_on_runs_that_do_not():
    """Fails when a claim compares the wrong rows, classes or direction."""
    agree = [*GOOD, *FAIR, *POOR]
    assert verdict("order", agree) == "HOLDS"
    for claim in ("covid-recall", "normal-recall"):  # "in most folds": five folds decide nothing
        assert verdict(claim, agree) == "INCONCLUSIVE"
    assert verdict("confused-pair", agree) == "HOLDS"
    swapped = folds_of("vgg16-detl", {0: (6, 3), 3: (7, 0)}) + FAIR + POOR
    for claim in ("order", "confused-pair"):
        assert verdict(claim, swapped) == "FAILS"


def test_domain_extension_must_beat_all_five_controls():
    """Fails when a control is forgotten: one that is as good is enough to fail the claim."""
    starts = (
        [(n, "detl") for n in NETWORKS]
        + [(n, "random") for n in NETWORKS]
        + [(n, "imagenet") for n in IMAGENET]
    )
    wrong = {"detl": {2: (1, 1)}, "random": {2: (9, 1)}, "imagenet": {2: (8, 1)}}
    runs = [run for n, start in starts for run in folds_of(f"{n}-{start}", wrong[start])]
    assert verdict("domain-extension", runs) == "HOLDS"
    for network, start in starts[3:]:
        row = f"{network}-{start}"
        others = [run for run in runs if run.row != row]
        assert verdict("domain-extension", others) == "NOT RUN"
        assert verdict("domain-extension", others + folds_of(row, {})) != "HOLDS"


def test_claim_on_data_a_reads_validation_images():
    true = np.tile([0, 1], 200)
    rows = {"resnet50-data-a": 8, "vgg16-data-a": 80, "alexnet-data-a": 80}
    runs = []
    for row, wrong in rows.items():
        decided = true.copy()
        decided[:wrong] = 1 - decided[:wrong]
        runs += [run_of(row, draw, true, decided, ("normal", "diseased")) for draw in (0, 1)]
    assert verdict("resnet-on-data-a", runs) == "HOLDS"
    assert verdict("resnet-on-data-a-clean", runs) == "NOT RUN"


def test_pooled_accuracy_is_that_of_the_summed_confusion_matrix():
    """Fails when Fig. 3's number is held against a mean over unequal folds."""
    true, decided = [0] * 30, [0] * 30
    runs = [run_of("vgg16-detl", 0, true, decided), run_of("vgg16-detl", 1, [0] * 10, [1] * 10)]
    reported = [r for r in load_reported(REPORTED) if r.place == "Fig. 3" and r.row == "vgg16-detl"]
    assert obtain(reported, runs)[0].value == pytest.approx(30 / 40)
    assert compare(reported, runs)[0].mean == pytest.approx(75.0)
