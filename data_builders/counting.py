"""How many images there are of each class, in words, against what is published."""

from __future__ import annotations

from collections import Counter

from data_builders.published import Dataset, dataset
from data_builders.table import Table


def counts_line(table: Table) -> str:
    """How many images of each class a table holds, against the published counts."""
    counts = Counter(table.classes[label] for label in table.label)
    return f"{table.dataset}: {against(counts, dataset(table.dataset))}"


def against(counts: Counter, about: Dataset) -> str:
    """Counts by class, and whether they are the published ones, a subset, or another set."""
    total, published = sum(counts.values()), sum(about.counts.values())
    each = [
        f"{name} {counts[name]:,}"
        + (f" of {about.counts[name]:,}" if counts[name] != about.counts.get(name) else "")
        for name in about.classes
        if counts[name] or about.counts.get(name)
    ]
    verdict = (
        "as published"
        if counts == Counter(about.counts)
        else f"published: {published:,}, so NOT the same set"
    )
    if all(counts[name] <= about.counts.get(name, 0) for name in about.classes) and total < published:
        verdict = f"a subset of the published {published:,}"
    return f"{total:,} images ({verdict}): {', '.join(each)}"
