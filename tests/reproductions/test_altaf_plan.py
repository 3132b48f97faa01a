"""What rows need and cost, by hand."""

import pytest

from reproductions.altaf import PAPER, plan
from reproductions.altaf.config import ROWS, demo

BY_ID = {row.id: row for row in ROWS}


@pytest.mark.parametrize(
    ("row_id", "needed"),
    [
        ("sc2c-resnet50-transfer", ["sars_cov2_ct", "resnet50 ImageNet weights"]),
        ("ccd-vgg16-combined", ["covid_ct", "vgg16 ImageNet weights", "chest_xray14"]),
    ],
)
def test_only_boosted_rows_need_radiographs(row_id, needed):
    assert [need.what for need in PAPER.needs(BY_ID[row_id])] == needed
    assert len(PAPER.needs(demo(BY_ID[row_id]))) == len(needed) - 1


@pytest.mark.parametrize(
    ("row_id", "images"),
    [
        ("sc2c-resnet50-transfer", [2234 * 5] * 5),
        ("sc2c-resnet50-transfer@as-printed", [1986 * 5] * 3),
        ("ccd-resnet50-combined", [671 * 5] * 5 + [7750 * 10, 7750 * 5]),
    ],
)
def test_image_steps_by_hand(row_id, images):
    """Nine tenths of 2,482 and 746 images, four fifths in three draws; 775 images of ten findings."""
    assert [piece.images for piece in plan.work(BY_ID[row_id])] == images
