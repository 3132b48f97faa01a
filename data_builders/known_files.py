"""The published files of a dataset, as far as they are known: names, hashes of bytes, hashes of pixels.

`known/<dataset>.csv.gz` is written by `python -m data_builders.known_files DATA_DIR DATASET` from a copy
that holds what its authors published: their bytes, their pixels, or at least their file names.
"""

from __future__ import annotations

import argparse
import csv
import functools
import gzip
import hashlib
import io
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from data_builders import catalog
from data_builders.image_files import File, Refused
from data_builders.published import dataset

FOLDER = Path(__file__).parent / "known"
COLUMNS = ("name", "sha256", "pixels")
MOST_SIDES = 500
"""Images whose size is looked at where no file of the set is known."""
Hashes = Callable[[], Sequence[str]]


@dataclass(frozen=True)
class Known:
    """Of each published file its hashes; '' where they are not known."""

    sha256: dict[str, str]
    pixels: dict[str, str]

    def __len__(self) -> int:
        return len(self.sha256)


@dataclass(frozen=True)
class Recognised:
    """How much of a copy is what was published. Counts are of images; None is not known."""

    images: int
    published: int
    names: int | None
    """Files under a published name."""
    same_bytes: int | None
    same_pixels: int | None
    longest_side: tuple[int, int]
    """The least and the greatest over the images of the longer side."""
    reaches: int = 0
    """The longer side that some published images have, where it is known."""

    def __str__(self) -> str:
        parts = [f"{self.images:,} of {self.published:,} images"]
        if self.same_bytes is not None and self.same_bytes == self.images:
            parts.append("files as published")
        elif self.same_pixels is not None and self.same_pixels == self.images:
            parts.append("pixels as published")
        elif self.same_bytes is not None or self.same_pixels is not None:
            same = max(self.same_bytes or 0, self.same_pixels or 0)
            parts.append(f"{self.images - same:,} re-encoded or of another version")
        elif self.names is not None and self.names < self.images:
            parts.append(f"{self.images - self.names:,} under names that were not published")
        elif self.names == self.images:
            parts.append("names as published")
        return ", ".join([*parts, self._sides()])

    def _sides(self) -> str:
        """The longer sides, and whether the published images have larger ones."""
        least, most = self.longest_side
        sides = f"{most:,} pixels" if least == most else f"{least:,} to {most:,} pixels"
        return f"reduced: {sides}" if most < self.reaches else sides


@functools.cache
def known(name: str) -> Known | None:
    """The published files of a dataset; None where nothing is known of them."""
    path = FOLDER / f"{dataset(name).name}.csv.gz"
    if not path.is_file():
        return None
    with gzip.open(path, "rt", newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return Known({row["name"]: row["sha256"] for row in rows}, {row["name"]: row["pixels"] for row in rows})


def recognise(table: catalog.Table) -> Recognised:
    """Compares a built table with the published files; pixels are decoded only where they decide."""
    sides = np.maximum(table.extra["width"], table.extra["height"])
    names, sha256 = [str(name) for name in table.name], list(table.extra["sha256"])
    return _recognise(table.dataset, names, sides, lambda: sha256, lambda: pixel_hashes(table))


def recognise_files(name: str, files: Mapping[str, File]) -> Recognised:
    """Compares files that nobody has built yet; of an unknown set the sizes of some are looked at."""
    hashes = known(name)
    listed = list(files.values())
    looked_at = listed if hashes else listed[:: max(1, len(listed) // MOST_SIDES)]
    sides = np.array([side for file in looked_at if (side := _longer_side(file))], np.int64)
    return _recognise(
        name,
        list(files),
        sides,
        lambda: [hashlib.sha256(_bytes(file)).hexdigest() for file in listed],
        lambda: [_pixel_hash(_bytes(file)) for file in listed],
    )


def _recognise(
    name: str, names: Sequence[str], sides: np.ndarray, sha256: Hashes, pixels: Hashes
) -> Recognised:
    """Hashes are taken only where hashes are known."""
    found, about = known(name), dataset(name)
    if found is None:
        found = Known({}, {})
    return Recognised(
        images=len(names),
        published=sum(about.counts.values()),
        names=sum(each in found.sha256 for each in names) if len(found) else None,
        same_bytes=_equal(found.sha256, names, sha256),
        same_pixels=_equal(found.pixels, names, pixels),
        longest_side=(int(sides.min(initial=1 << 30)), int(sides.max(initial=0))),
        reaches=about.side or about.reaches,
    )


def _equal(published: dict[str, str], names: Sequence[str], ours: Hashes) -> int | None:
    if not any(published.values()):
        return None
    return sum(published.get(name) == own for name, own in zip(names, ours(), strict=True))


def pixel_hashes(table: catalog.Table) -> list[str]:
    """Of each image the SHA-256 of its size and its pixels, colours in the order red, green, blue."""
    hashes = [""] * len(table)
    for row, data in catalog.image_bytes(table):
        hashes[row] = _pixel_hash(data)
    return hashes


def _pixel_hash(data: bytes) -> str:
    """'' for bytes that are no image."""
    try:
        image = Image.open(io.BytesIO(data)).convert("RGB")
    except (OSError, ValueError):
        return ""
    return hashlib.sha256(f"{image.size}".encode() + image.tobytes()).hexdigest()


def _longer_side(file: File) -> int:
    """0 for a file whose header cannot be read."""
    try:
        with Image.open(io.BytesIO(_bytes(file)) if file.member else file.path) as image:
            return max(image.size)
    except (OSError, ValueError):
        return 0


def _bytes(file: File) -> bytes:
    try:
        return file.read()
    except Refused:
        return b""


def write(table: catalog.Table, path: Path, with_bytes: bool, with_pixels: bool) -> None:
    """Writes a table's files as the published ones, the same to the byte each time."""
    sha256 = table.extra["sha256"] if with_bytes else [""] * len(table)
    pixels = pixel_hashes(table) if with_pixels else [""] * len(table)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted(zip(map(str, table.name), sha256, pixels, strict=True)))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def main() -> int:
    """Writes `known/<dataset>.csv.gz` from a copy of the published files."""
    parser = argparse.ArgumentParser(
        "python -m data_builders.known_files", description=main.__doc__, allow_abbrev=False
    )
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("dataset", choices=sorted(catalog.DATASETS))
    parser.add_argument("--bytes", action="store_true", help="the files' bytes are the published ones")
    parser.add_argument("--pixels", action="store_true", help="the pixels are the published ones")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        table = catalog.build(args.dataset, args.data_dir, cache, partial=True)
        write(table, FOLDER / f"{args.dataset}.csv.gz", args.bytes, args.pixels)
    return 0


if __name__ == "__main__":
    sys.exit(main())
