"""`make test-cluster`: a demo through SLURM and on two local workers, with accidents, against a serial run.

One SLURM job is cancelled and one worker is killed while they train. The draws must be those of a run in one
process, to the bit, each job must end once, and no stage may be trained twice. What was seen is written into
docs/cluster.md.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.cluster import slurm

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "cluster.md"
PAPER, ROWS = "basu", ("alexnet-data-a", "alexnet-detl", "alexnet-random")
STAGE = "data-a"
"""What two of the rows share."""
EPOCHS = ("--set", "epochs=3", "--set", "tuning_epochs=3")
"""So that an accident after the first epoch is one in the middle of a training."""
COMMON = ("--row", *ROWS, "--scale", "demo", *EPOCHS, "--threads", "1")
SITES = {
    "slurm": ("--on", "slurm", "--jobs", "2", "--time", "01:00:00"),
    "local": ("--on", "local", "--workers", "2"),
}


def python(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", *map(str, words)]


def serial(out: Path) -> dict[str, bytes]:
    """The draws of one process that runs the rows one after another."""
    subprocess.run(
        python(f"reproductions.{PAPER}", *COMMON, "--out", out),
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return predictions(out)


def predictions(out: Path) -> dict[str, bytes]:
    """Draw -> the bytes of its predictions."""
    return {str(path.parent.relative_to(out)): path.read_bytes() for path in out.rglob("predictions.csv")}


def lines(process: subprocess.Popen) -> Iterator[str]:
    assert process.stdout is not None
    for line in process.stdout:
        yield line.rstrip()
        if line.startswith("DEMO"):  # the table of results
            break
    process.stdout.read()


def disturbed(out: Path, site: str, say: Callable[[str], None], first: dict[str, int]) -> int:
    """The same rows on many workers; the job that makes the stage, and another one, have an accident."""
    words = python("reproductions", "run", PAPER, *COMMON, *SITES[site], "--out", out)
    say(f"$ python {' '.join(words[1:-2])}")
    process = subprocess.Popen(words, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    accidents = {ROWS[0]: cancel if site == "slurm" else kill, ROWS[2]: kill}
    for line in lines(process):
        if line:
            say(line)
        first |= {name: number for name, number in stages(out).items() if name not in first}
        row = next((row for row in accidents if f"starts: {PAPER} {row}," in line), None)
        if row:
            threading.Thread(target=accident, args=(accidents[row], line, out, row, say)).start()
    return process.wait()


def accident(cause: Callable[[str], str], line: str, out: Path, row: str, say: Callable[[str], None]) -> None:
    """In the middle of the row's training."""
    wait_until_it_trains(out, row)
    say(f"    --> {cause(line)} ({row})")


def wait_until_it_trains(out: Path, row: str) -> None:
    """Until an epoch of the row, or of its stage, is saved, so that the accident falls into the next one."""
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        saved = [str(path) for path in (out / "demo" / "cache").rglob("checkpoint-*.npz")]
        if any(f"-{row}" in path or (row == ROWS[0] and f"/{STAGE}-" in path) for path in saved):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{row} does not train")


def stages(out: Path) -> dict[str, int]:
    """Each finished stage, with a number that changes when it is made again."""
    return {path.parent.name: path.stat().st_ino for path in (out / "demo").rglob("stage.json")}


def cancel(line: str) -> str:
    job = re.search(r"SLURM job (\d+)", line)[1]  # type: ignore[index]
    subprocess.run(["scancel", job], check=True)
    return f"scancel {job}"


def kill(line: str) -> str:
    process = int(re.search(r"process (\d+)", line)[1])  # type: ignore[index]
    os.kill(process, signal.SIGKILL)
    return f"kill -9 {process}"


def faults(
    out: Path, expected: dict[str, bytes], code: int, said: list[str], first: dict[str, int]
) -> Iterator[str]:
    """Everything that is not as it should be."""
    found = predictions(out)
    if code:
        yield f"the command ended with code {code}"
    if found.keys() != expected.keys():
        yield f"draws that differ: {sorted(found.keys() ^ expected.keys())}"
    yield from (f"{draw} has other bits" for draw in found if found[draw] != expected.get(draw))
    done = [match for line in said if (match := re.search(r"(?<=done: ).*(?= in )", line))]
    ended = Counter(match[0] for match in done)
    yield from (f"{job} was done {count} times" for job, count in ended.items() if count > 1)
    again = [line for line in said if "starts again: " in line]
    if len(again) < 2:
        yield "no job was started again: the accidents came too late"
    if stages(out) != first or [name.rpartition("-")[0] for name in first] != [STAGE]:
        yield f"the stages are {stages(out)} and were {first}"


def prove(site: str, expected: dict[str, bytes], out: Path) -> tuple[list[str], list[str]]:
    """What was said, and what is wrong."""
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        print(line, flush=True)

    first: dict[str, int] = {}
    wrong = list(faults(out, expected, disturbed(out, site, say, first), said, first))
    say("")
    good = "have the bits of the serial run; each job was done once, and the stage was made once."
    say("; ".join(wrong) or f"{len(expected)} draws {good}")
    return said, wrong


def write(site: str, said: list[str], place: Path) -> None:
    """The transcript into its part of the page."""
    text = PAGE.read_text(encoding="utf-8")
    mark, end = f"<!-- seen: {site} -->\n", f"<!-- /seen: {site} -->"
    head, _, rest = text.partition(mark)
    block = "```\n" + "\n".join(said).replace(f"{place}/", "") + "\n```\n"
    PAGE.write_text(f"{head}{mark}{block}{end}{rest.partition(end)[2]}", encoding="utf-8")


def main(sites: list[str]) -> int:
    """0 where all that was tried held."""
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="cluster-") as name:
        place = Path(name)
        expected = serial(place / "serial")
        for site in sites or list(SITES):
            reason = slurm.absent() and slurm.install() if site == "slurm" else ""
            if reason:
                print(f"SLURM cannot be installed here, so it is not tried: {reason}")
                continue
            if site == "slurm":
                with slurm.running(place / "daemons"):
                    said, bad = prove(site, expected, place / site)
            else:
                said, bad = prove(site, expected, place / site)
            write(site, said, place)
            wrong += bad
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
