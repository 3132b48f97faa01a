"""Tables that are right are not accused: a simulation over every design of a table."""

import dataclasses

import pytest
from honest import Design, designs

from shared.consistency.checks import check, misfits

MOST = 0.01


def flagged(design: Design, tables: int) -> list[str]:
    """The checks that do not fit, of so many tables, one entry per table."""
    found = [misfits(check(design.table(seed), [design.stated])) for seed in range(tables)]
    return [", ".join(f.check for f in findings) for findings in found if findings]


@pytest.mark.parametrize("name", designs())
def test_no_honest_table_is_flagged(name):
    """F1, precision and NPV averaged over draws or folds are no functions of averaged counts."""
    assert flagged(designs()[name], 10) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", designs())
def test_at_most_one_honest_table_in_a_hundred_is_flagged(name):
    found = flagged(designs()[name], 300)
    assert len(found) <= MOST * 300, found[:5]


def changed(table, metric, **fields):
    """The table with the first number of that metric changed."""
    first = next(i for i, r in enumerate(table) if r.metric == metric)
    return [dataclasses.replace(r, **fields) if i == first else r for i, r in enumerate(table)]


@pytest.mark.parametrize("seed", range(5))
def test_a_mean_f1_beyond_what_the_spreads_allow_is_flagged_and_without_spreads_nothing_is_said(seed):
    """A width that lets everything pass, or an accusation that rests on no spread."""
    design = Design(times=5, spread="sample")
    table = design.table(seed)
    f1 = next(r for r in table if r.metric == "f1")
    wrong = changed(table, "f1", value=f"{f1.number - 4:.2f}")
    assert [f.check for f in misfits(check(wrong, [design.stated]))] == ["f1 follows"]
    silent = [dataclasses.replace(r, spread="") for r in wrong]
    assert misfits(check(silent, [design.stated])) == []


def test_a_repetition_that_is_announced_may_differ_and_one_that_is_not_may_not():
    design = Design(rows=1)
    again = [dataclasses.replace(r, place="Table 3", value="50.00") for r in design.table(0)[:1]]
    numbers = [*design.table(0), *again]
    assert "printed twice" in [f.check for f in misfits(check(numbers, [design.stated]))]
    announced = dataclasses.replace(design.stated, repeats=("Table 3",))
    assert misfits(check(numbers, [announced])) == []


def test_an_accuracy_that_follows_from_its_recalls_adds_nothing_to_the_odds():
    """Counted as a third independent number it made 2·10²³ of 9·10¹⁵."""
    stated = dataclasses.replace(Design(times=5).stated, draws=3)
    rates = ("accuracy", "sensitivity", "specificity")
    table = [r for r in Design(times=5, rows=4).table(1) if r.metric in rates]
    recalls = [r for r in table if r.metric != "accuracy"]
    odds = [
        next(f for f in check(numbers, [stated]) if f.check == "whole images").computation[0]
        for numbers in (table, recalls)
    ]
    assert odds[0] == odds[1] and "chance alone does so well once in" in odds[0]
