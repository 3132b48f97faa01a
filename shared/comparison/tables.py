"""A paper's numbers as it prints them (`reported.csv`), and what runs give for them."""

from __future__ import annotations

import csv
import dataclasses
import functools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from shared.base.errors import UserError
from shared.comparison.prediction import NO_IMAGES, NO_SPREAD, Images, Spread
from shared.comparison.reported_lines import RATE_UNITS, SCALES, problem_of, unknown_word
from shared.comparison.words import Words

__all__ = ["RATE_UNITS", "Obtained", "Reported", "count_text", "load_reported"]


def count_text(value: float) -> str:
    """A count, or a mean of counts, as it is shown everywhere."""
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"


@dataclasses.dataclass(frozen=True)
class Reported:
    """One number of a paper, as it is printed (a line of reported.csv)."""

    place: str
    row: str
    label: str
    class_name: str
    split: str
    metric: str
    operator: str
    value: str
    """As printed; empty for a bar in a figure, which is no number."""
    spread: str
    """The printed ±."""
    unit: str
    decimals: int
    source: str
    by: str
    take: str
    """How it is taken: the mean over draws, of the pooled predictions, of the draw that is best on
    validation, or of the best or worst of several rows."""
    unstated: str
    """A note for the reader: the point that the text leaves open."""
    note: str
    runs: int = 0
    """How many runs it is the mean of; 1 where the text is silent; 0 for a number without noise."""
    design: str = ""
    """Which test images both sides have (`prediction.DESIGNS`); empty for a number without noise."""
    effect: str = ""
    """The smallest effect that the paper claims on the strength of such numbers, in the unit."""
    setup_place: str = ""
    """Where runs, design and effect are from."""
    spread_unusable: str = ""
    """Why the printed ± cannot serve as a standard deviation of the runs; empty where it can."""
    over: str = ""
    """The label of the others' row that a gain is over; empty for a gain over a row of the paper."""
    class_from: str = ""
    """Whether the 'text' names the class, or it is 'inferred'."""

    @property
    def rows(self) -> tuple[str, ...]:
        """The row ids; several where the text leaves open which one it means."""
        return tuple(self.row.split())

    @property
    def candidates(self) -> tuple[str, ...]:
        """The rows that the text may mean, where it leaves that open."""
        of_all = self.take in ("best-row", "worst-row") or self.metric.startswith("gain_")
        return () if of_all or len(self.rows) < 2 else self.rows

    @functools.cached_property
    def number(self) -> float:
        """The value in its unit."""
        return float(self.value) if self.value else float("nan")

    @functools.cached_property
    def step(self) -> float:
        """One unit of the last printed digit, in its unit."""
        return 10.0**-self.decimals

    @functools.cached_property
    def scale(self) -> float:
        """The factor that turns the unit into a fraction (1 for a count)."""
        return SCALES[self.unit]

    @functools.cached_property
    def window(self) -> tuple[float, float]:
        """The values that round or truncate to the printed number, in its unit."""
        down = self.step if self.operator == "~" else self.step / 2
        # Nobody cuts off a count of whole things.
        up = self.step / 2 if self.unit == "count" and not self.decimals else self.step
        return self.number - down, self.number + up

    def text(self, value: float) -> str:
        """A value in its unit, with a digit more than is printed, down to a hundredth of a point."""
        if self.unit == "count":
            return count_text(value)
        finest = {"%": 2, "points": 2}.get(self.unit, 4)
        return f"{value:.{max(min(max(self.decimals, 0) + 1, finest), self.decimals)}f}"

    @property
    def question(self) -> tuple[str, str, str, str, str]:
        """The question it asks of our runs: row, class, split, metric, take."""
        take = "median" if self.operator == "most draws" else self.take
        return self.row, self.class_name, self.split, self.metric, take


REPORTED_COLUMNS = tuple("class" if f.name == "class_name" else f.name for f in dataclasses.fields(Reported))


def load_reported(path: Path, words: Words | None = None) -> list[Reported]:
    """Reads a reported.csv; a line that breaks the schema, or uses an unknown word, is an error naming it.

    Its columns are the fields of `Reported`, `class_name` being called `class`.
    """
    found = []
    for number, line in _lines(path, REPORTED_COLUMNS):
        line["class_name"] = line.pop("class")
        wrong = problem_of(line) or (words and unknown_word(line, words))
        if wrong:
            raise UserError(f"{path}, line {number}: {wrong}")
        typed: dict[str, Any] = {**line, "take": line["take"] or "mean"}
        typed |= {name: int(line[name] or 0) for name in ("decimals", "runs")}
        found.append(Reported(**typed))
    return found


def _lines(path: Path, columns: Sequence[str]) -> Iterable[tuple[int, dict[str, str]]]:
    try:
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != tuple(columns):
                raise UserError(f"{path}: the columns must be {','.join(columns)}")
            for line in reader:
                if None in line or None in line.values():
                    raise UserError(f"{path}, line {reader.line_num}: not {len(columns)} columns")
                yield reader.line_num, line
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error


# --- what runs give --------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Obtained:
    """What our runs give for one question, as a fraction or count."""

    row: str
    draw_count: int
    class_name: str
    split: str
    metric: str
    take: str
    value: float
    std: float
    low: float
    high: float
    n: int
    """Test images the metric is a share of, or of the split; over one draw."""
    unit: str
    precision: str = ""
    overrides: str = ""
    seconds: float = 0.0
    date: str = ""
    wanted_draws: int = 0
    """As many as the row's config asks for."""
    other_data: str = ""
    """Why these runs cannot be held against the paper, '' where they can."""
    data_caveats: tuple[str, ...] = ()
    """What of their data and weights is not as published."""
    demo: bool = False
    values: tuple[float, ...] = ()
    """Of each draw; of the selected one alone where the paper's number is of a selected run."""
    spread: Spread = NO_SPREAD
    """Of all draws; of their logarithms for numbers of epochs."""
    images: Images = NO_IMAGES
    """The noise that test images give one draw."""
    covers: str = ""
    """What the interval speaks of."""

    @property
    def question(self) -> tuple[str, str, str, str, str]:
        return self.row, self.class_name, self.split, self.metric, self.take
