"""Each claim holds in a world that is as the text says, and does not in one where its sentence is untrue."""

from pathlib import Path

import numpy as np
import pytest

from reproductions.altaf import PAPER
from reproductions.altaf.claims import CLAIMS, SHALLOWER
from reproductions.altaf.config import BACKBONES
from reproductions.altaf.data import CLASSES
from shared.comparison import FAILS, HOLDS, Predictions, Run, check_claims

IMAGES = 2000
NAMES = [str(number) for number in range(IMAGES)]
TRUE = np.arange(IMAGES) % 2
STEPS = {
    "transfer-random-split": 0.68,
    "transfer": 0.60,
    "boosted": 0.64,
    "boosted-aug": 0.645,
    "combined": 0.67,
}
AS_SAID = {
    f"{dataset}-{backbone}-{method}": accuracy + 0.01 * (backbone != "densenet201")
    for dataset in ("sc2c", "ccd")
    for backbone in BACKBONES
    for method, accuracy in STEPS.items()
}


def verdicts(**changed):
    """By claim, of five draws of each row that are alike to two images."""
    runs = []
    for row, accuracy in (AS_SAID | {row.replace("_", "-"): a for row, a in changed.items()}).items():
        for draw in range(5):
            wrong = np.arange(IMAGES) < round((1 - accuracy) * IMAGES) + (len(row) + draw) % 3
            decided = np.where(wrong, 1 - TRUE, TRUE)
            found = Predictions(CLASSES, ["test"] * IMAGES, NAMES, NAMES, TRUE, np.eye(2)[decided])
            runs.append(
                Run(Path("none"), {"paper": "altaf", "row": row, "draw": draw, "scale": "paper"}, found)
            )
    return {claim.id: result.verdict for claim, result in check_claims(CLAIMS, runs)}


def test_all_claims_hold_where_all_is_as_the_text_says():
    """Fails when a claim is turned round or asks another row."""
    assert verdicts() == dict.fromkeys([claim.id for claim in CLAIMS], HOLDS)
    assert len(CLAIMS) == 2 * 4 * 3 + 4 + 2 * 3 + 4 + 4


@pytest.mark.parametrize("dataset", ["sc2c", "ccd"])
def test_a_loss_is_no_slight_gain(dataset):
    """Half a point lost fails: a slack of a point would let it hold. Other claims stay."""
    losses = {f"{dataset}_vgg16_boosted_aug": 0.645, f"{dataset}_resnet50_combined": 0.65}
    found = verdicts(**losses)
    failed = {
        f"augmentation-{dataset}-vgg16",
        f"dictionary-{dataset}-resnet50",
        f"shallower-{dataset}-resnet50",
    }
    if dataset == "ccd":
        failed.add("five-points-resnet50")
    assert {claim for claim, verdict in found.items() if verdict == FAILS} == failed


def test_four_points_on_ccd_are_not_five():
    """Fails when the margin is dropped."""
    found = verdicts(
        ccd_inceptionv3_combined=0.65, ccd_inceptionv3_boosted_aug=0.645, ccd_inceptionv3_boosted=0.64
    )
    assert found["five-points-inceptionv3"] == FAILS and found["dictionary-ccd-inceptionv3"] == HOLDS


def test_table_1_itself_has_the_signs_that_the_claims_tell():
    """Fails when a sign is typed wrong."""
    printed = {r.row: float(r.value) for r in PAPER.reported() if r.metric == "accuracy"}
    for (dataset, backbone), sign in SHALLOWER.items():
        ahead = printed[f"{dataset}-{backbone}-combined"] > printed[f"{dataset}-densenet201-combined"]
        assert sign == (">" if ahead else "<"), (dataset, backbone)
