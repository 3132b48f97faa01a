"""The catalogues of mistakes: every one still applies, and they are about what the papers do."""

from collections import Counter

import pytest

from reproductions.__main__ import PAPERS
from tests.mistakes.mistake import ROOT, catalogues, load

LEAST = {"shared": 60} | dict.fromkeys(PAPERS, 25)


@pytest.mark.parametrize("name", catalogues())
def test_every_mistake_applies_to_todays_code(name):
    """Fails after a change of the code: write the mistake's text anew, or another one of its kind."""
    for mistake in load(name):
        assert mistake.applies(), f"{mistake.name}: its text is not in {mistake.file} exactly once"
        assert mistake.planted() != (ROOT / mistake.file).read_text(encoding="utf-8"), mistake.name
        assert mistake.matters() and all((ROOT / test).is_file() for test in mistake.matters()), mistake.name
        assert mistake.why.endswith("."), mistake.name


@pytest.mark.parametrize("name", catalogues())
def test_there_are_enough_mistakes_two_thirds_of_them_about_the_protocol(name):
    mistakes = load(name)
    assert len(mistakes) >= LEAST[name]
    assert max(Counter(mistake.name for mistake in mistakes).values()) == 1
    if name in PAPERS:
        assert 3 * sum(mistake.protocol for mistake in mistakes) >= 2 * len(mistakes)


@pytest.mark.parametrize("name", [name for name in catalogues() if name in PAPERS])
def test_a_papers_mistakes_are_in_its_own_folder(name):
    assert {mistake.file.split("/")[1] for mistake in load(name)} == {name}
