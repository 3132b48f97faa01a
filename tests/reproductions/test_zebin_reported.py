"""What the arithmetic says of Table 2."""

import pytest

from reproductions.zebin import PAPER
from shared.consistency.checks import MISFIT, check


@pytest.fixture(scope="module")
def findings():
    """What the checks find, computed once."""
    return check(PAPER.reported(), PAPER.printed_sets)


def of(findings, check_name, start=""):
    return [f for f in findings if f.check == check_name and any(row.startswith(start) for row in f.rows)]


def test_efficientnet_fits_no_29_60_60(findings):
    by_row = {f.rows[0]: f for f in of(findings, "confusion matrix")}
    assert by_row["efficientnetb0"].kind == MISFIT
    shown = " ".join(by_row["efficientnetb0"].computation)
    assert "144/149 = 0.96644 and 145/149 = 0.97315" in shown
    assert "28/29 = 0.96552, 28/30 = 0.93333" in shown and "not 0.950" in shown
    assert {row for row, f in by_row.items() if f.kind != MISFIT} == {"vgg16-v1", "vgg16-v2", "resnet50"}


def test_prints_one_precision_twice(findings):
    (found,) = of(findings, "printed twice")
    assert "0.82 in Table 2 and 0.88 in section 4.2" in found.text
