"""`make mistakes [ARGS="altaf"]`: plants every mistake of a catalogue, one at a time, and runs the tests.

Fails where fewer than 95% are caught, or where a mistake's text is no longer in its file. Results are kept in
results/mistakes.json: a mistake is tried again only after the code or its tests have changed.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from tests.mistakes.mistake import ROOT, Mistake, catalogues, load

KEPT = ROOT / "results" / "mistakes.json"
ENOUGH = 0.95
LIMIT = 1800  # seconds of one run of the tests, also on a busy machine
CAUGHT, SURVIVED, BROKEN = "caught", "SURVIVED", "BROKEN"

Outcome = tuple[str, str]
"""Caught, survived or broken (the tests could not run), and the test that failed."""


@dataclass
class Results:
    """The outcomes by key; written after every mistake, so that a stopped run goes on where it was."""

    path: Path = KEPT
    known: dict[str, list[str]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def read(self) -> dict[str, list[str]]:
        """The outcomes on disk, those of another process among them."""
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def add(self, key: str, outcome: Outcome) -> None:
        """Keeps one more outcome."""
        with self.lock:
            self.known = self.read() | self.known | {key: list(outcome)}
            self.path.parent.mkdir(exist_ok=True)
            part = self.path.with_suffix(f".{os.getpid()}.part")
            part.write_text(json.dumps(self.known, indent=0))
            os.replace(part, self.path)


def copy_of_the_tree(folder: Path) -> Path:
    """All files that git knows or would take, without its history."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def run_tests(copy: Path, tests: Sequence[str]) -> Outcome:
    """Runs test files in a copy until one test fails."""
    command = [sys.executable, "-m", "pytest", "-n0", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("WRITE_TABLES", None)
    options = {"cwd": copy, "capture_output": True, "text": True, "env": environment, "check": False}
    try:
        done = subprocess.run(command, timeout=LIMIT, **options)
    except subprocess.TimeoutExpired:
        return CAUGHT, f"no end after {LIMIT} s"
    if done.returncode == 0:
        return SURVIVED, ""
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    if done.returncode == 1 and failed:
        return CAUGHT, failed[1]
    said = (done.stdout + done.stderr).strip().splitlines()
    return BROKEN, said[-1][:200] if said else f"pytest ended with {done.returncode}"


def plant(copy: Path, mistake: Mistake) -> Outcome:
    """The outcome of one mistake; the copy is put right afterwards."""
    target = copy / mistake.file
    whole = target.read_bytes()
    target.write_text(mistake.planted(copy), encoding="utf-8")
    try:
        return run_tests(copy, mistake.matters(copy))
    finally:
        target.write_bytes(whole)


def try_all(mistakes: Sequence[Mistake], copies: Sequence[Path], results: Results) -> dict[str, Outcome]:
    """The outcome of each by its name; those known from before are not tried again."""
    found: dict[str, Outcome] = {}
    keys = {mistake.name: mistake.key() for mistake in mistakes}  # of the tree as it was copied
    free: queue.Queue[Path] = queue.Queue()
    for copy in copies:
        free.put(copy)

    def one(mistake: Mistake) -> None:
        key, began = keys[mistake.name], time.perf_counter()
        if key not in results.known:
            copy = free.get()
            try:
                results.add(key, plant(copy, mistake))
            finally:
                free.put(copy)
        outcome, by = found[mistake.name] = tuple(results.known[key])
        print(f"{outcome:8} {mistake.name}  {by}  ({time.perf_counter() - began:.0f} s)", flush=True)

    with ThreadPoolExecutor(len(copies)) as workers:
        list(workers.map(one, mistakes))
    return found


def sound(mistakes: Sequence[Mistake], copy: Path, results: Results) -> bool:
    """Whether all tests that matter pass while nothing is planted: otherwise nothing could be learned."""
    tests = list(dict.fromkeys(test for mistake in mistakes for test in mistake.matters()))
    key = Mistake("nothing", "reproductions", "", "", "", tests=tuple(tests)).key()
    if key not in results.known:
        outcome, by = run_tests(copy, tests)
        if outcome != SURVIVED:
            print(f"Nothing is planted, and yet {by} fails: mend this first.")
            return False
        results.add(key, (outcome, by))
    return True


def chosen(name: str, words: Sequence[str]) -> tuple[list[Mistake], bool]:
    """A catalogue's mistakes with one of the words in their name or file, and whether all of them apply."""
    wanted = [m for m in load(name) if not words or any(word in m.name + m.file for word in words)]
    stale = [mistake for mistake in wanted if not mistake.applies()]
    for mistake in stale:
        print(f"{mistake.name}: its text is not in {mistake.file} exactly once; write it anew")
    return [mistake for mistake in wanted if mistake not in stale], not stale


def enough(name: str, found: dict[str, Outcome]) -> bool:
    """Prints how many are caught; whether they are enough."""
    caught = sum(outcome == CAUGHT for outcome, _ in found.values())
    print(f"{name}: {caught} of {len(found)} mistakes are caught ({caught / len(found):.0%})\n")
    return caught >= ENOUGH * len(found)


def main() -> int:
    """Tries the catalogues; 0 where enough mistakes are caught in each."""
    about, names = argparse.RawDescriptionHelpFormatter, catalogues()
    parser = argparse.ArgumentParser(
        "python -m tests.mistakes", description=__doc__, formatter_class=about, allow_abbrev=False
    )
    parser.add_argument("catalogue", nargs="*", help=f"{', '.join(names)} (default: all)")
    parser.add_argument("--only", nargs="*", default=[], metavar="WORD", help="by name or file")
    parser.add_argument("--workers", type=int, default=2, help="copies tested at a time (default: 2)")
    args = parser.parse_args()
    if unknown := sorted(set(args.catalogue) - set(names)):
        parser.error(f"no catalogue {', '.join(unknown)}; there are {', '.join(names)}")
    results, good = Results(), True
    results.known = results.read()
    with tempfile.TemporaryDirectory(prefix="mistakes-") as scratch:
        copies = [copy_of_the_tree(Path(scratch) / str(number)) for number in range(args.workers)]
        for name in args.catalogue or names:
            mistakes, applying = chosen(name, args.only)
            good &= applying
            if not mistakes:
                continue
            if not sound(mistakes, copies[0], results):
                return 1
            good &= enough(name, try_all(mistakes, copies, results))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
