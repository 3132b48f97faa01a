"""The geometry of the report's drawings."""

import dataclasses

import pytest

from shared.report import drawings


def test_ticks_are_round_and_where_the_scale_puts_their_values():
    scale = drawings.Scale(0, 50, 100, 0)  # an upright axis: larger is higher, so smaller in SVG
    assert [(t.at, t.label) for t in scale.ticks()] == [
        (100, "0"),
        (80, "10"),
        (60, "20"),
        (40, "30"),
        (20, "40"),
        (0, "50"),
    ]
    assert [t.label for t in drawings.Scale(0.901, 0.999, 0, 1).ticks()] == ["0.92", "0.94", "0.96", "0.98"]


def test_equal_values_still_have_a_scale_around_them():
    """Fails with a division by zero."""
    for value in (0.0, 100.0):
        scale = drawings.scale([value, value], 0, 100)
        assert scale(value) == 50 and scale.ticks()


def test_long_curves_are_thinned_and_keep_both_ends():
    points = [(float(k), float(k % 7)) for k in range(10_000)]
    panel = drawings.curves("loss", "step", [("training", 0, points)])
    places = panel.lines[0].path[1:].split("L")
    x = drawings.scale([0, 9999], drawings.LEFT, drawings.WIDTH - drawings.RIGHT, pad=0.02)
    assert len(places) == drawings.MOST_POINTS
    assert [float(places[k].split()[0]) for k in (0, -1)] == [
        pytest.approx(x(v), abs=0.01) for v in (0, 9999)
    ]


def test_curves_leave_out_what_is_not_finite_and_are_none_without_anything():
    nan = float("nan")
    panel = drawings.curves("loss", "epoch", [("training", 0, [(1, 2.0), (2, nan), (3, 1.0)])])
    assert "nan" not in panel.lines[0].path and panel.lines[0].path.count("L") == 1
    assert drawings.curves("loss", "epoch", [("training", 0, [(1, nan)])]) is None


def test_dots_share_one_scale_and_keep_their_order():
    """Fails where each group gets a scale of its own."""
    one = drawings.Dots("a", 90.0, 80.0, 70.0, 85.0, "CLOSE")
    other = drawings.Dots("b", 90.0, 20.0, None, None, "CLOSE")
    plot = drawings.dot_plot({"accuracy": [one], "recall": [other]})
    first, second = plot.groups["accuracy"][0], plot.groups["recall"][0]
    assert first.reported == second.reported > first.high > first.obtained > first.low > second.obtained > 0
    assert second.low is None
    assert drawings.dot_plot({"accuracy": [dataclasses.replace(one, obtained=None)]}) is None
