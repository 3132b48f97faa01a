"""The plain words on what held: every number under its own verdict, and none twice."""

import dataclasses

from shared.comparison import Claim, ClaimResult, Comparison, Reported
from shared.report.held import SHOWN, held

BLANK = Reported(
    *("Table 1", "a", "Net A", "", "test", "accuracy", "=", "80.0", "", "%", 1),
    *("table", "paper", "mean", "", ""),
)


def line(verdict: str, label: str, by: str = "paper", design: str = "own") -> Comparison:
    reported = dataclasses.replace(BLANK, label=label, by=by, design=design)
    return Comparison(reported, verdict, "", mean=79.9, w=0.5)


def item(said: str, words: str) -> str:
    (found,) = [text for text in said.splitlines() if words in text]
    return found


def test_each_number_stands_under_its_own_verdict():
    """Fails when a failure is told as a success, an open one as either, or a quoted number is counted."""
    lines = [line("REPRODUCED", "good"), line("NOT REPRODUCED", "bad"), line("CLOSE", "near")]
    lines += [line("INCONCLUSIVE", "open"), line("NOT RUN", "later"), line("NOT COMPARABLE", "apart")]
    said = held([*lines, line("REPRODUCED", "theirs", by="others")], [])
    for words, name in (
        ("Held: 1 number.", "good"),
        ("Did not hold: 1 number.", "bad"),
        ("Close, with a small difference: 1 number.", "near"),
        ("Open, for want of draws or images: 1 number.", "open"),
    ):
        assert f"Table 1, {name} (accuracy): printed 80.0%" in item(said, words)
    assert (
        "1 number not run yet." in said
        and "1 number with nothing to compare" in said
        and "theirs" not in said
    )


def test_many_numbers_are_counted_and_few_are_named():
    said = held([line("REPRODUCED", f"net {k}") for k in range(SHOWN + 3)], [])
    assert f"Held: {SHOWN + 3} numbers." in said and said.count("printed") == SHOWN and "and 3 more" in said


def test_a_printed_count_has_its_thousands_apart_as_ours_has():
    """Fails where 47560 stands beside 47,560."""
    counted = dataclasses.replace(BLANK, metric="images", unit="count", value="47560", decimals=0)
    same = dataclasses.replace(line("REPRODUCED", "a"), reported=counted)
    assert "printed 47,560," in held([same], [])


def test_how_sure_counts_noise_and_chance():
    """Fails when sizes count as noisy, or what has not run is counted."""
    noisy, size, waiting = line("REPRODUCED", "a"), line("CLOSE", "b", design=""), line("NOT RUN", "c")
    sure = item(held([noisy] * 40 + [size, waiting], []), "How sure")
    for words in ("1 of these are sizes and counts", "40 have noise", "up to 2.0 close or not reproduced"):
        assert words in sure


def test_claims_that_runs_tell_nothing_about_are_left_out():
    claims = [Claim("1", "A beats B", "section 1", lambda runs: None), Claim("2", "B", "section 2", None)]
    said = held([], [(claims[0], ClaimResult("FAILS")), (claims[1], ClaimResult("NOT RUN"))])
    assert "Claim “A beats B”: fails (section 1)." in said and "“B”" not in said
    assert "Nothing has a verdict yet" in said
