"""The tables in the READMEs are those that reported.csv and obtained.csv give."""

from pathlib import Path

from reproductions.__main__ import papers
from shared.report import stale_readmes


def test_tables_in_the_readmes_are_up_to_date():
    """Fails after a change of a CSV or of a verdict: `python -m reproductions report` mends it."""
    assert stale_readmes(papers(), Path(__file__).parents[2]) == []
