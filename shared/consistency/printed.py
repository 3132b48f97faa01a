"""The interval that a printed number covers, and how many images it is a share of."""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
import math
from collections.abc import Iterable, Mapping, Sequence

from shared.comparison import Reported

FITS, READING, MISFIT = "fits", "fits one reading", "does not fit"
KINDS = (FITS, READING, MISFIT)
RATES = ("accuracy", "sensitivity", "recall", "specificity")
"""Metrics that are a share of a known number of images."""


@dataclasses.dataclass(frozen=True)
class PrintedSet:
    """The images that some rows of a paper were scored on, as the paper states them."""

    rows: tuple[str, ...]
    """Row ids, or labels of others' rows; * is a wildcard."""
    counts: Mapping[str, int]
    """Class -> images in one test set."""
    draws: int = 1
    """How many such test sets a printed number is the mean over."""
    folds: int = 1
    """For a cross-validation: the counts are those of all folds together."""
    whole: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """Class -> images in the whole data set, where the test set is a part of it; other parts are tried."""
    place: str = ""
    """Where the paper says so."""
    repeats: tuple[str, ...] = ()
    """Places that show another run of the same rows, as the paper announces: these numbers may differ."""

    @functools.cached_property
    def total(self) -> int:
        return sum(self.counts.values())

    def covers(self, row: str) -> bool:
        """Whether these sizes are those of a row."""
        return any(fnmatch.fnmatchcase(row, pattern) for pattern in self.rows)

    def __str__(self) -> str:
        sizes = "/".join(str(n) for n in self.counts.values())
        drawn = f", mean over {self.draws} draws" if self.draws > 1 else ""
        return f"{self.total} images ({sizes} {'/'.join(self.counts)}){drawn}"


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing the arithmetic shows, in plain words, with the computation."""

    kind: str
    check: str
    rows: tuple[str, ...]
    text: str
    computation: tuple[str, ...] = ()


Rows = Mapping[str, Sequence[Reported]]
Cell = tuple[str, Reported]


def by_row(reported: Iterable[Reported]) -> dict[str, list[Reported]]:
    """Row id (of candidates, the first), or the label of a row by others -> its printed numbers."""
    rows: dict[str, list[Reported]] = {}
    for r in reported:
        if r.value and (len(r.rows) <= 1 or r.take == "best-validation"):
            rows.setdefault(r.rows[0] if r.rows else " ".join(r.label.split()), []).append(r)
    return rows


def cells(numbers: Iterable[Reported], *metrics: str) -> list[Reported]:
    """The test results of these metrics that are printed as a number, not as a bound."""
    return [r for r in numbers if r.metric in metrics and r.operator == "=" and r.split == "test"]


def first_cell(numbers: Iterable[Reported], class_name: str, *metrics: str) -> Reported | None:
    """The first of these metrics of a class; None where none is printed."""
    return next((r for r in cells(numbers, *metrics) if r.class_name == class_name), None)


def averaged(r: Reported, sizes: PrintedSet) -> bool:
    """Whether a number is a mean over draws or folds, so that it is not of one matrix of counts."""
    several = sizes.draws > 1 or sizes.folds > 1 or r.runs > 1 or bool(r.spread)
    return several and r.take != "pooled"


def of_known_images(r: Reported, sizes: PrintedSet) -> bool:
    """Whether it is known of how many images a number is a share in each draw.

    A fold's images are a part of all, but how many of them are of one class depends on how folds were made.
    """
    return sizes.folds == 1 or r.take == "pooled" or r.metric == "accuracy"


def recall_of(numbers: Iterable[Reported], class_name: str) -> Reported | None:
    """A class's recall, under either of its names."""
    return first_cell(numbers, class_name, "recall", "sensitivity")


def precision_of(numbers: Iterable[Reported], class_name: str) -> Reported | None:
    """A class's precision, under either of its names."""
    return first_cell(numbers, class_name, "precision", "ppv")


def row_names(rates: Sequence[Cell]) -> tuple[str, ...]:
    """The rows of these cells, each once."""
    return tuple(dict.fromkeys(row for row, _ in rates))


# --- what a printed number stands for --------------------------------------------------------------------


def window(r: Reported) -> tuple[float, float]:
    """As fractions: everything that rounds or truncates to it."""
    low, high = r.window
    return low * r.scale, high * r.scale


def rounds_to(r: Reported, value: float) -> bool:
    """Whether a value, rounded, is printed so."""
    return abs(value / r.scale - r.number) <= r.step / 2 + 1e-9


def truncates_to(r: Reported, value: float) -> bool:
    """Whether a value, cut off, is printed so."""
    return -1e-9 <= value / r.scale - r.number < r.step - 1e-9


def whole_number(r: Reported, grid: float) -> int | None:
    """The k for which k/grid is printed so; None if there is none."""
    nearest = round(r.number * r.scale * grid)
    near = (nearest, nearest - 1, nearest + 1)
    return next((k for k in near if rounds_to(r, k / grid) or truncates_to(r, k / grid)), None)


def neighbours(r: Reported, grid: int) -> str:
    """The two k/grid around a printed number."""
    below = math.floor(r.number * r.scale * grid)
    return " and ".join(f"{k}/{grid} = {show(r, k / grid)}" for k in (below, below + 1))


def chance_of(r: Reported, grid: float) -> float:
    """How likely a number that has nothing to do with this grid fits it all the same."""
    low, high = window(r)
    return min(1.0, (high - low) * grid)


def show(r: Reported, value: float) -> str:
    """A value in the unit of the number, with two more digits."""
    digits = max(r.decimals, 0) + 2
    return f"{value / r.scale:.{digits}f}" + ("%" if r.unit == "%" else "")


def as_printed(r: Reported) -> str:
    """The number with its per cent sign."""
    return r.value + ("%" if r.unit == "%" else "")


# --- of which images -------------------------------------------------------------------------------------


def images_behind(r: Reported, sizes: PrintedSet, positive: str) -> int:
    """The number of images that a rate is a share of, over all draws; 0 for a mean over classes.

    `positive` is the class that is read as the positive one where the text names none.
    """
    if r.metric == "accuracy":
        return sizes.total * sizes.draws
    own = sizes.counts.get(r.class_name if r.class_from == "text" else positive or r.class_name, 0)
    if not own:
        return 0
    return (sizes.total - own if r.metric == "specificity" else own) * sizes.draws


def fold_sizes(total: int, folds: int) -> list[int]:
    """Images per fold, as equal as can be."""
    return [total // folds + (i < total % folds) for i in range(folds)]
