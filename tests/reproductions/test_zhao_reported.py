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


def test_tables_are_those_of_the_text():
    """Fails for a typing error: typed a second time from the text, row by row."""
    printed = {}
    for r in PAPER.reported():
        if r.source == "table":
            printed.setdefault((r.place, r.label), []).append(r.value)
    table1 = ("94.5", "98.1", "97.9", "97.9", "98.8", "99.2")
    assert [values for (place, _), values in printed.items() if place == "Table 1"] == [[v] for v in table1]
    table2 = """
        98.8 99.0 80.2 96.1 90.2 97.6 96.3 95.7 99.4 98.9 99.6 94.2
        99.0 98.2 96.2 99.4 97.2 96.7 99.5 98.8 99.0 99.1 99.3 98.8
        98.9 98.1 95.7 99.3 97.0 96.4 99.3 98.8 98.9 99.0 99.2 98.7
        97.9 98.6 96.9 98.9 97.5 96.4 99.0 99.0 98.9 98.1 99.4 99.1
        99.0 99.3 97.9 99.6 97.9 98.4 99.6 99.1 99.5 99.1 99.7 99.4
        99.3 99.6 98.7 99.8 98.9 98.5 99.8 99.6 99.5 99.3 99.8 99.6
    """
    rows = [line.split() for line in table2.strip().splitlines()]
    assert [values for (place, _), values in printed.items() if place == "Table 2"] == rows
    table3 = ("96.5 97.7", "97.4 98.8", "97.9 99.3", "97.7 99.2", "97.6 98.9")
    assert [v for (place, _), v in printed.items() if place == "Table 3"] == [row.split() for row in table3]


def test_a_repetition_that_the_paper_announces_is_no_contradiction(findings):
    """Table 3 shows another run of Table 1's settings: 97.9 and 97.7 are both right."""
    (twice,) = of(findings, "printed twice")
    assert twice.kind == FITS and "97.9% in Table 1 and 97.7% in Table 3" in twice.text
    assert misfits(findings) == []
