"""Every paper's reported.csv is complete, names only rows that exist, and its claims can be asked."""

import importlib
from collections import Counter
from pathlib import Path

import pytest

import reproductions
from shared.comparison import check_claims, compare, load_reported

ROOT = Path(reproductions.__file__).parent

COUNTS = {  # (source, by): every number in every result table, and every one that the prose gives a result
    "altaf": {("table", "paper"): 80, ("prose", "paper"): 1},
    "elazhari": {("prose", "paper"): 11},
    "zebin": {("table", "paper"): 16, ("table", "others"): 13, ("prose", "paper"): 16},
    "zhao": {
        ("table", "paper"): 49,
        ("table", "others"): 39,
        ("prose", "paper"): 5,
        ("figure", "paper"): 24,
    },
    # five in the prose; Fig. 3 prints three of them again over its matrices, Table I counts images
    "basu": {("prose", "paper"): 5, ("figure", "paper"): 3, ("table", "paper"): 8},
}


def paper_of(name):
    return importlib.import_module(f"reproductions.{name}").PAPER


@pytest.fixture(params=sorted(COUNTS))
def paper(request):
    """Each paper's name and its reported numbers."""
    return request.param, load_reported(ROOT / request.param / "reported.csv")


def test_counts(paper):
    """Fails when a cell of a table or a number of the text is missing, or is entered twice."""
    name, reported = paper
    assert Counter((r.source, r.by) for r in reported) == COUNTS[name]
    entered = Counter((r.place, r.label, r.class_name, r.split, r.metric, r.value) for r in reported)
    assert max(entered.values()) == 1


def test_every_row_exists(paper):
    """Fails when a number hangs on a misspelt row: it would stay NOT RUN for ever."""
    name, reported = paper
    known = {row.id for row in paper_of(name).rows}
    assert {row for r in reported for row in r.rows} <= known


def test_others_numbers_hang_on_no_row_and_open_rows_say_what_is_open(paper):
    _, reported = paper
    assert all(not r.rows for r in reported if r.by == "others")
    open_rows = [r for r in reported if len(r.rows) > 1 and not r.metric.startswith("gain_")]
    assert all(r.unstated or r.take == "worst-row" for r in open_rows)


def test_no_number_has_a_verdict_before_anything_ran(paper):
    _, reported = paper
    assert {c.verdict for c in compare(reported, [])} <= {"NOT RUN", "NOT COMPARABLE"}


def test_claims_ask_for_rows_that_exist(paper):
    """Fails when a claim names a row that is not there: it would stay NOT RUN for ever."""
    name, _ = paper
    claims = paper_of(name).claims
    known = {row.id for row in paper_of(name).rows}
    for claim, result in check_claims(claims, []):
        assert result.verdict == "NOT RUN", claim.id
        assert any(f" {row}" in f" {result.reason}" for row in known), (claim.id, result.reason)


def test_altafs_table_is_whole():
    """Fails when a row, a metric or the ± of a cell is missing."""
    reported = [r for r in load_reported(ROOT / "altaf" / "reported.csv") if r.source == "table"]
    per_row = Counter(r.row for r in reported)
    assert len(per_row) == 20 and set(per_row.values()) == {4}
    assert all(r.spread for r in reported)
    cells = {(r.row, r.metric): (r.value, r.spread) for r in reported}
    assert cells["sc2c-vgg16-combined", "accuracy"] == ("84.27", "0.20")
    assert cells["sc2c-inceptionv3-boosted", "specificity"] == ("55.60", "3.2")
    assert cells["ccd-vgg16-combined", "sensitivity"] == ("87.45", "12.05")
