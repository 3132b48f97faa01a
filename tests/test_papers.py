"""Every paper: its values have sources, its rows and numbers fit together, its claims can be asked."""

import dataclasses
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from reproductions import PAPERS
from reproductions.__main__ import papers
from shared.comparison import check_claims, compare
from shared.comparison.tables import RATE_UNITS
from shared.consistency import checks
from shared.paper import deviations
from shared.report import markdown

ROOT = Path(__file__).parents[1]


@pytest.fixture(params=PAPERS)
def paper(request):
    """Each paper."""
    (found,) = papers([request.param])
    return found


def test_every_value_of_a_config_says_where_it_is_from(paper):
    """Fails for a field without a place in the paper, or an assumption the README does not list."""
    text = (paper.folder / "README.md").read_text(encoding="utf-8")
    section = text.split("## Deviations", 1)[1].split("\n## ", 1)[0]
    listed = [int(number) for number in re.findall(r"^(\d+)\. ", section, re.MULTILINE)]
    assert listed == list(range(1, len(listed) + 1))
    for row in paper.rows:
        for field in dataclasses.fields(row):
            assert field.name == "id" or field.metadata.get("source"), f"{type(row).__name__}.{field.name}"
        assert set(deviations(row)) <= set(listed), row.id


def test_half_precision_is_a_deviation_of_its_own(paper):
    """Fails when a training in half precision rests on none or on another, or one in float32 on it."""
    told = markdown.deviations((paper.folder / "README.md").read_text(encoding="utf-8"))
    assert {number for number, text in told.items() if "mixed_float16" in text} == {paper.mixed_precision}
    for row in paper.rows:
        assert paper.mixed_precision not in paper.in_force(row)
        assert paper.mixed_precision in paper.in_force(row, "mixed_bfloat16")


def test_rows_and_selectors_fit_together(paper):
    """Fails for a doubled id, or a selector of no field."""
    ids = [row.id for row in paper.rows]
    assert len(set(ids)) == len(ids)
    for field in paper.selectors.values():
        assert any(hasattr(row, field) for row in paper.rows)


def test_the_demo_is_a_smaller_row_of_the_same_name(paper):
    for row in paper.rows:
        small = paper.demo(row)
        assert (type(small), small.id) == (type(row), row.id)
        assert small.draws <= row.draws
        assert small != row or not paper.work(row), f"{row.id}: the demo is as large as the row"


# --- reported.csv ----------------------------------------------------------------------------------------


def test_every_number_of_the_paper_is_entered_once(paper):
    """Fails when a cell of a table or a number of the text is missing, or is entered twice."""
    reported = paper.reported()
    assert Counter((r.source, r.by) for r in reported) == paper.printed_numbers
    entered = Counter((r.place, r.label, r.class_name, r.split, r.metric, r.value) for r in reported)
    assert max(entered.values()) == 1


def test_every_row_of_a_number_exists(paper):
    """Fails when a number hangs on a misspelt row: it would stay NOT RUN for ever."""
    known = {row.id for row in paper.rows}
    assert {row for r in paper.reported() for row in r.rows} <= known


def test_others_numbers_hang_on_no_row_and_open_rows_say_what_is_open(paper):
    reported = paper.reported()
    assert all(not r.rows for r in reported if r.by == "others")
    open_rows = [r for r in reported if len(r.rows) > 1 and not r.metric.startswith("gain_")]
    assert all(r.unstated or r.take == "worst-row" for r in open_rows)
    assert all(r.unstated for r in open_rows if r.candidates)


def test_every_number_with_noise_says_how_it_came_about(paper):
    """Fails when runs and design are left out: the rule could not tell noise from difference."""
    for r in paper.reported():
        if r.by == "paper" and r.value and r.unit in RATE_UNITS:
            assert r.design and r.runs >= 1 and r.setup_place, (r.place, r.label, r.metric)


def test_gains_over_others_name_a_row_by_others(paper):
    """Fails when a gain hangs on a label that nobody printed: it would never be compared."""
    reported = paper.reported()
    others = {r.label for r in reported if r.by == "others" and r.metric == "accuracy"}
    assert {r.over for r in reported if r.over} <= others
    assert all(r.over or len(r.rows) > 1 for r in reported if r.metric.startswith("gain_"))


def test_no_number_has_a_verdict_before_anything_ran(paper):
    assert {c.verdict for c in compare(paper.reported(), [])} <= {"NOT RUN", "NOT COMPARABLE"}


def test_every_finding_shows_its_computation_and_accuses_nobody(paper):
    for found in checks.check(paper.reported(), paper.printed_sets):
        assert found.text.endswith(".") and found.rows
        assert found.computation, found.text
        words = f"{found.text} {' '.join(found.computation)}".lower()
        assert not any(word in words for word in ("fraud", "fake", "wrong", "error in", "false"))


# --- claims ----------------------------------------------------------------------------------------------


def test_claims_ask_for_rows_that_exist(paper):
    """Fails when a claim names a row that is not there: it would stay NOT RUN for ever."""
    known = {row.id for row in paper.rows}
    assert len({claim.id for claim in paper.claims}) == len(paper.claims) > 0
    for claim, result in check_claims(paper.claims, []):
        assert result.verdict == "NOT RUN", claim.id
        assert any(f" {row}" in f" {result.reason}" for row in known), (claim.id, result.reason)


# --- all of them together --------------------------------------------------------------------------------


def test_make_finds_the_papers_from_their_folders():
    """Fails when a paper's folder is there and `make help` does not name it."""
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    named = next(line for line in done.stdout.splitlines() if line.startswith("papers: "))
    assert tuple(named.split()[1:]) == PAPERS


def test_make_refuses_an_unknown_paper_with_exit_code_2():
    done = subprocess.run(["make", "reproduce-nobody"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no paper is called 'nobody'" in done.stderr


def test_all_that_is_shown_follows_from_the_evidence():
    """Fails when reported.csv, the evidence or the rule changed after the last `make report`."""
    from shared.report.records import verify

    assert list(verify(papers(), ROOT)) == []
