"""`python -m tests.benchmarks [KEY ...]`: measures lines of docs/speed.md, one process at a time."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time

from shared.running import quiet
from tests.benchmarks import page
from tests.benchmarks.lines import LINES, Line
from tests.benchmarks.measuring import ROOT, Measured

PACKAGES = ("tensorflow", "keras", "keras-cv", "scikit-learn", "opencv-python")
OTHERS = ("torch", "torchvision", "albumentations", "imagededup")
VERSIONS = """
import sys
from importlib.metadata import version
print(*(f"{name} {version(name)}" for name in sys.argv[1:]), sep=";")
"""


def run(line: Line) -> dict[str, Measured]:
    """A line in a process of its own, and those that come with it."""
    words = [sys.executable, "-m", f"tests.benchmarks.bench_{line.subject}", line.key]
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return {key: Measured(**found) for key, found in json.loads(done.stdout.splitlines()[-1]).items()}


def versions() -> list[str]:
    """Of both environments."""
    other = ROOT / ".venv-bench" / "bin" / "python"
    asked = [(sys.executable, PACKAGES), *([(str(other), OTHERS)] if other.exists() else [])]
    return [
        word
        for python, names in asked
        for word in subprocess.check_output([python, "-c", VERSIONS, *names], text=True).strip().split(";")
    ]


def main() -> int:
    """Measures, writes the table after each line, and names what got worse."""
    parser = argparse.ArgumentParser("python -m tests.benchmarks", description=__doc__, allow_abbrev=False)
    keys = [line.key for line in LINES]
    parser.add_argument("keys", nargs="*", metavar="KEY", help=f"of: {', '.join(keys)} (default: all)")
    chosen = parser.parse_args().keys or keys
    if unknown := [key for key in chosen if key not in keys]:
        parser.error(f"no line is called {unknown[0]}; there are {', '.join(keys)}")
    before, known = page.committed(), page.read(page.DOC.read_text() if page.DOC.exists() else "")
    of, measured = {line.key: line for line in LINES}, {}
    with quiet.paused() as stopped:
        print(f"{stopped} runs are paused meanwhile." if stopped else "No run is at work on this machine.")
        for line in LINES:
            if line.key in chosen and line.key not in measured:
                began = time.perf_counter()
                try:
                    found = run(line)
                except subprocess.CalledProcessError as error:
                    print(f"{line.key}: ended with code {error.returncode}: see above", flush=True)
                    continue
                measured |= {key: page.cells(of[key], one) for key, one in found.items()}
                for key in found:
                    print(" | ".join(measured[key]), f"({time.perf_counter() - began:.0f} s)", flush=True)
                page.write(known | measured, versions())
    print("\n".join(page.got_worse(measured, before)) or "Nothing got worse by more than 15%.")
    return 0 if measured.keys() >= set(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
