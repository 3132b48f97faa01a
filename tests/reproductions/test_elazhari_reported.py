"""What the arithmetic says of the printed numbers: nothing."""

import pytest

from reproductions.elazhari import PAPER
from shared.consistency.checks import check


@pytest.fixture(scope="module")
def findings():
    """What the checks find, computed once."""
    return check(PAPER.reported(), PAPER.printed_sets)


def test_prints_too_few_digits_to_say_anything(findings):
    assert findings == []
