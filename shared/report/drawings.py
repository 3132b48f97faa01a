"""Geometry of the report's inline SVG: numbers in, places and labels out; the templates do the markup."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 330, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 8, 30
"""Margins of a panel, in the units of its view box."""

MOST_POINTS = 120
"""A curve is thinned to this many points: more are not visible at a panel's width."""

Point = tuple[float, float]


@dataclasses.dataclass(frozen=True)
class Tick:
    """A place on an axis and its label."""

    at: float
    label: str


@dataclasses.dataclass(frozen=True)
class Scale:
    """A linear map from values to places, with the values worth a tick."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 2)

    def ticks(self, count: int = 5) -> list[Tick]:
        """About that many ticks at round values."""
        step = _round_step((self.high - self.low) / count)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        return [Tick(self(k * step), f"{k * step:.{decimals}f}") for k in range(first, last + 1)]


def scale(values: Sequence[float], start: float, end: float, pad: float = 0.05) -> Scale:
    """A scale that holds all values with a little air; equal values get air of their own."""
    low, high = min(values), max(values)
    room = (high - low) * pad or abs(high) * pad or 1.0
    return Scale(low - room, high + room, start, end)


def _round_step(raw: float) -> float:
    """The next of 1, 2, 5 × a power of ten."""
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)


@dataclasses.dataclass(frozen=True)
class Line:
    """One curve as a path; `kind` and `order` choose its looks."""

    kind: str
    order: int
    path: str


@dataclasses.dataclass(frozen=True)
class Panel:
    """A small chart: its axes, and what is in it."""

    title: str
    x_label: str
    x: list[Tick]
    y: list[Tick]
    lines: list[Line] = dataclasses.field(default_factory=list)
    circles: list[tuple[float, float, float]] = dataclasses.field(default_factory=list)
    """(x, y, radius)."""
    summary: str = ""


def curves(title: str, x_label: str, series: Sequence[tuple[str, int, Sequence[Point]]]) -> Panel | None:
    """Curves of (kind, order, points) in one panel; None where there is no finite point at all."""
    drawn = [(kind, order, finite) for kind, order, points in series if (finite := _finite(points))]
    if not drawn:
        return None
    x = scale([a for *_, points in drawn for a, _ in points], LEFT, WIDTH - RIGHT, pad=0.02)
    y = scale([b for *_, points in drawn for _, b in points], HEIGHT - BOTTOM, TOP)
    lines = [Line(kind, order, _path(_thinned(points), x, y)) for kind, order, points in drawn]
    ends = ", ".join(
        f"{kind} {points[0][1]:.3g} to {points[-1][1]:.3g}" for kind, order, points in drawn if order == 0
    )
    return Panel(title, x_label, x.ticks(), y.ticks(4), lines, summary=f"{title} over {x_label}: {ends}")


def calibration(bins: Sequence[tuple[float, float, float]]) -> Panel:
    """Share correct against confidence, from rows of (count, confidence, share correct)."""
    x, y = Scale(0, 1, LEFT, WIDTH - RIGHT), Scale(0, 1, HEIGHT - BOTTOM, TOP)
    filled = [(count, confidence, correct) for count, confidence, correct in bins if count]
    most = max((count for count, *_ in filled), default=1)
    circles = [(x(c), y(share), round(2 + 5 * math.sqrt(count / most), 1)) for count, c, share in filled]
    lines = [Line("ideal", 0, _path([(0, 0), (1, 1)], x, y))]
    if len(filled) > 1:
        lines.append(Line("training", 0, _path([(c, share) for _, c, share in filled], x, y)))
    points = "; ".join(f"{c:.0%} sure, {share:.0%} right" for _, c, share in filled)
    return Panel("share correct", "confidence", x.ticks(), y.ticks(), lines, circles, points)


@dataclasses.dataclass(frozen=True)
class Dots:
    """One line of a dot-and-interval plot; places are percent of the strip's width, None where unknown."""

    label: str
    reported: float | None
    obtained: float | None
    low: float | None
    high: float | None
    verdict: str


@dataclasses.dataclass(frozen=True)
class DotPlot:
    """Strips under one axis."""

    ticks: list[Tick]
    groups: Mapping[str, list[Dots]]

    @property
    def verdicts(self) -> list[str]:
        """Those that occur, for the key."""
        return list(dict.fromkeys(dots.verdict for lines in self.groups.values() for dots in lines))


def dot_plot(groups: Mapping[str, Sequence[Dots]]) -> DotPlot | None:
    """Puts lines given in values on one common scale; None where nothing was obtained."""
    every = [dots for lines in groups.values() for dots in lines]
    if not any(dots.obtained is not None for dots in every):
        return None
    values = [v for d in every for v in (d.reported, d.obtained, d.low, d.high) if v is not None]
    place = scale(values, 0, 100)

    def placed(dots: Dots) -> Dots:
        def at(value: float | None) -> float | None:
            return None if value is None else place(value)

        return dataclasses.replace(
            dots,
            reported=at(dots.reported),
            obtained=at(dots.obtained),
            low=at(dots.low),
            high=at(dots.high),
        )

    return DotPlot(place.ticks(), {name: [placed(d) for d in lines] for name, lines in groups.items()})


def _finite(points: Sequence[Point]) -> list[Point]:
    return [(a, b) for a, b in points if math.isfinite(a) and math.isfinite(b)]


def _thinned(points: list[Point]) -> list[Point]:
    """Evenly chosen points, always with the first and the last."""
    if len(points) <= MOST_POINTS:
        return points
    return [points[round(k * (len(points) - 1) / (MOST_POINTS - 1))] for k in range(MOST_POINTS)]


def _path(points: Sequence[Point], x: Scale, y: Scale) -> str:
    places = [f"{x(a):g} {y(b):g}" for a, b in points]
    return "M" + "L".join(places if len(places) > 1 else places * 2)
