"""Rows as published and clean, and test images that training has seen in some form."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from shared.base.files import write_text
from shared.base.wilson import wilson
from shared.comparison import Predictions, Run, by_row, difference, paired

CLEAN = "-clean"
"""The end of the id of a row's clean twin."""
COPY = "#"
"""Between an image and the number of a copy of it that augmentation made."""
LEAKS = "leaks.json"


@dataclasses.dataclass(frozen=True)
class Twin:
    """A row as published against its clean twin."""

    row: str
    clean: str
    draws: int
    effect: float
    """Accuracy as published minus clean."""
    low: float
    high: float
    paired: bool
    """Whether both were scored on the same images."""


def twins(rows: Iterable[str]) -> list[tuple[str, str]]:
    """Rows that have a clean twin, with it.

    >>> twins(["a", "b", "a-clean"])
    [('a', 'a-clean')]
    """
    names = list(rows)
    return [(row, row + CLEAN) for row in names if row + CLEAN in names]


def twin(row: str, clean: str, runs: Iterable[Run]) -> Twin | None:
    """The difference over the draws that both have: paired where they share test images, else not."""
    real = by_row(run for run in runs if len(run.of("test").true))
    if not real.get(row) or not real.get(clean):
        return None
    try:
        found = difference(real[row], real[clean])
    except KeyError:
        return None
    low, high = found.interval()
    return Twin(row, clean, len(found.values), found.mean, low, high, _same_images(real[row], real[clean]))


def _same_images(one: Sequence[Run], other: Sequence[Run]) -> bool:
    return all(a.of("test").sample == b.of("test").sample for a, b in paired(one, other))


# --- test images that training has seen ------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Leak:
    """The test images of one split, and those of them that training has seen in some form."""

    label: str
    test: frozenset[str]
    same: frozenset[str]
    """That are in training themselves."""
    duplicates: frozenset[str]
    """With a near duplicate in training."""
    patients: frozenset[str]
    """With another image of their patient in training."""

    @property
    def seen(self) -> frozenset[str]:
        return self.same | self.duplicates | self.patients


def leak(
    label: str,
    parts: Mapping[str, Iterable[str]],
    patient: Mapping[str, str],
    pairs: Iterable[tuple[str, str]],
) -> Leak:
    """Which test images have themselves, a near duplicate or their patient in any other part.

    >>> parts = {"training": ["a", "b"], "test": ["c", "d"]}
    >>> found = leak("draw 0", parts, {"a": "1", "d": "1"}, [("b", "c")])
    >>> sorted(found.seen)
    ['c', 'd']
    >>> sorted(leak("draw 0", {"training": ["a"], "test": ["a"]}, {"a": "1"}, []).patients)
    []
    """
    test = frozenset(parts["test"])
    others = {name for part, names in parts.items() if part != "test" for name in names}
    owned: dict[str, set[str]] = {}
    for name in others:
        owned.setdefault(patient.get(name, ""), set()).add(name)
    ends = [ends for a, b in pairs for ends in ((a, b), (b, a))]
    return Leak(
        label,
        test,
        test & others,
        frozenset(a for a, b in ends if a in test and b in others and a != b),
        frozenset(name for name in test if patient.get(name) and owned.get(patient[name], set()) - {name}),
    )


@dataclasses.dataclass(frozen=True)
class Apart:
    """Accuracy on test images that training has seen in some form, and on the others."""

    seen: int
    on_seen: float
    on_unseen: float
    low: float
    high: float
    """Wilson's interval on the others, by patients where they are known."""


def apart(predictions: Predictions, found: Leak) -> Apart:
    """The two accuracies; a copy that augmentation made is as much seen as its image."""
    seen = np.array([name.partition(COPY)[0] in found.seen for name in predictions.sample], bool)
    right = predictions.decided == predictions.true
    on_seen, on_unseen = (float(right[part].mean()) if part.any() else float("nan") for part in (seen, ~seen))
    owners = len(np.unique(predictions.groups[~seen]))
    low, high = wilson(on_unseen, owners) if owners else (float("nan"), float("nan"))
    return Apart(int(seen.sum()), on_seen, on_unseen, low, high)


def of_run(run: Run, found: Iterable[Leak]) -> Leak | None:
    """The split that a run was scored on: the one with the same test images."""
    scored = {name.partition(COPY)[0] for name in run.of("test").sample}
    return next((leak for leak in found if scored and leak.test == scored), None)


# --- on disk ---------------------------------------------------------------------------------------------


def place(out: Path, paper: str) -> Path:
    """Where what was found in a paper's splits is kept."""
    return Path(out) / "trust" / paper / LEAKS


def write(path: Path, found: Iterable[Leak]) -> None:
    """As JSON, names sorted."""
    lists = [
        {name: value if isinstance(value, str) else sorted(value) for name, value in vars(leak).items()}
        for leak in found
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(lists, indent=1) + "\n")


def read(path: Path) -> list[Leak]:
    """What was found; nothing where nobody has looked yet, or the file is not whole."""
    try:
        lists = json.loads(path.read_text(encoding="utf-8"))
        return [
            Leak(
                entry["label"],
                *(frozenset(entry[name]) for name in ("test", "same", "duplicates", "patients")),
            )
            for entry in lists
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []
