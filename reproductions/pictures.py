"""`python -m reproductions pictures`: the README's pictures and tables, from the evidence."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

from reproductions.papers import papers
from shared.base.errors import UserError
from shared.base.files import write_bytes
from shared.consistency.shares import two_readings
from shared.report import findings, page

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = "1280,1380"
SILENCE = 120
"""Seconds that a browser may take for one picture."""


def pictures(args: argparse.Namespace) -> int:
    """docs/finding.png, docs/found.png, docs/report.png, and the tables of the READMEs."""
    from shared.report import forest, shares
    from shared.report.canvas import png_bytes

    everything = papers()
    for path in page.render_readmes(everything, ROOT):
        print(f"tables brought up to date: {path}")
    for paper in everything:
        found = two_readings(paper.reported(), paper.printed_sets)
        if found:
            write_bytes(ROOT / "docs" / "finding.png", png_bytes(shares.two_readings(*found)))
            print(f"Written: docs/finding.png, of {paper.name}")
            break
    tried = findings.recorded_trials(ROOT)
    if tried:
        write_bytes(ROOT / "docs" / "found.png", png_bytes(forest.forest(tried)))
        print("Written: docs/found.png, of the recorded trials")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise UserError("docs/report.png needs a browser: install chromium (apt-get install chromium)")
    with tempfile.TemporaryDirectory() as folder:
        report = page.write_report(everything, Path("evidence"), Path(folder) / "report.html")
        write_bytes(ROOT / "docs" / "report.png", photograph(browser, report))
    print("Written: docs/report.png, of the evidence alone")
    return 0


def photograph(browser: str, report: Path) -> bytes:
    """The top of a page as a browser shows it."""
    picture = report.with_suffix(".png")
    options = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--window-size={SIZE}",
    )
    places = (
        f"--user-data-dir={report.parent / 'profile'}",
        f"--screenshot={picture}",
        report.as_uri(),
    )
    try:
        subprocess.run([browser, *options, *places], capture_output=True, timeout=SILENCE, check=True)
        return picture.read_bytes()
    except (OSError, subprocess.SubprocessError) as error:
        raise UserError(f"{browser} made no picture of the report ({error})") from error
