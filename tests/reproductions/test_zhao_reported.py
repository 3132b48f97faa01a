"""What the arithmetic says of Tables 1 to 3."""

import pytest

from reproductions.zhao import PAPER
from shared.consistency.checks import FITS, check, misfits


@pytest.fixture(scope="module")
def findings():
    """What the checks find, computed once."""
    return check(PAPER.reported(), PAPER.printed_sets)


def of(findings, check_name, start=""):
    return [f for f in findings if f.check == check_name and any(row.startswith(start) for row in f.rows)]


def test_table_1_follows_from_table_2_in_all_six_rows(findings):
    (first,) = of(findings, "accuracy follows")
    assert first.kind == FITS and len(first.rows) == 6
    assert "accuracies of Table 1 follow from the recalls of Table 2" in first.text and "6 of 6" in first.text
    (rates,) = of(findings, "rates follow")
    assert rates.kind == FITS and "36 of 36" in rates.text
    assert [f.kind for f in of(findings, "gain")] == [FITS] * 3


def test_a_repetition_that_the_paper_announces_is_no_contradiction(findings):
    """Table 3 shows another run of Table 1's settings: 97.9 and 97.7 are both right."""
    (twice,) = of(findings, "printed twice")
    assert twice.kind == FITS and "97.9% in Table 1 and 97.7% in Table 3" in twice.text
    assert misfits(findings) == []
