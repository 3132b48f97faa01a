"""Every paper's reported.csv is complete, names only rows that exist, and its claims can be asked."""

from collections import Counter

import pytest

from reproductions import PAPERS
from reproductions.__main__ import papers
from shared.comparison import check_claims, compare
from shared.comparison.tables import RATE_UNITS
from shared.consistency import checks


@pytest.fixture(params=PAPERS)
def paper(request):
    """Each paper and its reported numbers."""
    (found,) = papers([request.param])
    return found, found.reported()


def test_counts(paper):
    """Fails when a cell of a table or a number of the text is missing, or is entered twice."""
    paper, reported = paper
    assert Counter((r.source, r.by) for r in reported) == paper.printed_numbers
    entered = Counter((r.place, r.label, r.class_name, r.split, r.metric, r.value) for r in reported)
    assert max(entered.values()) == 1


def test_every_row_exists(paper):
    """Fails when a number hangs on a misspelt row: it would stay NOT RUN for ever."""
    paper, reported = paper
    known = {row.id for row in paper.rows}
    assert {row for r in reported for row in r.rows} <= known


def test_others_numbers_hang_on_no_row_and_open_rows_say_what_is_open(paper):
    _, reported = paper
    assert all(not r.rows for r in reported if r.by == "others")
    open_rows = [r for r in reported if len(r.rows) > 1 and not r.metric.startswith("gain_")]
    assert all(r.unstated or r.take == "worst-row" for r in open_rows)
    assert all(r.unstated for r in open_rows if r.take == "any-row")


def test_every_number_with_noise_says_how_it_came_about(paper):
    """Fails when runs and design are left out: the rule could not tell noise from difference."""
    _, reported = paper
    for r in reported:
        if r.by == "paper" and r.value and r.unit in RATE_UNITS:
            assert r.design and r.runs >= 1 and r.setup_place, (r.place, r.label, r.metric)


def test_gains_over_others_name_a_row_by_others(paper):
    """Fails when a gain hangs on a label that nobody printed: it would never be compared."""
    _, reported = paper
    others = {r.label for r in reported if r.by == "others" and r.metric == "accuracy"}
    assert {r.over for r in reported if r.over} <= others
    assert all(r.over or len(r.rows) > 1 for r in reported if r.metric.startswith("gain_"))


def test_no_number_has_a_verdict_before_anything_ran(paper):
    _, reported = paper
    assert {c.verdict for c in compare(reported, [])} <= {"NOT RUN", "NOT COMPARABLE"}


def test_claims_ask_for_rows_that_exist(paper):
    """Fails when a claim names a row that is not there: it would stay NOT RUN for ever."""
    paper, _ = paper
    known = {row.id for row in paper.rows}
    for claim, result in check_claims(paper.claims, []):
        assert result.verdict == "NOT RUN", claim.id
        assert any(f" {row}" in f" {result.reason}" for row in known), (claim.id, result.reason)


def test_every_finding_shows_its_computation_and_accuses_nobody(paper):
    paper, reported = paper
    for found in checks.check(reported, paper.printed_sets):
        assert found.text.endswith(".") and found.rows
        assert found.computation, found.text
        words = f"{found.text} {' '.join(found.computation)}".lower()
        assert not any(word in words for word in ("fraud", "fake", "wrong", "error in", "false"))
