"""The datasets in words: where each was found, how much of it is there, what to fetch."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from data_builders import catalog
from data_builders.counting import against
from data_builders.known_files import recognise_files
from data_builders.published import DATASETS, Dataset, locate


def describe(data_dir: Path | str) -> str:
    """Every dataset: found where, how much of what was published; else how to get it, the tree to make."""
    return "\n\n".join(describe_one(about, data_dir) for about in DATASETS.values())


def describe_one(about: Dataset, data_dir: Path | str) -> str:
    """One of them."""
    lines, root = [f"{about.name}: {about.title}"], locate(about.name, data_dir)
    if root is None:
        fetch = f"python -m reproductions get {about.name}, or by hand:"
        where = f"not found in {Path(data_dir) / about.name}"
        return "\n".join([*lines, where, fetch, about.instructions])
    scan = catalog.scan(about.name, data_dir)
    lines.append(f"found in {root}")
    counts = Counter(about.classes[image.label] for image in scan.images if image.file)
    files = {image.name: image.file for image in scan.images if image.file}
    lines += [against(counts, about), *scan.notes]
    lines += [f"compared: {recognise_files(about.name, files)}"] if files else []
    kinds = Counter(problem.kind for problem in scan.all_problems())
    if kinds:
        lines.append("not taken: " + ", ".join(f"{count:,} {kind}" for kind, count in kinds.items()))
    return "\n".join(lines)
