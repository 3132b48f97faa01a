"""One picture per pair of images: side by side, named; red outlines where the second lies in the first."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from data_builders import catalog
from data_builders.catalog import Table
from data_builders.pixels import decode

PANEL = 400
MARGIN = 12
CAPTION = 108


def write(pairs: Sequence, table: Table, split_of: np.ndarray, folder: Path, demo: bool) -> None:
    """Write pair-001.png, pair-002.png, ... in the order of the pairs."""
    panels = _panels(table, sorted({row for pair in pairs for row in (pair.first, pair.second)}))
    for number, pair in enumerate(pairs, 1):
        sheet = Image.new("RGB", (2 * PANEL + 3 * MARGIN, PANEL + CAPTION + 2 * MARGIN), "white")
        for place, row in enumerate((pair.first, pair.second)):
            _place(sheet, place, panels[row], pair.corners if place == 0 else None)
            _caption(sheet, place, f"{table.name[row]}\n{table.classes[table.label[row]]}, {split_of[row]}")
        mark = "DEMO   " if demo else ""
        _text(sheet, (MARGIN, PANEL + CAPTION - 6), f"{mark}{pair.what}, likeness {pair.likeness:.3f}")
        sheet.save(folder / f"pair-{number:03}.png")


def _panels(table: Table, rows: list[int]) -> dict[int, Image.Image]:
    """The images of these rows, shrunk to a panel as they are read."""
    panels = {}
    if rows:
        for place, encoded in catalog.image_bytes(table.take(np.array(rows))):
            image = decode(encoded, 3)
            scale = PANEL / max(image.shape[:2])
            size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
            panels[rows[place]] = Image.fromarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
    return panels


def _place(sheet: Image.Image, place: int, panel: Image.Image, corners) -> None:
    left, top = MARGIN + place * (PANEL + MARGIN), MARGIN
    sheet.paste(panel, (left, top))
    if corners:
        outline = [(left + x * (panel.width - 1), top + y * (panel.height - 1)) for x, y in corners]
        ImageDraw.Draw(sheet).polygon(outline, outline="red", width=2)


def _caption(sheet: Image.Image, place: int, text: str) -> None:
    lines = [piece for line in text.split("\n") for piece in textwrap.wrap(line, 56)]
    _text(sheet, (MARGIN + place * (PANEL + MARGIN), PANEL + 2 * MARGIN), "\n".join(lines[-5:]))


def _text(sheet: Image.Image, where: tuple[int, int], text: str) -> None:
    ImageDraw.Draw(sheet).multiline_text(where, text, "black", ImageFont.load_default(13))
