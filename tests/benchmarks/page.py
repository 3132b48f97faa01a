"""docs/speed.md: a line per measurement; lines that were not measured again stay as they were."""

from __future__ import annotations

import datetime
import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from shared.base.files import write_text
from tests.benchmarks.lines import LINES, Line
from tests.benchmarks.measuring import ROOT, Measured

DOC = ROOT / "docs" / "speed.md"
BELOW = Path(__file__).with_name("notes.md")
"""What stands below the table: what is measured, and what was tried."""
HEAD = "| what | against | target | measured | | ours | theirs | |\n|---|---|---|---|---|---|---|---|\n"
WORSE = 0.15
"""A line that got worse by more is named."""


def cells(line: Line, measured: Measured) -> tuple[str, ...]:
    """A measured line of the table."""
    values, unit = measured.values, line.unit if line.unit == "×" else " s"
    shown = f"{measured.median:.2f}{unit}"
    if len(values) > 1:
        shown += f" ({min(values):.2f} to {max(values):.2f})"
    verdict = "met" if line.met(measured.median) else "**missed**"
    sides = ("" if side != side else f"{side:.3g}" for side in (measured.ours, measured.theirs))
    today = f"{datetime.date.today()}" + (f"; {measured.note}" if measured.note else "")
    return (line.what, line.against, line.target, shown, verdict, *sides, today)


def read(text: str) -> dict[str, tuple[str, ...]]:
    """Key -> the cells of its line in a page."""
    found = {}
    for row in text.partition(HEAD)[2].splitlines():
        if not row.startswith("| "):
            break
        own = tuple(cell.strip() for cell in row.strip("|").split("|"))
        line = next((line for line in LINES if (line.what, line.against) == own[:2]), None)
        if line:
            found[line.key] = own
    return found


def number(own: tuple[str, ...]) -> float:
    """The median of a line's cells."""
    return float(own[3].split()[0].rstrip("×"))


def committed() -> dict[str, tuple[str, ...]]:
    """The lines of the page as it was committed."""
    show = ["git", "show", f"HEAD:{DOC.relative_to(ROOT)}"]
    return read(subprocess.run(show, cwd=ROOT, capture_output=True, text=True, check=False).stdout)


def got_worse(now: Mapping[str, tuple[str, ...]], before: Mapping[str, tuple[str, ...]]) -> list[str]:
    """One line for each number that is worse than before by more than the noise of a quiet machine."""
    found = []
    for line in LINES:
        if line.key in now and line.key in before:
            new, old = number(now[line.key]), number(before[line.key])
            if line.worse(new, old) > WORSE:
                found.append(f"worse: {line.what}, against {line.against}: {old:g} before, {new:g} now")
    return found


def write(known: Mapping[str, tuple[str, ...]], versions: Iterable[str]) -> None:
    """The page, whole."""
    rows = [f"| {' | '.join(known[line.key])} |" for line in LINES if line.key in known]
    missed = [
        f"- {line.what}, against {line.against}: {line.missed or 'not yet explained.'}"
        for line in LINES
        if line.key in known and known[line.key][4] != "met"
    ]
    absent = [
        f"- {line.what}, against {line.against} ({line.target})" for line in LINES if line.key not in known
    ]
    parts = [
        f"# How fast\n\n`make bench` wrote this table. {intro()}\n\n{HEAD}" + "\n".join(rows),
        f"Machine: {machine()}. Versions: {', '.join(versions)}.",
        "## Why targets are missed\n\n" + ("\n".join(missed) or "None is."),
        "## Not measured yet\n\n" + ("\n".join(absent) or "Nothing."),
        BELOW.read_text(encoding="utf-8").strip(),
    ]
    write_text(DOC, "\n\n".join(parts) + "\n")


def intro() -> str:
    """How to read the table."""
    return (
        "Ours and theirs are measured in turn in one run; a ratio is the median of five rounds, with the "
        "least and the greatest (three rounds for times to the first step and for the CycleGAN; one round "
        "where no range is shown). "
        "`≥ 10×` asks how many times faster we are, `≤ 1.0×` what part of their time we take. "
        "The columns ours and theirs are medians in seconds."
    )


def machine() -> str:
    """The processor, its cores and memory."""
    from shared.training.runtime import cpu_model

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{cpu_model()}, {os.cpu_count()} cores, {memory:.0f} GB"
