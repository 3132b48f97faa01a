"""Each claim holds in a world that is as the paper says, and fails in one that is not."""

from pathlib import Path

import numpy as np
import pytest

from reproductions.zhao import claims
from reproductions.zhao.config import CLASSES
from shared.comparison import FAILS, HOLDS, Predictions, Run, check_claims

IMAGES = 9000
NAMES = [str(number) for number in range(IMAGES)]
TRUE = np.arange(IMAGES) % 3
AS_SAID = {
    "random": 0.975,
    "bit-s": 0.985,
    "bit-m": 0.998,
    "bit-m-c": 0.9975,
    "bit-m-s": 0.997,
    "fig6-160x128-10000-mixup": 0.95,
    "fig6-160x128-10000": 0.95,
    "fig6-256x224-10000-mixup": 0.97,
    "fig6-256x224-10000": 0.97,
    "fig6-448x384-10000-mixup": 0.98,
    "fig6-448x384-10000": 0.98,
    "fig6-512x480-10000-mixup": 0.9965,
    "fig6-512x480-10000": 0.996,
    "fig6-512x480-500-mixup": 0.94,
    "fig6-512x480-500": 0.94,
    "fig6-512x480-5000-mixup": 0.98,
    "fig6-512x480-5000": 0.98,
    "fig6-512x480-20000-mixup": 0.997,
    "fig6-512x480-20000": 0.9965,
    "fig8-100": 0.96,
    "fig8-1000": 0.985,
}


def runs_of(accuracies):
    """Five draws of each row, alike to two images; errors are spread evenly over the classes."""
    for row, accuracy in accuracies.items():
        for draw in range(5):
            wrong = np.arange(IMAGES) < round((1 - accuracy) * IMAGES) + (len(row) + draw) % 3
            decided = np.where(wrong, (TRUE + 1 + np.arange(IMAGES) // 3 % 2) % 3, TRUE)
            found = Predictions(CLASSES, ["test"] * IMAGES, NAMES, NAMES, TRUE, np.eye(3)[decided])
            yield Run(Path("none"), {"paper": "zhao", "row": row, "draw": draw, "scale": "paper"}, found)


def verdicts(asked=claims.CLAIMS, **changed):
    world = AS_SAID | {row.replace("_", "-"): accuracy for row, accuracy in changed.items()}
    return {claim.id: result.verdict for claim, result in check_claims(asked, runs_of(world))}


def test_all_claims_hold_where_all_is_as_the_paper_says():
    """A claim turned round, or a row of another claim in its place."""
    assert verdicts() == dict.fromkeys([claim.id for claim in claims.CLAIMS], HOLDS)


@pytest.mark.parametrize(
    ("claim", "changed"),
    [
        ("pretraining-helps", {"bit_s": 0.9995}),
        ("pretraining-helps", {"random": 0.99}),
        ("imagenet-21k-beats-ilsvrc", {"bit_m_s": 0.98}),
        ("imagenet-21k-beats-ilsvrc", {"bit_m_c": 0.98}),
        ("out-of-field-fine-tuning-does-no-harm", {"bit_m_s": 0.9925}),
        ("out-of-field-fine-tuning-does-no-harm", {"bit_m_c": 0.9925}),
        ("resolution-helps", {"fig6_448x384_10000": 0.96}),
        ("resolution-helps", {"fig6_256x224_10000_mixup": 0.94}),
        ("steps-help-up-to-10000", {"fig6_512x480_5000_mixup": 0.93}),
        ("steps-help-up-to-10000", {"fig6_512x480_20000": 0.99}),
        ("mixup-changes-little", {"fig6_512x480_10000": 0.99}),
        ("few-images-suffice", {"fig8_100": 0.93}),
        ("few-images-suffice", {"fig8_1000": 0.965}),
        ("random-beats-ct-1", {"random": 0.94}),
        ("best-on-every-metric", {"bit_m": 0.98}),
        ("pretrained-beat-ct-2", {"bit_s": 0.975}),
        ("pretrained-beat-ct-2", {"bit_m": 0.975}),
    ],
)
def test_a_claim_fails_where_one_of_its_parts_is_not_so(claim, changed):
    """A part that is left out, or a margin so wide that nothing can fail."""
    asked = [one for one in claims.CLAIMS if one.id == claim]
    assert verdicts(asked, **changed) == {claim: FAILS}


def test_bit_m_is_held_against_the_best_covid_net_of_each_cell():
    """By hand from Table 2."""
    best = {(m, c): claims._best_of_others(m, c) for m, c in claims.TABLE2}
    assert len(best) == 12
    assert best["sensitivity", "CP"] == pytest.approx(0.99) and best["npv", "CP"] == pytest.approx(0.996)
    assert best["sensitivity", "NCP"] == pytest.approx(0.962) and best["ppv", "NCP"] == pytest.approx(0.976)
    assert best["specificity", "NCP"] == pytest.approx(0.994)
