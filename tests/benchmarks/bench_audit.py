"""Near duplicates: figures that come twice in a changed form, found by us and by perceptual hashes."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from tests.benchmarks.measuring import Measured, Served, other_environment, seconds, tell
from tests.data_builders.test_near_duplicates import WAYS, figure, square

FIGURES, CHANGED = 9_000, 1_000
FEW, MANY, ALL = 1_000, 8_000, 200_000


def write_figures(folder: Path) -> set[tuple[str, str]]:
    """PNG files, the last of which are changed versions of the first; the pairs to be found."""
    ways = list(WAYS.values())
    for number in range(FIGURES):
        cv2.imwrite(str(folder / f"{number:05d}.png"), figure(number))
    for number in range(CHANGED):
        changed = np.ascontiguousarray(ways[number % len(ways)](figure(number)))
        cv2.imwrite(str(folder / f"{FIGURES + number:05d}.png"), changed)
    return {(f"{number:05d}.png", f"{FIGURES + number:05d}.png") for number in range(CHANGED)}


def ours(folder: Path) -> tuple[float, set[tuple[str, str]]]:
    """Seconds, and the pairs found."""
    from data_builders.near_duplicates import find

    files = sorted(folder.glob("*.png"))
    matches: list = []

    def search() -> None:
        squares = np.stack([square(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)) for path in files])
        matches.extend(find(squares))

    taken = seconds(search)
    ends = (sorted((files[match.first].name, files[match.second].name)) for match in matches)
    return taken, {(one, other) for one, other in ends}


def recall(found: set, planted: set) -> float:
    """The share of the planted pairs that were found."""
    return len(found & planted) / len(planted)


def precision(found: set, planted: set) -> float:
    """The share of the found pairs that were planted."""
    return len(found & planted) / max(len(found), 1)


def growth() -> dict[str, Measured]:
    """Of the time with the number of figures; above 6,000 images the search is by buckets."""
    from data_builders.near_duplicates import find

    squares = np.stack([square(figure(number)) for number in range(MANY)])
    few, many = (seconds(lambda n=n: find(squares[:n])) for n in (FEW, MANY))
    hours = many / MANY * ALL / 3600
    note = f"in buckets time grows with the images: {ALL:,} would take {hours:.1f} hours"
    return {"duplicates-growth": Measured([many / few], many, few, note)}


def against_hashes() -> dict[str, Measured]:
    """The three lines of the table, from one run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        planted = write_figures(folder)
        answer = json.loads(Served("hashes", folder, python=other_environment()).ask())
        theirs = {method: (taken, set(map(tuple, pairs))) for method, (taken, pairs) in answer.items()}
        taken, found = ours(folder)
    said = "; ".join(
        f"{method}: recall {recall(pairs, planted):.0%}, precision {precision(pairs, planted):.0%}, {t:.1f} s"
        for method, (t, pairs) in {"ours": (taken, found), **theirs}.items()
    )
    fastest = min(t for t, _ in theirs.values())
    lines = {"duplicates-time": Measured([taken / fastest], taken, fastest, said)}
    for name, share in (("recall", recall), ("precision", precision)):
        best = max(share(pairs, planted) for _, pairs in theirs.values())
        mine = share(found, planted)
        lines[f"duplicates-{name}"] = Measured([mine / best], mine, best, "shares, not seconds")
    return lines


if __name__ == "__main__":
    tell(growth() if sys.argv[1] == "duplicates-growth" else against_hashes())
