"""Printed numbers as arithmetic sees them: what each stands for, of how many images it is a share."""

from __future__ import annotations

import dataclasses
import fnmatch
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

    @property
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
    """The rows that these cells stand in, each once."""
    return tuple(dict.fromkeys(row for row, _ in rates))


# --- what a printed number stands for --------------------------------------------------------------------


def window(r: Reported) -> tuple[float, float]:
    """As fractions: everything that rounds or truncates to it."""
    return tuple(edge * r.scale for edge in r.window)


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
    """The number of images that a rate is a share of, over all draws."""
    if r.metric == "accuracy":
        return sizes.total * sizes.draws
    own = sizes.counts.get(positive or r.class_name, 0)
    return (sizes.total - own if r.metric == "specificity" else own) * sizes.draws


def fold_sizes(total: int, folds: int) -> list[int]:
    """Images per fold, as equal as can be."""
    return [total // folds + (i < total % folds) for i in range(folds)]


def readings(numbers: Sequence[Reported], classes: Sequence[str]) -> dict[str, dict[str, Reported]]:
    """Positive class ('' where every class has its own) -> class -> its printed recall."""
    sensitivity, specificity = (cells(numbers, name) for name in ("sensitivity", "specificity"))
    if len(classes) == 2 and len(sensitivity) == 1 and len(specificity) == 1:
        one, other = classes
        pair = sensitivity[0], specificity[0]
        return {
            one: dict(zip((one, other), pair, strict=True)),
            other: dict(zip((other, one), pair, strict=True)),
        }
    recalls = {c: recall_of(numbers, c) for c in classes}
    return {} if None in recalls.values() else {"": recalls}


def positive_classes(rows: Rows, sizes: PrintedSet) -> dict[str, int]:
    """Class read as positive ('' for each its own) -> rows whose accuracy then follows; best first."""
    found = {}
    for name in dict.fromkeys(n for numbers in rows.values() for n in readings(numbers, list(sizes.counts))):
        gaps = [accuracy_gap(numbers, name, sizes) for numbers in rows.values()]
        found[name] = sum(gap is not None and gap[1] for gap in gaps)
    return dict(sorted(found.items(), key=lambda item: -item[1])) or {"": 0}


def accuracy_gap(numbers: Sequence[Reported], name: str, sizes: PrintedSet) -> tuple[float, bool, str] | None:
    """Computed minus printed accuracy (a fraction), whether the digits allow it, and the computation."""
    recalls = readings(numbers, list(sizes.counts)).get(name)
    accuracy = next(iter(cells(numbers, "accuracy")), None)
    if recalls is None or accuracy is None:
        return None
    n, total = sizes.counts, sizes.total
    value = sum(n[c] * r.number * r.scale for c, r in recalls.items()) / total
    terms = " + ".join(f"{n[c]}×{r.value}" for c, r in recalls.items())
    shown = f"({terms})/{total} = {show(accuracy, value)}, printed {as_printed(accuracy)}"
    return value - accuracy.number * accuracy.scale, _accuracy_allowed(recalls, accuracy, sizes), shown


def _accuracy_allowed(recalls: Mapping[str, Reported], accuracy: Reported, sizes: PrintedSet) -> bool:
    """Whether right decisions that the recalls allow can add up to the accuracy.

    Whole ones where it is known of how many images. What is allowed for a class are whole numbers in a row,
    so that a sum can be any between the ends.
    """
    images = {c: sizes.counts[c] * sizes.draws for c in recalls}
    bottom, top = (edge * sizes.total * sizes.draws for edge in window(accuracy))
    ends = {c: [edge * images[c] for edge in window(r)] for c, r in recalls.items()}
    counted = sizes.draws > 1 or not any(averaged(r, sizes) for r in (accuracy, *recalls.values()))
    whole = [_whole_between(*pair) for pair in (*ends.values(), (bottom, top))]
    if counted and all(low <= high for low, high in whole):
        *classes, of_all = whole
        low, high = (sum(pair[end] for pair in classes) for end in (0, 1))
        return low <= of_all[1] and high >= of_all[0]
    low, high = (sum(pair[end] for pair in ends.values()) for end in (0, 1))
    return low <= top + 1e-9 and high >= bottom - 1e-9


def _whole_between(low: float, high: float) -> tuple[int, int]:
    """The first and the last whole number from low up to, but without, high."""
    return math.ceil(low - 1e-9), math.ceil(high - 1e-9) - 1
