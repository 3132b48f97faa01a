"""A printed rate as arithmetic sees it: the shares that are printed so, and of how many images."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from shared.comparison import Reported
from shared.consistency.confusion_search import decisions
from shared.consistency.printed import (
    PrintedSet,
    as_printed,
    by_row,
    cells,
    images_behind,
    recall_of,
    rounds_to,
    truncates_to,
    window,
)
from shared.consistency.spreads import largest_spread
from shared.consistency.whole_images import sizes_that_fit

SYNONYMS = {"recall": "sensitivity", "precision": "ppv"}
SHARES = ("accuracy", "sensitivity", "specificity", "ppv", "npv")


@dataclasses.dataclass(frozen=True)
class Rate:
    """Every share that would be printed so lies between `low` and `high`.

    >>> Rate.of_count(1116, 1488).shown
    '1116 of 1488'
    """

    low: float
    high: float
    images: int
    shown: str
    count: int | None = None
    """The number of images, where only one is printed so."""
    std: float = 0.0
    """How much runs differ, where the paper lets one know; 0 where it does not."""
    runs: int = 1
    """How many runs the rate is the mean of."""
    df: int = 0
    """Degrees of freedom of the spread."""
    own_images: bool = True
    """Whether each run had test images of its own, so that the spread holds their noise."""
    fewest: bool = False
    """Whether `images` is the smallest number that the digits allow."""

    @classmethod
    def of_count(cls, count: int, images: int) -> Rate:
        """A rate whose count is known."""
        return cls(count / images, count / images, images, f"{count} of {images}", count)

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


@dataclasses.dataclass(frozen=True)
class Printed:
    """All that a paper prints of its own rows, and the test sets that its numbers ask for."""

    reported: Sequence[Reported]
    sizes: Mapping[str, PrintedSet]
    """Row -> its test set."""
    spread: Spread

    def numbers(self, row: str) -> list[Reported]:
        """What is printed of a row; also where the text leaves open which of several rows it means."""
        return [r for r in self.reported if row in (r.candidates or r.rows) and not _of_several(r)]

    def number(self, row: str, metric: str, class_name: str | None, split: str = "test") -> Reported | None:
        """The first number that is printed for this; None where there is none."""
        found = self._printed(row, metric, class_name, split)
        return found[0] if found else None

    def rate(self, row: str, metric: str, class_name: str | None, split: str = "test") -> Rate | None:
        """The rate that is printed for this, over all announced runs; None where there is none."""
        found = self._printed(row, metric, class_name, split)
        sizes = next((self.sizes[name] for r in found for name in (row, *r.rows) if name in self.sizes), None)
        if sizes is None or split != "test" or SYNONYMS.get(metric, metric) not in SHARES:
            return None
        rates = [one for r in found if (one := _rate(r, self.numbers(row), sizes)) is not None]
        return self.spread.added(_mean(rates), found, sizes) if rates else None

    def _printed(self, row: str, metric: str, class_name: str | None, split: str) -> list[Reported]:
        """The first number, and those of other runs that the paper announces."""
        same = [
            r
            for r in self.numbers(row)
            if SYNONYMS.get(r.metric, r.metric) == SYNONYMS.get(metric, metric)
            and (r.class_name, r.split, r.operator) == (class_name or "", split, "=")
        ]
        repeats = self.sizes[row].repeats if row in self.sizes else ()
        return [r for i, r in enumerate(same) if i == 0 or r.place in repeats]


def printed_by(reported: Iterable[Reported], printed_sets: Iterable[PrintedSet]) -> Printed:
    """A paper's own numbers, each row with the test set that these ask for."""
    own = [r for r in reported if r.by == "paper" and r.value]
    rows = by_row(own)
    sizes: dict[str, PrintedSet] = {}
    names = dict.fromkeys(name for r in own for name in r.rows)
    for stated in printed_sets:
        covered = {row: numbers for row, numbers in rows.items() if stated.covers(row)}
        _, (asked, *_) = sizes_that_fit(covered, stated)
        sizes |= {name: asked for name in names if stated.covers(name)}
    return Printed(own, sizes, _repeated(rows, sizes))


def _of_several(r: Reported) -> bool:
    return r.take in ("best-row", "worst-row") or r.metric.startswith(("gain_", "spread_range"))


# --- one number ------------------------------------------------------------------------------------------


def _rate(r: Reported, numbers: Sequence[Reported], sizes: PrintedSet) -> Rate | None:
    """A number with its images: known for recalls, else as many as the other numbers or the digits say."""
    low, high = window(r)
    metric = SYNONYMS.get(r.metric, r.metric)
    if metric in ("ppv", "npv"):
        return _of_decided(r, numbers, sizes)
    images = images_behind(r, sizes, "")
    if not images:
        return None
    counts, shown = counts_allowed(r, images), f"{as_printed(r)} ({images:,} images)"
    if not counts:
        return Rate(max(0.0, low), min(1.0, high), images, shown)
    if len(counts) == 1:
        return Rate.of_count(counts[0], images)
    ends = counts[0] / images, counts[-1] / images
    return Rate(*ends, images, shown)


def counts_allowed(r: Reported, images: int) -> list[int]:
    """All whole numbers of images that are printed so, rounded or cut off."""
    low, high = (edge * images for edge in window(r))
    near = range(max(0, math.floor(low)), min(images, math.ceil(high)) + 1)
    return [k for k in near if rounds_to(r, k / images) or truncates_to(r, k / images)]


def _of_decided(r: Reported, numbers: Sequence[Reported], sizes: PrintedSet) -> Rate:
    """A share of the images decided so: where the matrices leave several numbers of them, the fewest."""
    low, high = window(r)
    pairs = decisions(numbers, sizes).get(r.class_name, set()) if r.metric in ("ppv", "precision") else set()
    if len(pairs) == 1:
        return Rate.of_count(*next(iter(pairs)))
    images = min((decided for _, decided in pairs), default=0) or _fewest_decided(r, numbers, sizes)
    shown = f"{as_printed(r)} of at least {images}"
    return Rate(max(0.0, low), min(1.0, high), images, shown, fewest=True)


def _fewest_decided(r: Reported, numbers: Sequence[Reported], sizes: PrintedSet) -> int:
    """From the recall where it is printed, else the first number of images that can give the digits."""
    recall, own = recall_of(numbers, r.class_name), sizes.counts.get(r.class_name, 0)
    if recall is not None and r.metric in ("ppv", "precision"):
        return max(1, math.floor(window(recall)[0] * own / min(1.0, window(r)[1])))
    if recall is not None:
        missed = 1 - min(1.0, window(recall)[1])
        least = missed * own / max(1 - window(r)[0], 1e-9)
        return max(1, math.floor(min(least, sizes.total)))
    return next(n for n in range(1, sizes.total + 2) if counts_allowed(r, n) or n > sizes.total)


def _mean(rates: Sequence[Rate]) -> Rate:
    """Of several printed runs on one test set: the images stay as many as they are."""
    if len(rates) == 1:
        return rates[0]
    low, high = (float(np.mean([getattr(rate, end) for rate in rates])) for end in ("low", "high"))
    shown = " and ".join(dict.fromkeys(rate.shown for rate in rates))
    return dataclasses.replace(rates[0], low=low, high=high, shown=shown, count=None, runs=len(rates))


# --- how much runs differ --------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Spread:
    """What two announced runs of one setting tell about training, relative to p(1 − p)."""

    squares: float = 0.0
    pairs: int = 0

    def added(self, rate: Rate, numbers: Sequence[Reported], sizes: PrintedSet) -> Rate:
        """The rate with the printed ± of its runs, else with the spread of the announced repetitions."""
        r = numbers[0]
        if r.spread and not r.spread_unusable:
            runs = sizes.draws if sizes.draws > 1 else max(r.runs, 2)
            return dataclasses.replace(rate, std=largest_spread(r), runs=runs, df=runs - 1)
        if not self.pairs:
            return rate
        std = math.sqrt(self.squares / self.pairs * rate.middle * (1 - rate.middle))
        return dataclasses.replace(rate, std=std, df=self.pairs, own_images=False)


def _repeated(rows: Mapping[str, Sequence[Reported]], sizes: Mapping[str, PrintedSet]) -> Spread:
    """From accuracies that are printed for two runs of a row, as the paper announces."""
    squares = []
    for row, numbers in rows.items():
        repeats = sizes[row].repeats if row in sizes else ()
        again = [r for r in cells(numbers, "accuracy") if r.place in repeats]
        first = [r for r in cells(numbers, "accuracy") if r.place not in repeats][:1]
        squares += [_squared_difference(*pair) for pair in itertools.product(first, again)]
    return Spread(sum(squares), len(squares))


def _squared_difference(a: Reported, b: Reported) -> float:
    """Half of the squared difference, with the variance that rounding adds, relative to p(1 − p)."""
    p, q = a.number * a.scale, b.number * b.scale
    rounding = ((a.step * a.scale) ** 2 + (b.step * b.scale) ** 2) / 12
    middle = (p + q) / 2
    return ((p - q) ** 2 + rounding) / 2 / max(middle * (1 - middle), 1e-9)
