"""Of two readings of a row the one whose numbers agree is named; where nothing tells, that is said."""

import dataclasses

from honest_claims import number
from scored import decided, run

from shared.trust.parts_of_numbers import readings_part
from shared.trust.rates import printed_by
from shared.trust.readings import BOTH, NEITHER, Reading, groups, readings_of, said

PRINTED = [number("net", "90.0", runs=5, design="own", setup_place="Table 1", effect="5")]


@dataclasses.dataclass(frozen=True)
class Row:
    id: str
    draws: int = 5


def draws(row, percent, scale="paper"):
    """Five draws that differ a little."""
    counts = (percent * 10 + step for step in (-12, -6, 0, 6, 12))
    return [
        run(
            decided([k < count for k in range(1000)], [f"{draw} {k}.png" for k in range(1000)]),
            row,
            draw,
            scale,
        )
        for draw, count in enumerate(counts)
    ]


def told(runs):
    return said(readings_of("net", ["net", "net@other"], PRINTED, runs))


def test_the_reading_whose_numbers_agree_is_named():
    """Fails when the first reading, or the one that ran, is named whatever came out."""
    assert told([*draws("net", 80), *draws("net@other", 90)]) == "agree with net@other, and not with net"
    assert told([*draws("net", 90), *draws("net@other", 80)]) == "agree with net, and not with net@other"
    assert told([*draws("net", 90), *draws("net@other", 90)]) == BOTH
    assert told([*draws("net", 80), *draws("net@other", 80)]) == NEITHER


def test_one_number_of_four_may_differ_by_chance_and_three_may_not():
    """Fails when one number that agrees is enough, or each must: one of four differs in 19% of repeats."""
    fits = [Reading("net", "net", 5, 4 - differ, differ).fits for differ in range(5)]
    assert fits == [True, True, False, False, False]
    assert not Reading("net", "net", 5, 0, 1).fits
    assert not Reading("net", "net").fits


def test_without_runs_with_demos_and_with_one_draw_nothing_is_decided():
    assert told([]) == "none run yet"
    assert told(draws("net", 90, "demo")) == "none run yet"
    assert told(draws("net", 90)) == "agree with net; not run yet: net@other"
    assert told(draws("net", 90)[:1]).startswith("one draw says nothing of how much runs differ")


def test_a_class_that_the_text_leaves_open_is_read_both_ways():
    """Fails when only the inferred class is tried: here the other one agrees."""
    open_class = number(
        "net",
        "80.0",
        "sensitivity",
        "COVID",
        runs=5,
        design="own",
        setup_place="Table 1",
        class_from="inferred",
    )
    runs = []
    for draw in range(5):  # of 500 Normal images about 80% are right, of 500 COVID images all
        right = [k % 2 == 1 or (k // 2) % 50 < 40 + draw % 3 - 1 for k in range(1000)]
        runs.append(run(decided(right, [f"{draw} {k}.png" for k in range(1000)]), "net", draw))
    found = {r.name: r for r in readings_of("net", ["net"], [open_class], runs)}
    assert not found["net"].fits
    assert found["net, Normal as the positive class"].fits


def test_only_rows_with_another_reading_are_grouped():
    assert groups(["a", "b", "b@x", "b@y"]) == {"b": ["b", "b@x", "b@y"]}


def test_the_part_says_what_differs_and_what_ran():
    rows = {"net": Row("net"), "net@other": Row("net@other", draws=3)}
    silent = readings_part(rows, PRINTED, printed_by(PRINTED, []), [], [])
    assert "none of them has run." in silent.sentences[0] and "draws 3 for 5" in silent.sentences[1]
    assert silent.lines == ()
    part = readings_part(rows, PRINTED, printed_by(PRINTED, []), draws("net", 90), [])
    assert [line[:3] for line in part.lines] == [
        ("net", "as the text states", "5"),
        ("net@other", "draws 3 for 5", "0"),
    ]
    alone = readings_part({"net": Row("net")}, PRINTED, printed_by(PRINTED, []), [], [])
    assert "No row of this paper" in alone.sentences[0]
