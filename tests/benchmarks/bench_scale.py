"""Large datasets and many runs: what grows with them, and what answers at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.measuring import ROOT, Measured, alone, seconds, tell, versus

FEW, MANY = 20_000, 200_000
NIH = 28_000
RUNS = 1_000


def write_slices(root: Path, n: int) -> None:
    """Split files of n lines, ten slices a patient, with an empty file for each."""
    folder = root / "covidx_ct" / "2A_images"
    folder.mkdir(parents=True)
    lines: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for number in range(n):
        name = f"NCP_{number // 10}_1_{number:06d}.png"
        os.close(os.open(folder / name, os.O_CREAT))
        split = "train" if number % 100 < 70 else "val" if number % 100 < 85 else "test"
        lines[split].append(f"{name} {number // 10 % 3} 0 0 512 512")
    for split, own in lines.items():
        (root / "covidx_ct" / f"{split}_COVIDx_CT-2A.txt").write_text("\n".join(own) + "\n")


def scan_and_split(root: Path) -> None:
    """In a process of its own: prints the seconds and the peak memory."""
    from data_builders import catalog, splits

    def work() -> None:
        table = catalog.metadata("covidx_ct", root)
        splits.grouped_holdout(table.label, table.patient, 0.2, seed=0)

    taken = seconds(work)
    status = Path("/proc/self/status").read_text().splitlines()
    print(json.dumps([taken, next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))]))


def covidx() -> dict[str, Measured]:
    """Time and memory of two sizes."""
    found = {}
    for n in (FEW, MANY):
        with tempfile.TemporaryDirectory() as name:
            write_slices(Path(name), n)
            words = [sys.executable, "-m", "tests.benchmarks.bench_scale", "slices", name]
            done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
            found[n] = json.loads(done.stdout.splitlines()[-1])
    (ours, high), (theirs, low) = found[MANY], found[FEW]
    return {
        "covidx-time": Measured([ours / theirs], ours, theirs),
        "covidx-memory": Measured([high / low], high, low, "kB, not seconds"),
    }


def write_nih(root: Path) -> None:
    """NIH's table with an empty file for each line."""
    from data_builders.published import dataset

    folder = root / "chest_xray14" / "images"
    folder.mkdir(parents=True)
    classes = [name for name in dataset("chest_xray14").classes if name != "Several findings"]
    lines = ["Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position"]
    for number in range(NIH):
        name = f"{number:08d}_000.png"
        os.close(os.open(folder / name, os.O_CREAT))
        lines.append(f"{name},{classes[number % len(classes)]},0,{number},50,M,PA")
    (root / "chest_xray14" / "Data_Entry_2017_v2020.csv").write_text("\n".join(lines) + "\n")


def needs() -> Measured:
    """All boosted rows of the paper that reads NIH's images, against one scan."""
    from data_builders import catalog
    from reproductions.altaf import PAPER, data
    from shared.running import plan

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_nih(root)
        boosted = [row for row in PAPER.rows if row.boosted]

        def ours() -> float:
            data.findings_missing.cache_clear()
            return seconds(lambda: [plan.missing(PAPER, row, root, root) for row in boosted])

        measured = versus(ours, lambda: seconds(lambda: catalog.metadata("chest_xray14", root)), False)
    return measured


def report() -> Measured:
    """The HTML report over many runs."""
    from shared.report.page import write_report
    from tests.shared.report import report_scene as scene

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        paper = scene.paper(root)
        for number in range(RUNS):
            scene.write(root / "out", ("small", "large", "unrun")[number % 3], number // 3, 150 + number % 40)
        return alone(lambda: seconds(lambda: write_report([paper], root / "out", root / "report.html")))


def command(*words: str) -> Measured:
    """A command as it is typed."""

    def once() -> float:
        line = [sys.executable, "-m", *words]
        return seconds(lambda: subprocess.run(line, cwd=ROOT, capture_output=True, check=True))

    return alone(once)


def measure(key: str) -> dict[str, Measured]:
    """One line of the table, or both of those about COVIDx CT."""
    if key.startswith("covidx"):
        return covidx()
    if key in ("needs", "report"):
        return {key: {"needs": needs, "report": report}[key]()}
    with tempfile.TemporaryDirectory() as none:
        words = {
            "recorded": ("reproductions", "report", "--out", none, "--to", f"{none}/report.html"),
            "help": ("reproductions.zhao", "--help"),
            "list": ("reproductions.zhao", "--list"),
        }
        return {key: command(*words[key])}


if __name__ == "__main__":
    if sys.argv[1] == "slices":
        scan_and_split(Path(sys.argv[2]))
    else:
        tell(measure(sys.argv[1]))
