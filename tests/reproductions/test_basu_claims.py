"""The claims of Basu et al. on runs that agree and on runs that do not."""

from pathlib import Path

import numpy as np
import pytest

from reproductions.basu import PAPER, claims
from reproductions.basu.config import IMAGENET, NETWORKS
from shared.comparison import Predictions, Run, check_claims, compare, obtain


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
    assert verdict("best-network", agree) == "HOLDS"
    for claim in ("covid-recall", "normal-recall"):  # "in most folds": five folds decide nothing
        assert verdict(claim, agree) == "INCONCLUSIVE"
    assert verdict("confused-pair", agree) == "HOLDS"
    swapped = folds_of("vgg16-detl", {0: (6, 3), 3: (7, 0)}) + FAIR + POOR
    for claim in ("best-network", "confused-pair"):
        assert verdict(claim, swapped) == "FAILS"


def test_the_best_network_is_better_than_both_others():
    """Fails when one of the two is not asked."""
    worse = folds_of("vgg16-detl", {2: (5, 1)})
    for better, other in (("resnet50-detl", POOR), ("alexnet-detl", folds_of("resnet50-detl", {2: (9, 1)}))):
        assert verdict("best-network", [*worse, *folds_of(better, {2: (0, 1)}), *other]) == "FAILS"


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


def test_resnet_is_smaller_by_the_counts_of_table_1():
    """Fails when the claim is asked the other way round, or holds without a run."""
    sizes = {"parameters_vgg16": 134_275_780, "parameters_resnet50": 23_587_076}
    run = run_of("table-1", 0, [0], [0])
    run.facts.update(sizes)
    assert verdict("sizes", [run]) == "HOLDS"
    run.facts["parameters_resnet50"] = sizes["parameters_vgg16"]
    assert verdict("sizes", [run]) == "FAILS"
    assert verdict("sizes", []) == "NOT RUN"


def test_pooled_accuracy_is_that_of_the_summed_confusion_matrix():
    """Fails when Fig. 3's number is held against a mean over unequal folds."""
    true, decided = [0] * 30, [0] * 30
    runs = [run_of("vgg16-detl", 0, true, decided), run_of("vgg16-detl", 1, [0] * 10, [1] * 10)]
    reported = [r for r in PAPER.reported() if r.place == "Fig. 3" and r.row == "vgg16-detl"]
    assert obtain(reported, runs)[0].value == pytest.approx(30 / 40)
    assert compare(reported, runs)[0].mean == pytest.approx(75.0)
