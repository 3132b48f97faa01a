"""The rule of verdicts on plain numbers: by hand, by properties, and on experiments of known truth."""

import dataclasses
import itertools

import numpy as np
import pytest
import scipy.stats

from shared.comparison import outlook, rule
from shared.comparison.prediction import (
    CAP_EPOCHS,
    DESIGNS,
    OWN,
    POOLED,
    SAME,
    SELECTED,
    SHARED,
    Images,
    Ours,
    Prediction,
    Printed,
    Spread,
    images_of_gain,
    images_of_share,
    pool,
    predict,
    printed_spread,
    spread_of,
)
from shared.comparison.rule import CLOSE, INCONCLUSIVE, NOT_REPRODUCED, REPRODUCED, judge

VALUES = np.array([0.90, 0.93, 0.91, 0.94, 0.92])
S2 = VALUES.var(ddof=1)
T4 = scipy.stats.t.ppf(0.975, 4)
Z = scipy.stats.norm.ppf(0.975)
NO_IMAGES = Images()


def five_draws(images: Images = NO_IMAGES) -> Ours:
    return Ours(VALUES.mean(), 5, spread_of(VALUES), images)


def at(value: float, **fields) -> Printed:
    return Printed(value, value, **fields)


def test_w_of_each_design_by_hand():
    """Fails when the paper's runs are forgotten, or images are added where both sides have the same ones."""
    ours, theirs = Images(0.0002, 0.0003, 300), Images(0.0004, 0.0006, 150)

    def w(design: str, runs: int = 1, draws: int = 5) -> float:
        mean = dataclasses.replace(five_draws(ours), draws=draws)
        return float(predict(at(0.9, design=design, runs=runs, images=theirs), mean).w)

    assert w(SAME) == pytest.approx(T4 * np.sqrt(S2 * (1 / 5 + 1)))
    assert w(SAME, runs=3) == pytest.approx(T4 * np.sqrt(S2 * (1 / 5 + 1 / 3)))
    assert w(OWN, runs=5) == pytest.approx(T4 * np.sqrt(S2 * 2 / 5))
    assert w(POOLED, runs=5) == w(OWN, runs=5)
    assert w(SHARED) == pytest.approx(np.sqrt(T4**2 * S2 * 1.2 + Z**2 * 0.0006))
    assert w(SELECTED, draws=1) == pytest.approx(np.sqrt(T4**2 * S2 * 2 + Z**2 * 0.0006))


def test_draws_on_their_own_images_vary_at_least_as_these_images_do():
    """Fails when five draws that happen to agree are taken for an experiment without noise."""
    alike = Ours(0.9, 5, spread_of(np.full(5, 0.9)), images_of_share(0.9, 75))
    found = predict(at(0.9, runs=5), alike)
    assert found.w == pytest.approx(Z * np.sqrt(0.4 * images_of_share(0.9, 75).variance))
    same = predict(at(0.9, runs=5, design=SAME), alike)
    assert same.w == pytest.approx(Z * np.sqrt(0.4) / 75)  # one image, decided either way


def test_a_printed_number_is_as_wide_as_its_window():
    printed = Printed(0.895, 0.91)
    distances = [float(predict(printed, Ours(v, 1, Spread())).distance) for v in (0.885, 0.9, 0.93)]
    assert distances == pytest.approx([-0.01, 0, 0.02])


def test_a_bound_counts_on_its_wrong_side_only():
    def verdict(operator: str, value: float, w: float = 0.03) -> str:
        ours = Ours(value, 1, Spread(w**2 / (2 * T4**2) * 4, 4))
        return judge(at(0.9, operator=operator, design=SAME, effect=0.02), ours).verdict

    assert verdict(">", 0.99) == verdict("<", 0.81) == REPRODUCED
    assert verdict(">", 0.80) == verdict("<", 0.99) == NOT_REPRODUCED
    assert verdict(">=", 0.91, w=0.20) == INCONCLUSIVE


def test_delta_is_half_the_claimed_effect_or_what_a_repeat_of_the_paper_can_see():
    """Fails when δ may be finer than the paper's own noise allows, or coarser than five points."""
    exact_repeat = T4 * np.sqrt(S2 * 2 / 3)

    def delta(effect: float = float("nan"), **fields) -> float:
        fields = {"design": SAME, "runs": 3, **fields}
        return float(predict(at(0.9, effect=effect, **fields), five_draws()).delta)

    assert delta() == pytest.approx(1.25 * exact_repeat)
    assert delta(effect=0.01) == pytest.approx(1.25 * exact_repeat)
    assert delta(effect=0.096) == pytest.approx(0.048)
    assert delta(effect=0.3) == 0.05
    assert delta(effect=0.3, cap=CAP_EPOCHS) == pytest.approx(0.15)
    images = Images(0.0001, 0.0001, 300)
    with_images = np.sqrt(exact_repeat**2 + Z**2 * 2 * 0.0001) * 1.25
    assert delta(design=SHARED, images=images, cap=1.0) == pytest.approx(with_images)


def test_verdicts_follow_from_d_w_and_delta():
    """Fails when agreement counts however wide w is, or a difference within w is called one."""

    def verdict(off: float, w: float, delta: float, w_largest: float | None = None, factor: float = 1) -> str:
        largest = w if w_largest is None else w_largest
        return str(rule.verdicts(Prediction(off, -np.inf, w, largest, delta, delta), factor))

    assert verdict(0.02, 0.03, 0.04) == REPRODUCED
    assert verdict(-0.02, 0.03, 0.04) == REPRODUCED
    assert verdict(0.02, 0.03, 0.025) == INCONCLUSIVE
    assert verdict(0.02, 0.03, 0.04, w_largest=0.05) == INCONCLUSIVE  # w may well be larger than δ
    assert verdict(0.035, 0.03, 0.04) == CLOSE
    assert verdict(-0.045, 0.03, 0.04) == NOT_REPRODUCED
    assert verdict(0.035, 0.03, 0.04, factor=0.5) == NOT_REPRODUCED
    assert verdict(0.02, 0.03, 0.025, factor=2) == REPRODUCED
    assert verdict(0.5, np.inf, 0.04) == INCONCLUSIVE


def test_one_draw_without_a_known_spread_decides_nothing():
    for design in DESIGNS:
        alone = Ours(0.5, 1, spread_of(np.array([0.5])), images_of_share(0.5, 149))
        found = judge(at(0.9, design=design, images=images_of_share(0.9, 149)), alone)
        assert found.verdict == found.at_half == found.at_double == INCONCLUSIVE
        assert "second draw" in found.reason


def test_spreads_of_rows_are_pooled_relative_to_their_rates():
    """Fails when rows near 1 and rows near 1/2 count alike, or degrees of freedom are not added."""
    rows = [np.array([0.5, 0.6, 0.55]), np.array([0.98, 0.99])]
    units = [0.55 * 0.45, 0.985 * 0.015]
    pooled = pool([*map(spread_of, rows), printed_spread(0.02, 4)], [*units, 0.21], 0.1)
    relative = rows[0].var(ddof=1) * 2 / units[0] + rows[1].var(ddof=1) / units[1] + 3 * 0.02**2 / 0.21
    assert pooled.squares == pytest.approx(0.1 * relative)
    assert pooled.df == 2 + 1 + 3
    assert pooled.variance() == pytest.approx(0.1 * relative / 6)


def test_the_largest_spread_that_draws_allow_is_exceeded_in_a_tenth_of_experiments():
    """Two ways: the bound, and how often s² of draws of known spread stays below the truth."""
    draws = np.random.default_rng(2).normal(0, 0.02, (20000, 4))
    assert np.mean(spread_of(draws).variance(sure=True) < 0.02**2) == pytest.approx(0.1, abs=0.01)


def test_all_right_is_not_without_noise():
    """Fails when 26 of 26 has variance 0."""
    images = images_of_share(1.0, 26)
    assert images.variance == pytest.approx(27 / 28 * (1 / 28) / 28)
    assert images.largest > images.variance
    assert images_of_share(0.3, 1000).variance == pytest.approx(0.21 / 1000, rel=0.01)
    none_differ = images_of_gain(0, 0, 149)
    assert none_differ.variance == pytest.approx(2 / 151 / 151)


def test_numbers_without_noise():
    low, high = 14.65, 14.8
    assert rule.judge_exact(14.714688, 14.7, low, high, str).verdict == REPRODUCED
    assert rule.judge_exact(15.2, 14.7, low, high, str).verdict == CLOSE
    assert rule.judge_exact(16.5, 14.7, low, high, str).verdict == NOT_REPRODUCED
    assert rule.judge_exact(16.5, 14.7, low, high, str).distance == pytest.approx(1.7)


def test_most_draws_is_an_exact_test():
    """Fails when four of five is taken for most, or half for a failure."""
    verdicts = {(k, n): rule.judge_most(k, n).verdict for n in (5, 6, 10, 20) for k in range(n + 1)}
    for (k, n), verdict in verdicts.items():
        above, below = (scipy.stats.binomtest(k, n, alternative=a).pvalue for a in ("greater", "less"))
        wanted = REPRODUCED if above <= 0.025 else NOT_REPRODUCED if below <= 0.025 else INCONCLUSIVE
        assert verdict == (INCONCLUSIVE if n < 6 else wanted), (k, n)
    assert verdicts[6, 6] == REPRODUCED
    assert verdicts[5, 5] == verdicts[5, 6] == INCONCLUSIVE


def test_the_number_of_draws_that_would_decide_is_the_smallest():
    printed = at(0.92, design=SAME, runs=5, effect=0.04)
    ours = dataclasses.replace(five_draws(), draws=2, spread=Spread(0.0001, 1))
    enough = outlook.enough_draws(printed, ours)
    assert enough is not None and enough > 2
    assert outlook.decides(printed, outlook.with_draws(printed, ours, enough))
    assert not outlook.decides(printed, outlook.with_draws(printed, ours, enough - 1))
    assert f"{enough} draws" in judge(printed, ours).reason


def test_no_draws_help_where_images_are_too_few():
    """149 images on each side cannot tell five points from nothing; more of ours at most halve w²."""
    images = images_of_share(0.9, 149)
    printed = at(0.9, design=SHARED, images=images)
    ours = Ours(0.9, 5, Spread(4 * 0.005**2, 4), images)
    assert outlook.enough_draws(printed, ours) is None
    assert "no number of draws or images" in judge(printed, ours).reason
    larger = dataclasses.replace(printed, images=images_of_share(0.9, 1000))
    assert outlook.enough_draws(larger, ours) is None
    assert "test images would" in judge(larger, ours).reason


def test_the_plan_knows_what_it_cannot_decide():
    """Fails when a plan of one draw, or one on 149 images, promises more than INCONCLUSIVE."""
    zhao = at(0.992, design=SAME, effect=0.007, images=images_of_share(0.992, 25658))
    images = images_of_share(0.992, 25658)
    assert outlook.attainable(zhao, 5, Spread(), images) == (True, "")
    assert not outlook.attainable(zhao, 1, Spread(), images)[0]
    few = images_of_share(0.9, 149)
    assert not outlook.attainable(at(0.9, design=SHARED, images=few), 50, Spread(), few)[0]
    known = printed_spread(0.03, 5)
    own = at(0.8, runs=5)
    assert not outlook.attainable(own, 2, known, images_of_share(0.8, 248))[0]
    assert outlook.attainable(own, 50, known, images_of_share(0.8, 248))[0]


def test_more_draws_never_make_w_wider():
    for design, runs in itertools.product(DESIGNS, (1, 5)):
        images = images_of_share(0.9, 300)
        printed = at(0.9, design=design, runs=runs, images=images)
        start = Ours(0.9, 2 if design != SELECTED else 1, Spread(0.0004, 1), images)
        widths = [float(predict(printed, outlook.with_draws(printed, start, n)).w) for n in (2, 3, 5, 10, 50)]
        assert widths == sorted(widths, reverse=True), design
