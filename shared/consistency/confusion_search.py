"""Is there any confusion matrix of whole numbers with these precisions, recalls and this accuracy?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

from shared.comparison import Reported
from shared.consistency.printed import (
    FITS,
    MISFIT,
    READING,
    Finding,
    PrintedSet,
    Rows,
    as_printed,
    averaged,
    cells,
    neighbours,
    precision_of,
    recall_of,
    rounds_to,
    show,
    truncates_to,
    whole_number,
)

SEARCHABLE = 1000
"""More images than this make the search long and the printed digits too coarse to exclude anything."""
MOST = 3_000_000
"""More combinations of the classes' counts than this take minutes."""

Allows = Callable[[Reported, float], bool]


def confusion_exists(rows: Rows, sizes: PrintedSet) -> list[Finding]:
    """Is there any confusion matrix of whole numbers with these precisions, recalls and this accuracy?

    A mean over several matrices is of none.
    """
    return [_confusion_finding(row, n, sizes) for row, n in rows.items() if _can_be_searched(n, sizes)]


def decisions(numbers: Sequence[Reported], sizes: PrintedSet) -> dict[str, set[tuple[int, int]]]:
    """Class -> (hits, decided) in any matrix that the numbers allow; empty where none can be looked for."""
    if not _can_be_searched(numbers, sizes):
        return {}
    found: dict[str, set[tuple[int, int]]] = {}
    for matrix in _confusions(numbers, sizes, _either):
        for c, pair in zip(sizes.counts, matrix, strict=True):
            found.setdefault(c, set()).add(pair)
    return found


def _confusion_finding(row: str, numbers: Sequence[Reported], sizes: PrintedSet) -> Finding:
    rounded = next(_confusions(numbers, sizes, rounds_to), None)
    any_way = rounded or next(_confusions(numbers, sizes, _either), None)
    given = ", ".join(
        f"{r.metric} {r.class_name} {as_printed(r)}".replace("  ", " ") for r in _used(numbers, sizes)
    )
    if any_way is None:
        text = f"{row}: no confusion matrix of {sizes} has {given}."
        why = tuple(_why_none(numbers, sizes)) or (
            "each number alone is possible, but not all of them together",
        )
        return Finding(MISFIT, "confusion matrix", (row,), text, why)
    hits = ", ".join(
        f"{c}: {hit} of {decided} decided right"
        for c, (hit, decided) in zip(sizes.counts, any_way, strict=True)
    )
    how = "" if rounded else ", if some of the values are cut off instead of rounded"
    text = f"{row}: there is a confusion matrix of {sizes} with {given}{how}."
    return Finding(FITS if rounded else READING, "confusion matrix", (row,), text, (f"for example {hits}",))


def _either(r: Reported, value: float) -> bool:
    return rounds_to(r, value) or truncates_to(r, value)


def _used(numbers: Sequence[Reported], sizes: PrintedSet) -> list[Reported]:
    """The first accuracy, and the first precision and recall of each class."""
    found = cells(numbers, "accuracy")[:1]
    for c in sizes.counts:
        found += [r for r in (precision_of(numbers, c), recall_of(numbers, c)) if r is not None]
    return found


def _confusions(
    numbers: Sequence[Reported], sizes: PrintedSet, allows: Allows
) -> Iterator[list[tuple[int, int]]]:
    """Per class (hits, decided) of matrices that the printed numbers allow."""
    total = sizes.total
    correct, options = _correct(numbers, total, allows), _options(numbers, sizes, allows)
    last = set(options[-1])
    for chosen in itertools.product(*options[:-1]):
        decided = total - sum(d for _, d in chosen)
        for k in correct:
            rest = (k - sum(hit for hit, _ in chosen), decided)
            if rest in last and _off_diagonal_exists([*chosen, rest], list(sizes.counts.values())):
                yield [*chosen, rest]


def _can_be_searched(numbers: Sequence[Reported], sizes: PrintedSet) -> bool:
    """Whether all that is needed is printed, of one matrix, and all can be gone through in seconds."""
    if sizes.draws > 1 or sizes.total > SEARCHABLE or any(averaged(r, sizes) for r in _used(numbers, sizes)):
        return False
    if not (cells(numbers, "accuracy") and all(precision_of(numbers, c) for c in sizes.counts)):
        return False
    tried = math.prod(len(of_class) for of_class in _options(numbers, sizes, _either)[:-1])
    return tried * len(_correct(numbers, sizes.total, _either)) <= MOST


def _correct(numbers: Sequence[Reported], total: int, allows: Allows) -> set[int]:
    """The numbers of right decisions that the accuracy allows."""
    accuracy = cells(numbers, "accuracy")[0]
    return {k for k in range(total + 1) if allows(accuracy, k / total)}


def _options(numbers: Sequence[Reported], sizes: PrintedSet, allows: Allows) -> list[list[tuple[int, int]]]:
    return [_class_options(numbers, c, n, sizes.total, allows) for c, n in sizes.counts.items()]


def _class_options(
    numbers: Sequence[Reported], c: str, n: int, total: int, allows: Allows
) -> list[tuple[int, int]]:
    """(hits, decided) of one class that its precision, and its recall where printed, allow."""
    precision, recall = precision_of(numbers, c), recall_of(numbers, c)
    return (
        []
        if precision is None
        else [
            (hit, decided)
            for hit in range(n + 1)
            if recall is None or allows(recall, hit / n)
            for decided in range(hit, hit + total - n + 1)
            if allows(precision, hit / max(decided, 1))  # never decided for, it is commonly printed as 0
        ]
    )


def _off_diagonal_exists(chosen: Sequence[tuple[int, int]], counts: Sequence[int]) -> bool:
    """Missed and wrongly decided images can be paired off: none of a class with its own."""
    missed = [n - hit for (hit, _), n in zip(chosen, counts, strict=True)]
    wrong = [decided - hit for hit, decided in chosen]
    return all(m + w <= sum(missed) for m, w in zip(missed, wrong, strict=True))


def _why_none(numbers: Sequence[Reported], sizes: PrintedSet) -> Iterator[str]:
    """The numbers that are already impossible alone or in pairs."""
    accuracy, total = cells(numbers, "accuracy")[0], sizes.total
    if whole_number(accuracy, total) is None:
        yield f"accuracy {as_printed(accuracy)}: {neighbours(accuracy, total)}"
    for c, n in sizes.counts.items():
        recall, precision = recall_of(numbers, c), precision_of(numbers, c)
        hits = whole_number(recall, n) if recall is not None else None
        if recall is None or precision is None or not hits:
            continue
        if not any(_either(precision, hits / d) for d in range(hits, total + 1)):
            shown = ", ".join(f"{hits}/{d} = {show(precision, hits / d)}" for d in range(hits, hits + 3))
            yield (
                f"{c}: recall {as_printed(recall)} is {hits}/{n}; then precision is {shown}, …, "
                f"not {as_printed(precision)}"
            )
