"""Printed rates against two test sets: the distances that the README's figure shows."""

import pytest

from reproductions.papers import papers
from shared.consistency import checks
from shared.consistency.printed import MISFIT
from shared.consistency.shares import ALLOWED, two_readings
from shared.report import shares


@pytest.fixture(scope="module")
def altaf():
    (paper,) = papers(["altaf"])
    return paper, two_readings(paper.reported(), paper.printed_sets)


def test_the_figure_counts_what_the_check_counts(altaf):
    """Fails when the figure judges a rate in another way than `consistency` does."""
    paper, (stated, asked) = altaf
    found = checks.check(paper.reported(), paper.printed_sets)
    finding = next(each for each in found if each.kind == MISFIT and "They fit" in each.text)
    rates = len(asked.digits)
    assert f"only {stated.fitting} of {rates} rates are whole" in finding.text
    assert f"{asked.sizes}, 20% of 2482: {asked.fitting} of {rates}" in finding.text
    sentence = shares.sentence("X", stated, asked)
    assert f"**{asked.fitting} of the {rates} rates that X prints" in sentence
    assert "3 draws of 496 images (20%)" in sentence and "5 draws of 248 images (10%)" in sentence


def test_a_test_set_that_fits_as_well_is_not_concealed(altaf):
    """Six draws of the stated tenth have as many images as three of a fifth, and one ± speaks against it."""
    stated, asked = altaf[1]
    ((sizes, too_small),) = asked.rivals
    assert (sizes.draws, sizes.total, too_small) == (6, 248, 1)
    said = shares.sentence("X", stated, asked)
    assert "Of 6 draws of 248 images (10%) 48 are too, but 1 of the printed ± would be too small" in said


def test_a_distance_by_hand(altaf):
    """67.60%: 838 of 1,240 images are 67.5806%, 1.94 last digits below; 1,006 of 1,488 are 67.6075%."""
    stated, asked = altaf[1]
    place = next(k for k, percent in enumerate(asked.percent) if percent == pytest.approx(67.60))
    assert stated.digits[place] == pytest.approx((100 * 838 / 1240 - 67.60) / 0.01)
    assert asked.digits[place] == pytest.approx((100 * 1006 / 1488 - 67.60) / 0.01)
    least, most = ALLOWED
    assert not least <= stated.digits[place] < most and least <= asked.digits[place] < most


def test_a_paper_whose_rates_fit_has_no_figure():
    (paper,) = papers(["basu"])
    assert two_readings(paper.reported(), paper.printed_sets) is None
