"""The part of a page on images that show little or nothing of the disease."""

from __future__ import annotations

from collections.abc import Sequence

from shared.comparison import Run
from shared.trust.blind import FIELD, Sight, sights
from shared.trust.part import Part

TITLE = "What is told from images that show little or nothing of the disease"
FILE = "file"
"""No pixels at all: a trial of its own."""
SEEN = {
    "lungs": "images without the lungs",
    "centre": "images without a central box",
    "border": "the border alone",
    "thumbnail": "8 × 8 pixels",
    "histogram": "pixels without their places",
    FILE: "width, height and channels of the file",
}
RULE = (
    "The row's own recipe, trained and scored on such images. Where even the low end of its 95% interval "
    "beats always naming the largest class, little or no sight of the disease tells the class, and the "
    "row's own accuracy may rest on that. A border and a file show nothing of the disease. Without the "
    "lungs a part that it made white at their edge can be left, and the size of the mask with it; 8 × 8 "
    "pixels and the brightness alone show a lung that is white as a whole."
)
HEAD = ("Row", "Seen", "Set by hand", "Draws", "Accuracy", "Largest class", "As they are", "So")


def sights_part(name: str, runs: Sequence[Run]) -> Part:
    """A line for each row and way that ran; else the command that makes one."""
    found = sights(runs)
    if not found:
        command = f"python -m reproductions.{name} --row ROW --set {FIELD}=border"
        return Part(TITLE, (f"No row has run on such images yet: {command}",))
    return Part(TITLE, (RULE,), HEAD, tuple(_line(sight) for sight in found))


def _line(sight: Sight) -> tuple[str, ...]:
    told = "the class is told" if sight.told else "not shown to be told"
    interval = f"{sight.accuracy:.1%} ({sight.low:.1%} to {sight.high:.1%})"
    own = f"{sight.as_they_are:.1%}" if sight.as_they_are == sight.as_they_are else "not run"
    row = f"DEMO {sight.row}" if sight.demo else sight.row
    seen = SEEN.get(sight.way, sight.way)
    return (row, seen, sight.others, str(sight.draws), interval, f"{sight.largest:.1%}", own, told)
