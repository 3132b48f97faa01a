"""The claims on hand-made runs, the numbers as printed, and the figures' stated values."""

from pathlib import Path

import numpy as np
import pytest

from reproductions.elazhari import PAPER, figures
from reproductions.elazhari.claims import BARS, CLAIMS
from shared.comparison import Predictions, Run, check_claims, within

IDS = [row.id for row in PAPER.rows]


def made(row: str, right_covid: int, right_other: int, n: int = 500, epochs: int = 10, **facts) -> Run:
    """A run with n images of each class, so many of them right."""
    true = np.repeat([0, 1], n)
    decided = np.concatenate([np.arange(n) >= right_covid, np.arange(n) < right_other]).astype(int)
    p = Predictions(
        ("COVID", "non-COVID"),
        ["test"] * 2 * n,
        [str(i) for i in range(2 * n)],
        [str(i) for i in range(2 * n)],
        true,
        np.eye(2)[decided],
    )
    told = {"paper": "elazhari", "row": row, "draw": 0, "scale": "paper", "epochs": epochs} | facts
    return Run(Path("nowhere"), told, p)


def twice(row: str, right_covid: int, right_other: int, n: int = 500) -> list[Run]:
    """Two draws that agree."""
    return [made(row, right_covid, right_other, n, draw=draw) for draw in (0, 1)]


def test_models_are_alike_when_no_metric_spreads_further_than_the_width():
    runs = {"a": twice("a", 480, 470), "b": twice("b", 450, 440)}
    assert within(("a", "b"), BARS, 0.28)(runs).verdict == "HOLDS"


def test_one_bad_recall_of_one_class_breaks_it_though_accuracy_is_alike():
    """Fails when only accuracy is compared, or only one class."""
    result = within(("a", "b"), BARS, 0.28)({"a": twice("a", 500, 300), "b": twice("b", 300, 500)})
    assert result.verdict == "FAILS"
    assert result.effect == pytest.approx(0.4)


def test_few_images_decide_nothing():
    runs = {"a": twice("a", 9, 8, n=10), "b": twice("b", 8, 9, n=10)}
    assert within(("a", "b"), BARS, 0.28)(runs).verdict == "INCONCLUSIVE"


def test_fewer_epochs_means_the_backbones_needed_more():
    """Fails when the CNN's epochs are the better for being more."""
    ct = [row.id for row in PAPER.rows if row.modality == "ct" and row.protocol == "as_published"]
    claim = next(c for c in CLAIMS if c.id == "fewer-epochs-ct")
    runs = [made(row, 450, 450, epochs=8 if "cnn" in row else 40) for row in ct]
    assert check_claims([claim], runs)[0][1].effect == 32
    without = [run for run in runs if run.row != "ct-cnn"]
    assert check_claims([claim], without)[0][1].verdict == "NOT RUN"


def test_precision_is_compared_with_both_starts_of_vgg16():
    """Another model or class, or one start left out: here VGG16 has the higher precision of non-COVID."""
    ct = [row.id for row in PAPER.rows if row.modality == "ct" and row.protocol == "as_published"]
    claim = next(c for c in CLAIMS if c.id == "precision-ct")
    right = dict.fromkeys(ct, (450, 400)) | {"ct-vgg16-random": (500, 440), "ct-vgg16-pretrained": (500, 440)}
    right |= {"ct-resnet50-random": (450, 490)}

    def verdict(**changed) -> str:
        given = right | {row.replace("_", "-"): counts for row, counts in changed.items()}
        runs = [run for row, counts in given.items() for run in twice(row, *counts)]
        return check_claims([claim], runs)[0][1].verdict

    assert verdict() == "HOLDS"
    for start in ("random", "pretrained"):
        assert verdict(**{f"ct_vgg16_{start}": (450, 500)}) == "FAILS"


def test_every_claim_asks_for_rows_that_exist():
    for claim, result in check_claims(CLAIMS, [made(row, 450, 450) for row in IDS]):
        assert result.verdict != "NOT RUN", claim.id


def test_eleven_numbers_none_of_a_clean_row():
    reported = PAPER.reported()
    assert len(reported) == 11
    assert {row for number in reported for row in number.rows} <= set(IDS)
    assert not any(row.endswith("-clean") for number in reported for row in number.rows)


def test_no_number_of_the_paper_stands_beside_a_clean_row():
    """Fails when a control's bar gets the diamond of the row that it controls (deviation 3)."""
    assert np.isnan(figures.stated("ct-cnn-clean", "recall", "non-COVID"))
    assert np.isnan(figures.stated("ct-cnn-clean", "epochs"))
    assert figures.stated("ct-cnn", "recall", "non-COVID") == pytest.approx(0.72)
    assert np.isnan(figures.stated("ct-cnn", "recall", "COVID"))


def test_figures_over_models_are_of_the_modality_and_protocol_that_ran():
    """Fails when a control's bars stand among the paper's, or epochs are drawn upside down."""
    rows = ("ct-cnn", "ct-vgg16-random", "ct-cnn-clean")
    runs = {row: [made(row, 450, 400, epochs=8 if row == "ct-cnn" else 30)] for row in rows}
    drawn = figures.over_rows(runs)
    ends = ("ct-as_published", "ct-clean")
    bars = {f"figure6-{end}-{name}" for end in ends for name in figures.CLASSES}
    assert set(drawn) == bars | {f"figure7-{end}" for end in ends}
    axes = drawn["figure7-ct-as_published"][0].axes[0]
    ours = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert ours == [8, 30]
    recalls = drawn["figure6-ct-clean-COVID"][0].axes[0].containers[1]
    assert [bar.get_height() for bar in recalls] == [0.9]


def test_pretraining_matters_where_it_gains_more_than_five_points():
    """Fails when the distance that counts as little is widened."""
    ct = [row.id for row in PAPER.rows if row.modality == "ct" and row.protocol == "as_published"]
    claim = next(c for c in CLAIMS if c.id == "pretraining-ct")

    def verdict(pretrained: int) -> str:
        runs = [
            made(row, *[pretrained if "pretrained" in row else 4200] * 2, n=5000, draw=d)
            for row in ct
            for d in range(3)
        ]
        return check_claims([claim], runs)[0][1].verdict

    assert verdict(4250) == "HOLDS"
    assert verdict(4800) == "FAILS"
