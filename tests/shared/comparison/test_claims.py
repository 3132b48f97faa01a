"""Claims: where they are tested, what decides them, and what decides nothing."""

from pathlib import Path

import numpy as np
import pytest
from toy_runs import OTHER_DATA, facts, predictions, put

from shared.comparison import (
    TAIL,
    Claim,
    ClaimResult,
    Run,
    all_of,
    at_least,
    beats,
    check_claims,
    decide,
    find_runs,
    in_most_draws,
    metrics,
    within,
)
from shared.comparison.intervals import Effect, difference


def outcome(test, runs):
    ((_, result),) = check_claims([Claim("1", "better", "section 1", test)], runs)
    return result


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        ([900, 905, 910], [850, 856, 859], "HOLDS"),
        ([850, 856, 859], [900, 905, 910], "FAILS"),
        ([900, 850, 870], [880, 870, 860], "INCONCLUSIVE"),
        ([900], [600], "INCONCLUSIVE"),  # one draw decides nothing about training
        ([900, 900, 900], [800, 800, 800], "HOLDS"),  # all differ alike: the images decide
        ([800, 800, 800], [800, 800, 800], "INCONCLUSIVE"),  # no difference seen is none proven
    ],
)
def test_beats(tmp_path, new, old, expected):
    put(tmp_path, old, row="old", n=1000)
    result = outcome(beats("new", "old"), put(tmp_path, new, row="new", n=1000))
    assert result.verdict == expected
    assert result.low <= result.effect <= result.high
    assert result.effect == pytest.approx((sum(new) - sum(old)) / len(new) / 1000)


def test_claims_pair_equal_draws(tmp_path):
    """Fails when draws are paired by position: the draws differ far more than the methods."""
    put(tmp_path, [600, 700, 800, 900], row="old", n=1000)
    runs = put(tmp_path, [651, 749, 852, 948], row="new", n=1000)
    runs = [run for run in runs if (run.row, run.draw) != ("old", 0)]
    result = outcome(beats("new", "old"), runs)
    assert (result.verdict, result.draws) == ("HOLDS", 3)


def test_draws_of_another_seed_are_other_draws(tmp_path):
    """Fails when draw 0 of one seed is held against draw 0 of another, which had other images."""
    for seed, lower in ((0, 0), (1, 20)):
        put(tmp_path, [80 - lower, 83 - lower], "a", seed=seed)
        runs = put(tmp_path, [70 - lower, 73 - lower], "b", seed=seed)
    a, b = ([run for run in runs if run.row == row] for row in "ab")
    assert difference(a, b).values == pytest.approx([0.1] * 4)
    assert difference(a[:2], b).values == pytest.approx([0.1] * 2)
    with pytest.raises(KeyError, match="a and b with the same draw"):
        difference([run for run in a if run.dealt[0]], [run for run in b if not run.dealt[0]])


def test_margins_and_slack(tmp_path):
    put(tmp_path, [850, 856, 859], row="old", n=1000)
    runs = put(tmp_path, [900, 905, 910], row="new", n=1000)
    assert outcome(beats("new", "old", margin=0.02), runs).verdict == "HOLDS"
    assert outcome(beats("new", "old", margin=0.09), runs).verdict == "FAILS"
    assert outcome(at_least("new", "new"), runs).verdict in ("HOLDS", "INCONCLUSIVE")
    assert outcome(at_least("old", "new", slack=0.09), runs).verdict == "HOLDS"


def test_within(tmp_path):
    put(tmp_path, [850, 856, 859], row="b", n=1000)
    put(tmp_path, [700, 705, 702], row="c", n=1000)
    runs = put(tmp_path, [900, 905, 910], row="a", n=1000)
    assert outcome(within(["a", "b"], "accuracy", 0.28), runs).verdict == "HOLDS"
    failed = outcome(within(["a", "b", "c"], "accuracy", 0.15), runs)
    assert failed.verdict == "FAILS" and failed.low > 0.15  # of a and c, the two that decide
    assert failed.effect == pytest.approx(0.905 - 0.7023, abs=1e-3)
    alike = outcome(within(["c", "a"], [("recall", "COVID"), ("accuracy", None)], 0.5), runs)
    assert alike.verdict == "HOLDS"


def test_in_most_draws_is_an_exact_test(tmp_path):
    runs = put(tmp_path, [900, 905, 910, 906, 907, 908], row="a", n=1000)
    assert outcome(in_most_draws("a", "accuracy", None, 0.90), runs).verdict == "HOLDS"
    assert outcome(in_most_draws("a", "accuracy", None, 0.905), runs).verdict == "INCONCLUSIVE"
    assert outcome(in_most_draws("a", "accuracy", None, 0.95), runs).verdict == "FAILS"
    assert outcome(in_most_draws("a", "accuracy", None, 0.90), runs[:5]).verdict == "INCONCLUSIVE"


def test_of_several_parts_the_one_that_decides_is_shown(tmp_path):
    """Fails when the smallest effect is shown although another part decides."""
    put(tmp_path, [850, 856, 859], row="b", n=1000)
    put(tmp_path, [500, 705, 902], row="c", n=1000)
    runs = put(tmp_path, [900, 905, 910], row="a", n=1000)
    small_but_sure, large_but_unsure = beats("a", "b"), beats("a", "c")
    both = outcome(all_of(small_but_sure, large_but_unsure), runs)
    assert (both.verdict, both.effect) == ("INCONCLUSIVE", pytest.approx(0.905 - 0.70233, abs=1e-3))
    assert outcome(all_of(small_but_sure), runs).verdict == "HOLDS"
    failed = outcome(all_of(small_but_sure, beats("b", "a"), large_but_unsure), runs)
    assert failed.verdict == "FAILS" and failed.high < 0


def test_of_parts_that_all_hold_the_one_nearest_to_its_boundary_is_shown():
    """Fails when a small but certain effect hides a large one that only just holds."""
    small = lambda runs, tail=TAIL: decide(Effect((0.05, 0.051, 0.049)), 0.0, "small")  # noqa: E731
    large = lambda runs, tail=TAIL: decide(Effect((0.15, 0.2, 0.25)), 0.0, "large")  # noqa: E731
    together = all_of(small, large)({})
    assert together.verdict == "HOLDS" and together.effect == pytest.approx(0.2)


def test_a_part_of_many_fails_at_its_share_of_the_error():
    """Fails when each of ten parts may fail a true claim in 2.5% of cases."""
    values = tuple(-0.01 + np.array([0.004, -0.004, 0.001, -0.001, 0.0]) * 2)

    def part(runs, tail=TAIL):
        return decide(Effect(values), 0.0, "x", tail)

    assert part({}).verdict == "FAILS"
    assert all_of(part)({}).verdict == "FAILS"
    assert all_of(*[part] * 10)({}).verdict == "INCONCLUSIVE"
    assert all_of(all_of(part, part), *[part] * 9)({}).verdict == "INCONCLUSIVE"


def test_a_claim_on_demos_trials_other_data_or_missing_rows_is_not_run(tmp_path):
    """Fails when a demo decides a claim, or runs whose data are not the paper's."""
    put(tmp_path, [80] * 3, row="new", scale="demo")
    put(tmp_path, [90] * 3, row="new", overrides={"x": 1})
    runs = put(tmp_path, [70] * 3, row="old")
    result = outcome(beats("new", "old"), runs)
    assert result.verdict == "NOT RUN" and "new" in result.reason
    assert outcome(lambda by_row: ClaimResult("HOLDS", len(by_row["old"])), runs).effect == 3
    runs = put(tmp_path / "other", [900, 905, 910], row="new", n=1000)
    runs += put(tmp_path / "old", [850, 856, 859], row="old", n=1000)
    assert outcome(beats("new", "old"), runs).verdict == "HOLDS"
    runs[2].facts["data"] = OTHER_DATA
    result = outcome(beats("new", "old"), runs)
    assert result.verdict == "NOT RUN" and "305" in result.reason


def test_mcnemar_is_given_where_the_images_are_the_same(tmp_path):
    put(tmp_path, [80], row="old")
    runs = put(tmp_path, [95], row="new")
    assert "McNemar" in outcome(beats("new", "old"), runs).reason
    put(tmp_path, [80], row="other", n=60)
    assert "McNemar" not in outcome(beats("new", "other"), find_runs(tmp_path)[0]).reason


def test_one_draw_of_the_same_patients_is_compared_patient_by_patient(tmp_path):
    """Fails when the two rows are resampled apart, or patients are split: two ways to one spread."""
    put(tmp_path, [120], row="old", n=200, patients=True)
    runs = put(tmp_path, [170], row="new", n=200, patients=True)
    result = outcome(beats("new", "old", "f1", class_name="COVID"), runs)
    new, old = (next(run for run in runs if run.row == row).of("test") for row in ("new", "old"))

    def gain(i):
        of = [metrics.confusion(p.true[i], p.decided[i], 2) for p in (new, old)]
        return metrics.rate(of[0], "f1", 1) - metrics.rate(of[1], "f1", 1)

    slow = metrics.bootstrap(metrics.group_indices(new.patient), gain, resamples=1500)
    assert (result.high - result.low) / 2 == pytest.approx(1.96 * slow.std(), rel=0.15)


@pytest.mark.parametrize("shared", [False, True])
def test_a_claim_at_its_boundary_seldom_holds_and_seldom_fails(shared):
    """Two equal methods: HOLDS and FAILS in at most 5% each, on one test set of 149 images as on several."""
    rng = np.random.default_rng(int(shared))
    verdicts, n, times = [], 149, 400
    for _ in range(times):
        chance = rng.choice([0.03, 0.5, 0.97], n, p=[0.05, 0.15, 0.8])
        lead = rng.normal(0, 0.15, (2, 5)) if shared else rng.normal(0, 0.1, (2, 5))
        sides = []
        for row in range(2):
            draws = []
            for draw in range(5):
                own = chance if shared else rng.permutation(chance)
                right = rng.random(n) < np.clip(own + lead[row, draw] * (own == 0.5), 0, 1)
                p = predictions(n, n)
                p.probabilities = np.eye(2)[np.where(right, p.true, 1 - p.true)]
                if not shared:
                    p.sample = [f"{draw} {name}" for name in p.sample]
                draws.append(Run(Path("nowhere"), facts("new" if row else "old", draw), p))
            sides.append(draws)
        verdicts.append(decide(difference(*sides), 0.0, "").verdict)
    shares = [verdicts.count(v) / times for v in ("HOLDS", "FAILS")]
    assert max(shares) <= 0.05
