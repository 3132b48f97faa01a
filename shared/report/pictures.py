"""Pictures and audits for the report: what fits into one file, and a count of what does not."""

from __future__ import annotations

import base64
import dataclasses
import itertools
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

from shared.comparison import Run, by_row
from shared.paper import Paper
from shared.report.audits import Audit, find_audits
from shared.report.canvas import png_bytes

MOST_PICTURES, MOST_BYTES = 8, 6_000_000
"""Pictures shown per row, and bytes of pictures per paper: a report must stay a file that can be mailed."""
MOST_LINES = 300
"""Lines of an audit's table."""
PNG = b"\x89PNG\r\n\x1a\n"


@dataclasses.dataclass(frozen=True)
class Picture:
    """A PNG as a data URI."""

    uri: str
    width: int
    height: int
    caption: str
    source: str
    """The draw it is of, where there are several."""


@dataclasses.dataclass(frozen=True)
class AuditView:
    """One audit, cut to what a page can hold."""

    title: str
    text: Sequence[str]
    columns: Sequence[str]
    lines: Sequence[Sequence[str]]
    lines_left_out: int
    pictures: Sequence[Picture]
    left_out: int
    demo: bool


@dataclasses.dataclass
class PictureBudget:
    """Takes pictures as long as there are bytes left for a paper."""

    bytes_left: int

    def of_runs(self, runs: Sequence[Run]) -> tuple[list[Picture], int]:
        """A row's pictures, each name once, from the first draw that has it; and how many are left out."""
        first: dict[str, tuple[Path, str, str]] = {}
        for run in runs:
            for name, (path, caption) in run.pictures.items():
                if path.parent == run.folder:  # a name in facts.json may hold a path
                    first.setdefault(name, (path, caption, f"draw {run.draw}"))
        shown = self._take(first.values())
        return shown, sum(len(run.pictures) for run in runs) - len(shown)

    def of_figures(self, paper: Paper, runs: Sequence[Run]) -> list[Picture]:
        """The paper's figures over several rows: of the real runs, or of a demo where there are none."""
        demo = all(run.demo for run in runs)
        drawn = paper.figures(by_row(runs, demo)) if paper.figures and runs else {}
        taken = []
        for figure, caption in drawn.values():
            content = png_bytes(figure, demo)
            if len(content) <= self.bytes_left:
                self.bytes_left -= len(content)
                taken.append(_picture(content, caption, "DEMO" if demo else ""))
        return taken

    def of_audit(self, audit: Audit) -> tuple[list[Picture], int]:
        """An audit's pictures, and how many are left out."""
        shown = self._take((path, caption, "") for path, caption in audit.pictures.values())
        return shown, len(audit.pictures) - len(shown)

    def _take(self, files: Iterable[tuple[Path, str, str]]) -> list[Picture]:
        taken = []
        for path, caption, source in itertools.islice(files, MOST_PICTURES):
            content = self._png(path)
            if content:
                taken.append(_picture(content, str(caption), source))
        return taken

    def _png(self, path: Path) -> bytes:
        """The file's bytes if it is a PNG and fits; a link would lead out of the folder."""
        if path.is_symlink() or path.stat().st_size > self.bytes_left:
            return b""
        content = path.read_bytes()
        if not content.startswith(PNG):
            return b""
        self.bytes_left -= len(content)
        return content


def _picture(content: bytes, caption: str, source: str) -> Picture:
    uri = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    width, height = struct.unpack(">II", content[16:24].ljust(8, b"\0"))  # of the header, which comes first
    return Picture(uri, width, height, caption, source)


def audit_views(out: Path) -> tuple[list[AuditView], list[tuple[Path, str]]]:
    """The audits of whole datasets, and the folders that cannot be used."""
    audits, damaged = find_audits(out)
    budget = PictureBudget(MOST_BYTES)
    return [audit_view(audit, budget) for audit in audits], damaged


def audit_view(audit: Audit, budget: PictureBudget) -> AuditView:
    pictures, left_out = budget.of_audit(audit)
    lines = audit.lines[:MOST_LINES]
    more = len(audit.lines) - len(lines)
    return AuditView(audit.title, audit.text, audit.columns, lines, more, pictures, left_out, audit.demo)
