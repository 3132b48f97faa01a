"""The words that reported.csv and claims may use: a misspelt one is an error, not a row that never runs."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from shared.base.errors import UserError
from shared.base.text import nearest
from shared.comparison import metrics

SPLITS = ("training", "validation", "test")
FACTS = (
    *("parameters", "trainable_parameters", "weights_mb", "epochs", "epochs_to_threshold"),
    *("training_accuracy", "seconds_per_epoch", "ms_per_step"),
)
"""Numbers that are no metric of predictions, and that the run of any paper may note."""
DERIVED = ("gain_points", "gain_relative", "spread_range")
"""Numbers of several rows."""
METRICS = (*sorted(metrics.CONFUSION_METRICS), *metrics.CALIBRATION_METRICS, "auc", *FACTS, *DERIVED)

_KINDS = {  # what an argument of a claim's test is called -> the kind of word it is
    **dict.fromkeys(("row", "other_row", "better_row", "worse_row", "rows"), "row"),
    "metric": "metric",
    "class_name": "class",
    "split": "split",
}


@dataclasses.dataclass(frozen=True)
class Words:
    """What a paper's numbers and claims may be about."""

    rows: tuple[str, ...]
    classes: tuple[str, ...]
    """Of its printed test sets; none where it states none."""
    facts: tuple[str, ...]
    """Its own facts."""

    def known(self, kind: str) -> tuple[str, ...]:
        """All words of a kind: row, metric, class or split."""
        metrics = (*METRICS, *self.facts)
        return {"row": self.rows, "metric": metrics, "class": self.classes, "split": SPLITS}[kind]

    def problem(self, kind: str, word: str) -> str | None:
        """What is wrong with a word, or None; a paper that states no test set may use any class."""
        known = self.known(kind)
        return problem(kind, word, known) if known or kind != "class" else None


def problem(kind: str, word: str, known: Collection[str]) -> str | None:
    """None for a known word, else that it is none and which known ones are nearest."""
    return None if word in known else f"{kind} '{word}' is not known; nearest: {nearest(word, known)}"


# --- of claims -------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Asking:
    """A claim's test that knows by which words it asks, and where it is written."""

    test: Callable[..., Any]
    words: tuple[tuple[str, str, str], ...]
    """(place, kind, word)."""
    kind: str = ""
    """The name of the test: `beats`, `all_of`."""
    given: Mapping[str, Any] = dataclasses.field(default_factory=dict, compare=False)
    """What it was made with, by the names of its arguments."""

    def __call__(self, runs: Any, *tail: float) -> Any:
        return self.test(runs, *tail)


def asking(factory: Callable[..., Callable[..., Any]]) -> Callable[..., Asking]:
    """Decorates a function that makes tests of claims: its rows, metrics, classes and splits are checked.

    They are known by the names of its arguments: row, rows, metric, class_name, split.
    """
    signature = inspect.signature(factory)

    @functools.wraps(factory)
    def made(*args: Any, **kwargs: Any) -> Asking:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        caller = sys._getframe(1)
        place = f"{Path(caller.f_code.co_filename).name}, line {caller.f_lineno}"
        parts = [part for part in args if isinstance(part, Asking)]
        words = [(place, kind, word) for kind, word in _words(given.arguments)]
        every = (*words, *(word for part in parts for word in part.words))
        return Asking(factory(*args, **kwargs), every, factory.__name__, dict(given.arguments))

    return made


def _words(arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, value in arguments.items():
        if name == "bars":  # a metric, or several with a class each
            bars = [(value, None)] if isinstance(value, str) else value
            found += [word for bar in bars for word in zip(("metric", "class"), bar, strict=True) if word[1]]
        elif name in _KINDS and value:
            words = [value] if isinstance(value, str) else list(value)
            found += [(_KINDS[name], word) for word in words]
    return found


def check_tests(tests: Mapping[str, Callable[[Any], Any]], words: Words) -> None:
    """An error for the first unknown word of these tests (claim id -> test)."""
    for claim, test in tests.items():
        for place, kind, word in test.words if isinstance(test, Asking) else ():
            wrong = words.problem(kind, word)
            if wrong:
                raise UserError(f"{place}, claim {claim}: {wrong}")
