"""What printed numbers say of a claim: planted differences are seen, honest tables are not accused."""

import dataclasses
import math

import pytest
import scipy.stats
from honest_claims import SIZES, number, printed

from reproductions.papers import papers
from shared.comparison import above, all_of, at_least, beats, in_most_draws, within
from shared.trust.intervals import of_difference
from shared.trust.judged import (
    CONTRADICTED,
    DIFFERENT,
    FEWEST,
    FROM_SPREAD,
    NOT_DECIDABLE,
    NOT_SUPPORTED,
    SAME_NETWORKS,
    SUPPORTED,
)
from shared.trust.printed_claims import judge, judge_claims
from shared.trust.rates import Rate, printed_by
from shared.trust.simulation import MOST, Setting, alarms, shares

BEATS = beats("new", "old")


@pytest.mark.parametrize(("other", "df"), [(0.0, 2), (0.1, 4)])
def test_a_steady_row_lends_no_degrees_of_freedom_to_one_that_varies(other, df):
    """Welch: fails when both rows' are added though one of them alone makes the noise."""
    first, second = (Rate(0.9, 0.9, 10**7, "", std=std, runs=3, df=2) for std in (0.1, other))
    low, high = of_difference(first, second)
    half = scipy.stats.t.ppf(0.975, df) * math.sqrt((0.1**2 + other**2) / 3)
    assert (low, high) == pytest.approx((-half, half), rel=1e-3)


@pytest.mark.parametrize(
    ("new", "old", "verdict"),
    [
        ("95.0", "85.0", SUPPORTED),
        ("86.0", "85.0", NOT_SUPPORTED),
        ("85.0", "95.0", CONTRADICTED),
        ("84.0", "85.0", NOT_SUPPORTED),
    ],
)
def test_the_interval_decides_and_not_the_order_of_the_numbers(new, old, verdict):
    """Fails when a larger number alone is support, or a smaller one alone a contradiction."""
    found = judge(BEATS, printed(number("new", new), number("old", old)))
    assert found.verdict == verdict
    assert found.low < found.effect < found.high
    assert found.assumed == (DIFFERENT, SAME_NETWORKS)


def test_counts_and_interval_are_said_as_in_newcombes_paper():
    """Newcombe 1998, example (a), method 11: 56/70 against 48/80 is 0.20, 0.0428 to 0.3422."""
    low, high = of_difference(Rate.of_count(56, 70), Rate.of_count(48, 80))
    assert (round(low, 4), round(high, 4)) == (0.0428, 0.3422)
    found = judge(BEATS, printed(number("new", "90.0"), number("old", "85.0")))
    assert found.text.startswith(
        "new against old, accuracy: 180 against 170 of 200: +5.00 points, -1.9 to +11.9"
    )


def test_a_boundary_is_the_claims_own():
    """Fails when a margin, a slack or a threshold is left out: 95 against 85 is not ten points for sure."""
    both = printed(number("new", "95.0"), number("old", "85.0"))
    assert judge(beats("new", "old", margin=0.1), both).verdict == NOT_SUPPORTED
    assert judge(at_least("old", "new", slack=0.2), both).verdict == SUPPORTED
    assert judge(at_least("old", "new", slack=0.01), both).verdict == CONTRADICTED
    assert judge(above("new", "accuracy", 0.9), both).verdict == SUPPORTED
    assert judge(above("new", "accuracy", 0.94), both).verdict == NOT_SUPPORTED
    assert judge(above("old", "accuracy", 0.94), both).verdict == CONTRADICTED
    assert judge(within(("new", "old"), "accuracy", 0.2), both).verdict == SUPPORTED
    assert judge(within(("new", "old"), "accuracy", 0.01), both).verdict == CONTRADICTED
    assert judge(within(("new", "old"), "accuracy", 0.12), both).verdict == NOT_SUPPORTED


def test_of_several_parts_the_one_that_decides_is_shown():
    numbers = [number("a", "95.0"), number("b", "85.0"), number("c", "84.0")]
    good, weak, bad = beats("a", "b"), beats("b", "c"), beats("c", "a")
    for parts, verdict, rows in (
        ((good, good), SUPPORTED, "a against b"),
        ((good, weak), NOT_SUPPORTED, "b against c"),
        ((good, weak, bad), CONTRADICTED, "c against a"),
        ((good, beats("a", "d")), NOT_DECIDABLE, "no accuracy of d"),
        ((weak, beats("a", "d")), NOT_SUPPORTED, "b against c"),
    ):
        found = judge(all_of(*parts), printed(*numbers))
        assert found.verdict == verdict
        assert rows in found.text


def test_a_part_contradicts_only_at_its_share_of_the_chance():
    """Fails when each of many parts may accuse at 2.5%: of a hundred honest ones two would."""
    numbers = printed(number("new", "85.0"), number("old", "92.5"))
    assert judge(BEATS, numbers).verdict == CONTRADICTED
    assert judge(all_of(BEATS, *[beats("old", "new")] * 99), numbers).verdict == NOT_SUPPORTED


def test_what_is_no_printed_rate_is_not_decidable():
    numbers = printed(
        number("new", "5", "epochs", unit="count", decimals=0),
        number("old", "9", "epochs", unit="count", decimals=0),
    )
    assert judge(lambda runs, tail=0.025: None, numbers).verdict == NOT_DECIDABLE
    assert judge(in_most_draws("new", "recall", "COVID", 0.9), numbers).verdict == NOT_DECIDABLE
    assert judge(beats("new", "old", split="validation"), numbers).verdict == NOT_DECIDABLE
    assert judge(beats("old", "new", "epochs"), numbers).verdict == NOT_DECIDABLE  # no noise is known
    assert judge(beats("new", "old", "epochs"), numbers).verdict == CONTRADICTED  # 5 are not more than 9
    numbers = printed(
        number("new newer", "5", "epochs", unit="count", decimals=0),
        number("old older", "9", "epochs", unit="count", decimals=0),
    )  # new and older, it may be
    assert judge(beats("new", "old", "epochs"), numbers).verdict == NOT_DECIDABLE


def test_one_number_that_may_be_of_two_rows_says_nothing_of_their_difference():
    open_number = number("new old", "95.0")
    found = judge(within(("new", "old"), "accuracy", 0.5), printed(open_number))
    assert found.verdict == NOT_DECIDABLE
    assert "may be of new or of old" in found.text


def test_a_printed_spread_widens_and_an_unusable_one_does_not():
    """Fails when the noise of training is left out, or a ± that means something else is taken for it."""
    wide = {"spread": "6.0", "runs": 3, "take": "mean"}
    rows = [number("new", "95.0", **wide), number("old", "85.0", **wide)]
    sizes = dataclasses.replace(SIZES, draws=3)
    found = judge(BEATS, printed(*rows, sizes=sizes))
    assert found.verdict == NOT_SUPPORTED and FROM_SPREAD in found.assumed
    unusable = [dataclasses.replace(r, spread_unusable="its unit is not stated") for r in rows]
    found = judge(BEATS, printed(*unusable, sizes=sizes))
    assert found.verdict == SUPPORTED and SAME_NETWORKS in found.assumed


def test_two_announced_runs_of_one_setting_say_how_much_all_rows_vary():
    """Fails when a repetition is read as a second number of no meaning: 97.9 and 95.9 are two runs."""
    sizes = dataclasses.replace(SIZES, counts={"COVID": 9000, "Normal": 9000}, repeats=("Table 3",))
    rows = [number("new", "98.9"), number("old", "97.9")]
    assert judge(BEATS, printed(*rows, sizes=sizes)).verdict == SUPPORTED
    again = number("old", "95.9", place="Table 3")
    found = judge(BEATS, printed(*rows, again, sizes=sizes))
    assert found.verdict == NOT_SUPPORTED and FROM_SPREAD in found.assumed
    assert math.isclose(found.effect, 0.989 - 0.969, abs_tol=6e-4)


def test_a_precision_is_of_the_images_decided_so():
    """Fails when a precision is taken as a share of the class: 90% found, and 99% of those right."""
    rows = [number("new", "99.0", "ppv", "COVID"), number("new", "90.0", "recall", "COVID")]
    rate = printed(*rows).rate("new", "precision", "COVID")
    assert rate.images in (89, 90) and rate.fewest
    alone = printed(rows[0]).rate("new", "precision", "COVID")
    assert alone.images == 96  # 95 of 96 is 98.96%: no smaller number gives a share that is printed so
    found = judge(beats("new", "new", "precision", class_name="COVID"), printed(rows[0]))
    assert found.verdict == NOT_DECIDABLE
    other = number("old", "50.0", "ppv", "COVID")
    assert FEWEST in judge(beats("new", "old", "ppv", class_name="COVID"), printed(rows[0], other)).assumed


def test_the_papers_own_numbers():
    """The counts behind Table 1's rates, found by arithmetic alone, do not show a gain of half a point."""
    paper = next(paper for paper in papers() if any("@" in row.id for row in paper.rows))
    found = dict(judge_claims(paper.claims, printed_by(paper.reported(), paper.printed_sets)))
    by_id = {claim.id: judged for claim, judged in found.items()}
    example = by_id["boosted-sc2c-resnet50"]
    assert example.verdict == NOT_SUPPORTED
    assert "1116 against 1108 of 1488: +0.54 points, -2.6 to +3.7" in example.text
    assert by_id["boosted-sc2c-inceptionv3"].verdict == SUPPORTED
    assert by_id["boosted-ccd-resnet50"].verdict == NOT_DECIDABLE


HONEST = (
    Setting(149, 0.75),
    Setting(149, 0.98),
    Setting(1488, 0.9, 0.5, cut=True),
    Setting(25658, 0.98),
    Setting(1488, 0.75, runs=3, training=0.015),
)


def test_honest_tables_are_not_accused_and_a_large_difference_is_seen():
    """A smaller version of docs/trust.md; 4 of 300 tables are what chance adds to 5%."""
    for setting, share in alarms(HONEST, 300):
        assert share <= MOST + 0.04, setting
    assert shares(Setting(496, 0.75, difference=0.15), 100)[0] > 0.95
