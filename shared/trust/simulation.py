"""How often printed numbers of honest tables seem to show a difference, and how often a true one shows."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from shared.base.files import write_text
from shared.base.text import markdown_table
from shared.comparison import Reported, beats
from shared.consistency.printed import PrintedSet
from shared.trust.judged import CONTRADICTED, PRINTED_RULE, SUPPORTED
from shared.trust.printed_claims import judge
from shared.trust.rates import printed_by

SIZES = (149, 496, 1488, 25658)
RATES = (0.75, 0.9, 0.98)
OVERLAPS = (0.0, 0.5, 0.9)
DIFFERENCES = (0.01, 0.02, 0.05, 0.10)
TIMES, TIMES_AGAIN = 2000, 20_000
"""Tables of each setting, and of one that seems to break the condition."""
MOST = 0.05
"""The largest share of honest tables whose numbers may be said to show a difference."""
CLAIM = beats("new", "old")

PAGE = """\
# What printed numbers can carry

`python -m reproductions trust --simulate` writes this page. It draws tables whose truth is known, prints
them as papers do, and asks of them the claim that one row beats the other, with the code that asks it of the
papers (`shared/trust/printed_claims.py`).

## The rule
{rule}
## Tables
Two rows are scored on n test images. A part of the images, the overlap, is decided alike by both. A row has
one run, or the mean of three, each on images of its own, with the ± of a training that makes runs vary by
1.5 points beyond what images do. Numbers are printed in per cent with two digits after the point, cut off or
rounded. {settings} settings with equal rows, {times:,} tables each.

## False alarms
Of tables with two equal rows, the share whose numbers are said to show a difference, either way. The largest
is {largest:.1%}; at most {most:.0%} is allowed. A setting that shows more is drawn again with {again:,}
tables, of which chance makes an exact 5% show as up to {limit:.1%}.

{alarms}
## Power
How often a true difference is found. Where both rows err on the same images, the interval is wider than need
be, since nothing printed says that they do: this is the price of not knowing.

{power}"""


@dataclasses.dataclass(frozen=True)
class Setting:
    """Two rows, how they are scored and printed."""

    images: int = 496
    rate: float = 0.9
    overlap: float = 0.0
    """The part of the images that both rows decide alike."""
    runs: int = 1
    training: float = 0.0
    """How much runs differ beyond what images do."""
    cut: bool = False
    difference: float = 0.0

    def tables(self, times: int) -> Iterator[list[Reported]]:
        """So many tables of two rows, as printed."""
        rng = np.random.default_rng([*repr(self).encode()])
        for _ in range(times):
            pairs = np.array([self._run(rng) for _ in range(self.runs)]).T
            yield [self._line(row, values) for row, values in zip(("new", "old"), pairs, strict=True)]

    def _run(self, rng: np.random.Generator) -> tuple[float, float]:
        """Shares of one run's images that the better and the worse row decide rightly."""
        n = self.images // self.runs
        of_old, of_new = np.clip(self.rate + rng.normal(0, self.training, 2) + (0, self.difference), 0, 1)
        alike = round(self.overlap * n)
        same = rng.random(alike)
        new, old = (
            np.count_nonzero(same < rate) + rng.binomial(n - alike, rate) for rate in (of_new, of_old)
        )
        return new / n, old / n

    def _line(self, row: str, values: np.ndarray) -> Reported:
        spread = f"{100 * values.std(ddof=1):.2f}" if self.runs > 1 else ""
        percent = 100 * values.mean()
        shown = np.floor(100 * percent + 1e-9) / 100 if self.cut else percent
        return Reported(
            *("Table 1", row, row, "", "test", "accuracy", "=", f"{shown:.2f}", spread, "%", 2),
            *("table", "paper", "mean", "", ""),
            runs=self.runs,
        )

    @property
    def stated(self) -> PrintedSet:
        """The test set that the paper states."""
        images = self.images // self.runs
        half = images // 2
        return PrintedSet(rows=("*",), counts={"a": half, "b": images - half}, draws=self.runs)


def settings() -> list[Setting]:
    """Equal rows: one run on overlapping images, or three runs on images of their own."""
    found = [
        Setting(n, rate, overlap, cut=cut)
        for n, rate, overlap, cut in itertools.product(SIZES, RATES, OVERLAPS, (False, True))
    ]
    several = itertools.product(SIZES[1:], RATES[:2], (0.0, 0.015))
    return found + [Setting(n, rate, runs=3, training=noise) for n, rate, noise in several]


def shares(setting: Setting, times: int) -> tuple[float, float]:
    """How often the numbers are said to show that the new row is better, and how often the opposite."""
    verdicts = [judge(CLAIM, printed_by(table, [setting.stated])).verdict for table in setting.tables(times)]
    return verdicts.count(SUPPORTED) / times, verdicts.count(CONTRADICTED) / times


def alarms(which: Iterable[Setting], times: int) -> list[tuple[Setting, float]]:
    """Of equal rows the share whose numbers are said to show a difference."""
    return [(setting, _alarm(setting, times)) for setting in which]


def _alarm(setting: Setting, times: int) -> float:
    """A share above the limit is measured again: the largest of many shares is partly luck."""
    share = sum(shares(setting, times))
    return sum(shares(setting, TIMES_AGAIN)) if share > MOST and times == TIMES else share


def write_page(path: Path, times: int = TIMES) -> list[str]:
    """Runs the simulation and writes the page; returns the settings with too many false alarms."""
    found = alarms(settings(), times)
    limit = MOST + 2 * np.sqrt(MOST * (1 - MOST) / TIMES_AGAIN)
    broken = [f"{share:.1%} false alarms: {setting}" for setting, share in found if share > limit]
    page = PAGE.format(
        rule="".join(f"> {line}\n" for line in PRINTED_RULE.splitlines()),
        settings=len(found),
        times=times,
        largest=max(share for _, share in found),
        most=MOST,
        again=TIMES_AGAIN,
        limit=limit,
        alarms=_alarms(found),
        power=_power(times),
    )
    write_text(path, page)
    return broken


def _alarms(found: Sequence[tuple[Setting, float]]) -> str:
    kinds: dict[str, dict[int, float]] = {}
    for setting, share in found:
        of_size = kinds.setdefault(_kind(setting), {})
        of_size[setting.images] = max(share, of_size.get(setting.images, 0.0))
    rows = [[kind, *(f"{of[n]:.1%}" if n in of else "" for n in SIZES)] for kind, of in kinds.items()]
    return markdown_table(["Largest share", *(f"n = {n:,}" for n in SIZES)], rows)


def _kind(setting: Setting) -> str:
    if setting.runs > 1:
        return f"3 runs of n/3 images, training {100 * setting.training:g} points"
    return f"one run, {setting.overlap:.0%} decided alike"


def _power(times: int) -> str:
    rows = []
    for rate, overlap in itertools.product((0.75, 0.88), (0.0, 0.9)):
        for n in SIZES:
            wanted = [Setting(n, rate, overlap, difference=d) for d in DIFFERENCES]
            found = [shares(setting, max(times // 4, 1))[0] for setting in wanted]
            rows.append([f"{n:,}", f"{rate:.0%}", f"{overlap:.0%}", *(f"{share:.0%}" for share in found)])
    heads = [f"{100 * d:g} point{'s' * (d > 0.01)} better" for d in DIFFERENCES]
    return markdown_table(["n", "Rate", "Decided alike", *heads], rows)
