"""Pixels decoded and resized once, kept as uint8 in a memory-mapped file. Needs no TensorFlow."""

import hashlib
import itertools
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from data_builders import catalog
from data_builders.blinding import blinded
from data_builders.catalog import Table
from shared.base import screen, sums
from shared.base.claim import claimed
from shared.base.disk import need_room
from shared.base.errors import UserError
from shared.base.files import remove_left_overs, whole, write_text

DECODED_AT_ONCE = 256

Box = Sequence[int]
"""Left, top, right, bottom, in pixels."""


@dataclass(frozen=True)
class Frame:
    """How an image becomes an array: cut to its annotated box or its middle, then resized."""

    height: int
    width: int
    channels: int = 1  # 1 grey, 3 RGB
    central_crop: float = 1.0  # fraction of each side that is kept
    box: bool = False  # cut to the table's `box` column first


def load_pixels(table: Table, frame: Frame, cache_dir: Path) -> np.ndarray:
    """The table's images as a read-only memory-mapped uint8 array (n, height, width, channels), made once.

    A file that is not what was written, by its checksums, is made again.
    """
    path = Path(cache_dir) / "pixels" / f"{table.dataset}-{_key(table, frame)}.npy"
    if _damage(path):
        with claimed(path.with_suffix(".claim")):
            damage = _damage(path)
            if damage:
                if path.exists():
                    print(f"{path} is damaged ({damage}): it is made again")
                remove_left_overs(path)
                _write_pixels(table, frame, path)
    return np.load(path, mmap_mode="r")


def _damage(path: Path) -> str:
    try:
        return sums.damage_of({path: json.loads(path.with_suffix(".sums").read_text())})
    except (OSError, ValueError, KeyError, TypeError):
        return "its checksums cannot be read"


def pixel_hashes(table: Table) -> list[str]:
    """SHA-256 of each image's full decoded pixels, whatever file format they came in."""
    hashes = [""] * len(table)
    for row, encoded in catalog.image_bytes(table):
        image = decode(encoded, 3)
        hashes[row] = hashlib.sha256(f"{image.shape}".encode() + image.tobytes()).hexdigest()
    return hashes


def decode(encoded: bytes, channels: int) -> np.ndarray:
    """Encoded bytes as uint8 (height, width, channels), RGB; ValueError where they are no image."""
    flag = cv2.IMREAD_GRAYSCALE if channels == 1 else cv2.IMREAD_COLOR
    image = cv2.imdecode(np.frombuffer(encoded, np.uint8), flag) if encoded else None
    if image is None:
        raise ValueError("cannot be decoded")
    return image[..., None] if channels == 1 else cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Shrink by area (no aliasing), enlarge linearly; each side on its own."""
    channels = image.shape[2]
    smaller = min(width, image.shape[1]), min(height, image.shape[0])
    image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
    image = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    return image.reshape(height, width, channels)


def _key(table: Table, frame: Frame) -> str:
    facts = {"images": table.fingerprint(), "frame": asdict(frame)}
    if frame.box:
        facts["box"] = table.extra["box"].tolist()
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:20]


def _write_pixels(table: Table, frame: Frame, path: Path) -> None:
    shape = (len(table), frame.height, frame.width, frame.channels)
    # Running out of disk under a memory map kills the process without a word.
    need_room(path.parent, int(np.prod(shape)), f"the pixels of {table.dataset}")
    with whole(path) as temporary:
        _fill(np.lib.format.open_memmap(temporary, "w+", np.uint8, shape), table, frame)
        write_text(path.with_suffix(".sums"), json.dumps(sums.of_file(temporary)))


def _fill(pixels: np.memmap, table: Table, frame: Frame) -> None:
    images, written = iter(catalog.image_bytes(table)), 0

    def one(item):
        row, encoded = item
        return row, _of_table(table, frame, row, encoded)

    title = f"{table.dataset}: pixels"
    with ThreadPoolExecutor() as workers, screen.working(title, len(table)) as progress:
        while some := list(itertools.islice(images, DECODED_AT_ONCE)):
            for row, image in workers.map(one, some):
                pixels[row] = image
            written += len(some)
            progress.tick(len(some))
    if written != len(table):
        raise UserError(f"{table.dataset}: {written} of {len(table)} images could be read; build it again")
    pixels.flush()


def framed(encoded: bytes, frame: Frame, blind: str = "", box: Box | None = None) -> np.ndarray:
    """An image's bytes as the frame says, cut to a box first where there is one, and blinded last."""
    image = decode(encoded, frame.channels)
    if box is not None:
        image = _boxed(image, box)
    image = resize(_middle(image, frame.central_crop), frame.height, frame.width)
    return blinded(image, blind) if blind else image


def _of_table(table: Table, frame: Frame, row: int, encoded: bytes) -> np.ndarray:
    try:
        return framed(encoded, frame, table.blind, table.extra["box"][row] if frame.box else None)
    except (ValueError, cv2.error) as error:
        where = f"{table.dataset}: {table.name[row]}"
        raise UserError(f"{where}: {error}; replace the file and build again") from error


def _boxed(image: np.ndarray, box: Box) -> np.ndarray:
    left, top, right, bottom = (int(v) for v in box)
    cut = image[max(top, 0) : bottom, max(left, 0) : right]
    if not cut.size:
        raise ValueError(f"its box {left} {top} {right} {bottom} holds no pixel")
    return cut


def _middle(image: np.ndarray, fraction: float) -> np.ndarray:
    height, width = (max(1, round(side * fraction)) for side in image.shape[:2])
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return image[top : top + height, left : left + width]
