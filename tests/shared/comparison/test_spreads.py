"""Which spreads say how much draws differ: a row's own, its table's, the printed ±."""

import dataclasses

import numpy as np
import pytest
import scipy.stats
from toy_runs import put, reported

from shared.comparison import best_verdicts, compare
from shared.comparison.prediction import contradict, farther_apart, spread_of
from shared.comparison.setup import images_printed, printed_of, table_of
from shared.consistency.printed import PrintedSet


def test_contradiction_is_bartletts_test():
    """Without its correction few draws contradict each other too often."""
    rng, found = np.random.default_rng(0), []
    for sizes in [(3, 3), (2, 3, 4), (5, 5)] * 100:
        draws = [rng.normal(0, scale, size) for size, scale in zip(sizes, (1, 12, 5), strict=False)]
        spreads = [spread_of(each) for each in draws]
        found.append((contradict(spreads, [1.0] * len(draws)), scipy.stats.bartlett(*draws).pvalue < 0.01))
    assert all(ours == theirs for ours, theirs in found)
    assert 0.1 < np.mean([theirs for _, theirs in found]) < 0.9


def test_farther_apart_is_a_one_sided_f_test():
    """A two-sided one would leave out a ± that is larger than what our draws show."""
    rng, found = np.random.default_rng(1), []
    for _ in range(200):
        ours, theirs = rng.normal(0, 4, 4), rng.normal(0, 1.5, 5)
        p = scipy.stats.f.sf(ours.var(ddof=1) / theirs.var(ddof=1), 3, 4)
        found.append((farther_apart(spread_of(ours), spread_of(theirs)), p < 0.05))
        assert not farther_apart(spread_of(theirs), spread_of(10 * ours))
    assert all(ours == theirs for ours, theirs in found)
    assert 0.1 < np.mean([theirs for _, theirs in found]) < 0.9


def test_a_fold_of_the_paper_has_its_share_of_the_images():
    sets = (PrintedSet(rows=("a",), counts={"COVID": 40, "non-COVID": 60}, folds=5),)
    assert images_printed(reported(), sets) == 20
    recall = reported(metric="recall", class_name="COVID")
    assert images_printed(recall, sets) == 8
    assert images_printed(reported(metric="recall"), sets) == 20  # a mean over the classes is of all


def test_a_number_of_epochs_may_differ_by_a_quarter():
    assert np.exp(printed_of(reported("8", metric="epochs", unit="count")).cap) == pytest.approx(1.25)


def test_numbers_of_different_designs_are_not_pooled():
    """Draws with images of their own differ by more than training."""
    assert table_of(reported(design="own"), ()) != table_of(reported(design="same"), ())


def test_what_is_not_comparable_lends_no_spread(tmp_path):
    """A row set by hand, whose draws lie far apart, in the pool of those that are the paper's."""
    runs = put(tmp_path, [800, 780, 830], n=1000)
    (alone, _) = compare(numbers := [reported(), reported("70.0", row="b")], runs)
    both = put(tmp_path, [700, 640, 760], row="b", n=1000, overrides={"batch": 1})
    (beside, other) = compare(numbers, both)
    assert other.verdict == "NOT COMPARABLE"
    assert beside.w == alone.w


def test_the_papers_runs_and_spread_make_w_narrower(tmp_path):
    """Fails when m is ignored, or a usable spread adds no degree of freedom, or an unusable one does."""
    runs = put(tmp_path, [800, 750, 850, 810, 790], n=1000)
    of_one, of_five = reported(), reported(runs=5)
    known = reported(runs=5, spread="3.30")
    unusable = reported(runs=5, spread="3.30", spread_unusable="no unit")
    w = [compare([r], runs)[0].w for r in (of_one, of_five, known, unusable)]
    assert w[1] == pytest.approx(w[0] * np.sqrt(0.4 / 1.2))
    assert w[2] != w[1] == w[3]
    alone = compare([known], runs[:1])[0]
    assert np.isfinite(alone.w)  # one draw of ours, but the paper says how much its runs differ


def test_spreads_are_pooled_over_the_rows_of_a_table_and_no_other(tmp_path):
    put(tmp_path, [700, 690, 720, 705, 712], row="b", n=1000)
    put(tmp_path, [300, 500, 900, 650, 100], row="c", n=1000)
    runs = put(tmp_path, [800, 780, 830, 805, 790], n=1000)
    alone = compare([reported()], runs)[0].w
    together = compare([reported(), reported("70.5", row="b")], runs)[0].w
    elsewhere = compare([reported(), reported("70.5", row="b", place="Table 2")], runs)[0].w
    assert together < alone == elsewhere
    # Steadier others lend their degrees of freedom, and not their spread.
    t = scipy.stats.t.ppf(0.975, [8, 4])
    assert together / alone == pytest.approx(t[0] / t[1])
    (contradicted, *_) = compare([reported(), reported("50", row="c")], runs)
    assert contradicted.w == alone and "contradict" in contradicted.reason


def test_a_printed_spread_that_our_draws_contradict_does_not_judge_them(tmp_path):
    """Fails where one draw, of a method whose draws lie 8 points apart, is held to a printed ± of 0.5."""
    put(tmp_path, [700, 860, 720, 880], row="b", n=1000)
    runs = put(tmp_path, [800], n=1000)
    numbers = [reported("67.6", runs=5, spread="0.50"), reported("79.0", row="b", runs=5, spread="0.60")]
    (believed, _) = compare(numbers, runs)
    unprinted = [dataclasses.replace(r, spread="") for r in numbers]
    assert believed.w == compare(unprinted, runs)[0].w > 20
    assert believed.verdict == "INCONCLUSIVE" and "left out" in believed.reason
    (alike, _) = compare([dataclasses.replace(r, spread="8.0") for r in numbers], runs)
    assert alike.w < believed.w and "left out" not in alike.reason
    (alone,) = compare(numbers[:1], runs)  # nothing of ours speaks against it
    assert alone.w < 5 and "the printed ± alone" in alone.reason


def test_spreads_that_contradict_each_other_leave_the_rows_own(tmp_path):
    """Fails when the row's own ±, which is exactly that of its draws, counts no longer."""
    put(tmp_path, [700, 740, 660], row="b", n=1000)
    runs = put(tmp_path, [800, 840, 760], n=1000)
    other = reported("70.0", row="b", runs=5, spread="30.00")
    (found, _) = compare([reported(runs=5, spread="4.00"), other], runs)
    (alone,) = compare([reported(runs=5, spread="4.00")], runs)
    assert "the spreads of this table contradict each other" in found.reason
    assert found.w == alone.w


def test_draws_that_tie_contradict_nothing(tmp_path):
    """Fails when two draws alike to the image accuse a ± that is true, or one of 0.00 is believed."""
    runs = put(tmp_path, [800, 800], n=1000)
    (found,) = compare([reported(runs=5, spread="1.00")], runs)
    assert "contradict" not in found.reason and "left out" not in found.reason
    of_none, of_zero = (compare([reported(runs=5, spread=s)], runs)[0].w for s in ("", "0.00"))
    assert of_none == of_zero


def test_a_row_whose_draws_contradict_its_own_printed_spread_keeps_its_draws(tmp_path):
    """Fails when that ± is pooled all the same, because the draws of other rows are steady."""
    put(tmp_path, [700, 705, 695, 702, 698], row="b", n=1000)
    runs = put(tmp_path, [740, 900, 840, 780, 940], n=1000)
    numbers = [reported("75.0", runs=5, spread="0.50"), reported("70.0", row="b", runs=5, spread="8.00")]
    (found, _) = compare(numbers, runs)
    assert found.w == compare([reported("75.0", runs=5)], runs)[0].w
    assert found.verdict == "INCONCLUSIVE" and "left out" in found.reason


def test_a_row_that_stands_alone_keeps_a_plus_minus_that_its_own_draws_bear_out(tmp_path):
    """Fails when another row's wild draws cost a steady one the ± that is exactly its own."""
    put(tmp_path, [300, 900, 600, 100, 800], row="wild", n=1000)
    runs = put(tmp_path, [800, 830, 810, 790], n=1000)
    own = reported(runs=5, spread="1.70")
    (found, _) = compare([own, reported("54.0", row="wild", runs=5, spread="0.50")], runs)
    assert found.w == compare([own], runs)[0].w
    assert "stands alone" in found.reason and "left out" not in found.reason


def test_where_nothing_is_known_no_printed_spread_is_said_to_count(tmp_path):
    """Others' ± contradict each other, the row has none, and there is one draw of each."""
    for row in "bc":
        put(tmp_path, [700], row=row, n=1000)
    runs = put(tmp_path, [800], n=1000)
    others = [reported("70.0", row=row, runs=5, spread=s) for row, s in (("b", "0.50"), ("c", "30.00"))]
    (found, *_) = compare([reported(runs=5), *others], runs)
    assert found.verdict == "INCONCLUSIVE" and "printed ± alone" not in found.reason


def test_a_plan_takes_no_row_for_steadier_than_its_own_plus_minus():
    """Fails when a row with a large ± is promised REPRODUCED by the small ones of others."""
    own, steady = reported(runs=5, spread="4.50"), [reported(row=r, runs=5, spread="1.50") for r in "bcd"]
    best = {r.row: v for r, v, _ in best_verdicts([own, *steady], dict.fromkeys("abcd", 5), ())}
    assert best == {"a": "INCONCLUSIVE", "b": "REPRODUCED", "c": "REPRODUCED", "d": "REPRODUCED"}
