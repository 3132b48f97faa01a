"""The table of docs/speed.md: what is kept, what is met, and what got worse."""

import pytest

from tests.benchmarks import page
from tests.benchmarks.lines import LINES
from tests.benchmarks.measuring import Measured

OF = {line.key: line for line in LINES}


def test_every_line_has_a_key_and_a_place_of_its_own():
    assert len(OF) == len(LINES) == len({(line.what, line.against) for line in LINES})


@pytest.mark.parametrize(
    ("key", "value", "met"),
    [
        ("generator-3", 10.0, True),
        ("generator-3", 9.9, False),
        ("bit-224", 1.0, True),
        ("bit-224", 1.01, False),
    ],
)
def test_a_target_is_met_on_its_own_side(key, value, met):
    assert OF[key].met(value) is met


def test_a_page_is_read_as_it_was_written(tmp_path, monkeypatch):
    """Fails when a line that was not measured again is lost."""
    monkeypatch.setattr(page, "DOC", tmp_path / "speed.md")
    values = {"generator-3": [12.0, 11.0, 14.0], "report": [1.5, 2.0, 1.0]}
    known = {key: page.cells(OF[key], Measured(own, 2.0, 24.0)) for key, own in values.items()}
    page.write(known, ["keras 3"])
    text = page.DOC.read_text()
    assert page.read(text) == known
    assert [page.number(known[key]) for key in values] == [12.0, 1.5]
    assert "12.00× (11.00 to 14.00) | met |" in text and f"- {OF['help'].what}" in text


def test_what_got_worse_by_more_than_15_percent_is_named():
    """Fails when the guard takes twice as fast for worse, or looks at the wrong side of a ratio."""

    def lines(generator, bit):
        found = {"generator-3": [generator], "bit-224": [bit]}
        return {key: page.cells(OF[key], Measured(values, 1.0)) for key, values in found.items()}

    assert page.got_worse(lines(12.0, 0.9), lines(12.0, 0.9)) == []
    assert page.got_worse(lines(24.0, 0.5), lines(12.0, 0.9)) == []
    assert page.got_worse(lines(10.5, 1.0), lines(12.0, 0.9)) == []
    (slower,) = page.got_worse(lines(10.0, 0.9), lines(12.0, 0.9))
    assert OF["generator-3"].what in slower and "12 before, 10 now" in slower
    assert len(page.got_worse(lines(10.0, 1.1), lines(12.0, 0.9))) == 2
