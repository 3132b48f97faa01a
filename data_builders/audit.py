"""An honest look at a split: duplicates, patients on both sides, and what gives the class away but the image.

What is found is told in sentences (`audit.txt`), as data (`audit.json`), and as one picture per pair of
images that show the same thing.
"""

import itertools
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_builders import near_duplicates, pair_pictures, shortcuts
from data_builders.catalog import Table
from data_builders.pixels import Frame, load_pixels, pixel_hashes
from data_builders.splits import shared_groups
from shared.base.files import make_folder, write_text

COLUMNS = ("first image", "class", "split", "second image", "class", "split", "what", "likeness")
MAX_PICTURES = 200
MAX_NAMED = 12


@dataclass(frozen=True)
class Pair:
    """Two images of the audited table that show the same picture."""

    first: int
    second: int
    what: str  # "same file", "same pixels", "same picture" or "mirrored"
    likeness: float
    corners: tuple[tuple[float, float], ...] = ((0, 0), (1, 0), (1, 1), (0, 1))


@dataclass(frozen=True)
class Audit:
    """The findings: sentences, a table of pairs, and pictures by name with their captions."""

    folder: Path
    title: str
    text: tuple[str, ...]
    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    pictures: dict[str, str]
    findings: dict


def audit(
    table: Table,
    splits: Mapping[str, np.ndarray],
    out_dir: Path,
    *,
    cache_dir: Path | None = None,
    title: str = "",
    demo: bool = False,
) -> Audit:
    """Look at the images `splits` names (name -> rows of the table); write what is found to `out_dir`."""
    folder = Path(out_dir)
    make_folder(folder)
    rows = np.unique(np.concatenate([np.asarray(part, int) for part in splits.values()]))
    placed = {name or "no split": np.flatnonzero(np.isin(rows, part)) for name, part in splits.items()}
    table = table.take(rows)
    split_of = _split_of(placed, len(table))
    pairs = _ordered(find_pairs(table, cache_dir or folder / "cache"), table.label, split_of)
    judged = shortcuts.judge(table)
    counts = ", ".join(f"{name} {len(part):,}" for name, part in placed.items())
    report = Audit(
        folder=folder,
        title=title or f"{table.dataset}: {counts}",
        text=(
            *(["DEMO: synthetic or few images; nothing here is about the real data."] if demo else []),
            *_tell_overlap(split_of),
            *_tell_pairs(pairs, table, split_of),
            *_tell_patients(table.patient, placed),
            *shortcuts.tell(judged, table),
        ),
        columns=COLUMNS,
        lines=tuple(_line(pair, table, split_of) for pair in pairs),
        pictures=_draw(pairs, table, split_of, folder, demo),
        findings={
            "dataset": table.dataset,
            "splits": {name: len(part) for name, part in placed.items()},
            "shared_patients": _shared(table.patient, placed),
            "shortcuts": [judgement.as_dict() for judgement in judged],
        },
    )
    _write(report, demo)
    return report


def find_pairs(table: Table, cache_dir: Path) -> list[Pair]:
    """All pairs of the table's images that show the same picture, exact copies among them."""
    frame = Frame(near_duplicates.SIDE, near_duplicates.SIDE)
    squares = load_pixels(table, frame, cache_dir)[..., 0]
    pairs = {}
    aspects = np.asarray(table.extra["width"]) / np.asarray(table.extra["height"])
    for match in near_duplicates.find(squares, aspects):
        what = "mirrored" if match.mirrored else "same picture"
        ends = tuple(sorted((match.first, match.second)))
        pairs[ends] = Pair(match.first, match.second, what, match.score, match.corners)
    for ends in _equal(_pixels_of_equals(table, squares)):
        pairs[ends] = Pair(*ends, "same pixels", 1.0)
    for ends in _equal(dict(enumerate(table.extra["sha256"].tolist()))):
        pairs[ends] = Pair(*ends, "same file", 1.0)
    return list(pairs.values())


def _pixels_of_equals(table: Table, squares: np.ndarray) -> dict[int, str]:
    """The hash of the full pixels of each image whose small square is not its own alone."""
    alike = defaultdict(list)
    for row, square in enumerate(squares):
        alike[square.tobytes()].append(row)
    rows = [row for group in alike.values() if len(group) > 1 for row in group]
    return dict(zip(rows, pixel_hashes(table.take(np.array(rows, int))), strict=True))


def _equal(values: Mapping[int, str]) -> list[tuple[int, int]]:
    groups = defaultdict(list)
    for row, value in values.items():
        groups[value].append(row)
    return [ends for group in groups.values() for ends in itertools.combinations(sorted(group), 2)]


def _split_of(placed: Mapping[str, np.ndarray], n: int) -> np.ndarray:
    """The split of each image; several names joined where the splits overlap."""
    split_of = np.full(n, "", object)
    for name, part in placed.items():
        split_of[part] = [f"{before} and {name}" if before else name for before in split_of[part]]
    return split_of


def _ordered(pairs: list[Pair], label: np.ndarray, split_of: np.ndarray) -> list[Pair]:
    """Those under two classes and across the split first."""

    def weight(pair: Pair):
        both = _across(pair, label) + _across(pair, split_of)
        return -both, -_across(pair, label), -pair.likeness, pair.first, pair.second

    return sorted(pairs, key=weight)


def _across(pair: Pair, values: np.ndarray) -> int:
    return int(values[pair.first] != values[pair.second])


def _tell_overlap(split_of: np.ndarray) -> list[str]:
    both = [str(name) for name in split_of if " and " in name]
    if not both:
        return ["No image is in more than one split."]
    return [f"{len(both):,} images are in more than one split ({', '.join(sorted(set(both)))})."]


def _tell_pairs(pairs: list[Pair], table: Table, split_of: np.ndarray) -> list[str]:
    if not pairs:
        return ["No two images show the same picture, as far as copies, crops, turned and mirror images go."]
    exact = sum(pair.what in ("same file", "same pixels") for pair in pairs)
    across = [pair for pair in pairs if _across(pair, split_of)]
    labels = [pair for pair in pairs if _across(pair, table.label)]
    both = sum(_across(pair, table.label) for pair in across)
    important = [pair for pair in pairs if _across(pair, split_of) or _across(pair, table.label)]
    sentences = [
        f"{len(pairs):,} pairs of images show the same picture, or neighbouring slices too alike to tell "
        f"apart; {exact:,} of them are exact copies.",
        f"{len(across):,} of these pairs are on two sides of the split, {len(labels):,} under two classes, "
        f"{both:,} both.",
        *(_sentence(pair, table, split_of) for pair in important[:MAX_NAMED]),
    ]
    if len(important) > MAX_NAMED:
        sentences.append(f"... and {len(important) - MAX_NAMED:,} more such pairs; all are in audit.json.")
    return sentences


def _sentence(pair: Pair, table: Table, split_of: np.ndarray) -> str:
    one, other = (
        f"{table.name[row]} ({table.classes[table.label[row]]}, {split_of[row]})"
        for row in (pair.first, pair.second)
    )
    return f"{one} and {other}: {pair.what}, likeness {pair.likeness:.3f}."


def _line(pair: Pair, table: Table, split_of: np.ndarray) -> tuple[str, ...]:
    ends = (
        cell
        for row in (pair.first, pair.second)
        for cell in (str(table.name[row]), table.classes[table.label[row]], str(split_of[row]))
    )
    return (*ends, pair.what, f"{pair.likeness:.3f}")


def _shared(patient: np.ndarray, placed: Mapping[str, np.ndarray]) -> dict[str, list[str]]:
    return {
        f"{one} and {other}": shared_groups(patient, placed[one], placed[other])
        for one, other in itertools.combinations(placed, 2)
    }


def _tell_patients(patient: np.ndarray, placed: Mapping[str, np.ndarray]) -> list[str]:
    unknown = int(np.count_nonzero(patient == ""))
    if unknown == len(patient):
        return ["No image names its patient, so nobody can say whether patients are on both sides."]
    sentences = []
    for names, patients in _shared(patient, placed).items():
        some = f": {', '.join(patients[:5])}{' ...' if len(patients) > 5 else ''}" if patients else ""
        sentences.append(f"{len(patients):,} patients have images in both {names}{some}.")
    if unknown:
        sentences.append(f"{unknown:,} of {len(patient):,} images do not name their patient.")
    return sentences


def _draw(pairs, table: Table, split_of: np.ndarray, folder: Path, demo: bool) -> dict[str, str]:
    """Picture name -> caption, for the pairs that matter most."""
    drawn = pairs[:MAX_PICTURES]
    for old in folder.glob("pair-*.png"):
        old.unlink()
    pair_pictures.write(drawn, table, split_of, folder, demo)
    return {f"pair-{number:03}": _sentence(pair, table, split_of) for number, pair in enumerate(drawn, 1)}


def _write(report: Audit, demo: bool) -> None:
    content = {
        "title": report.title,
        "text": report.text,
        "columns": report.columns,
        "lines": report.lines,
        "pictures": report.pictures,
        "scale": "demo" if demo else "paper",
        "findings": report.findings,
    }
    write_text(report.folder / "audit.txt", "\n".join([report.title, "", *report.text]) + "\n")
    write_text(report.folder / "audit.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n")
