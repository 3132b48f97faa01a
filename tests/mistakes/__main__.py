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
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TypeVar

from tests.mistakes.mistake import ROOT, Mistake, catalogues, load
from tests.mistakes.worker import LIMIT, NO_END, Worker

KEPT = ROOT / "results" / "mistakes.json"
ENOUGH = 0.95
QUICK = 5.0  # seconds
CAUGHT, SURVIVED, BROKEN = "caught", "SURVIVED", "BROKEN"

Item = TypeVar("Item")
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


def outcome(code: int, said: str) -> Outcome:
    """What a run of the tests that stopped at the first failure says about the mistake in it."""
    if code == 0:
        return SURVIVED, ""
    if code == NO_END:
        return CAUGHT, f"no end after {LIMIT} s"
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", said, re.MULTILINE)
    if code == 1 and failed:
        return CAUGHT, failed[1]
    lines = said.strip().splitlines()
    return BROKEN, lines[-1][:200] if lines else f"pytest ended with {code}"


def plant(worker: Worker, mistake: Mistake, cost: Callable[[str], float]) -> Outcome:
    """The outcome of one mistake, its own and the cheapest tests first; the copy is put right afterwards."""
    target = worker.copy / mistake.file
    whole = target.read_bytes()
    target.write_text(mistake.planted(worker.copy), encoding="utf-8")
    tests = sorted(mistake.matters(), key=lambda test: (test not in mistake.tests, cost(test)))
    try:
        return outcome(*worker.run(tests))
    finally:
        target.write_bytes(whole)


def in_turn(items: Sequence[Item], workers: Sequence[Worker], do: Callable[[Worker, Item], None]) -> None:
    """Does something with every item, each with a worker that is free."""
    free: queue.Queue[Worker] = queue.Queue()
    for worker in workers:
        free.put(worker)

    def one(item: Item) -> None:
        worker = free.get()
        try:
            do(worker, item)
        finally:
            free.put(worker)

    with ThreadPoolExecutor(len(workers)) as threads:
        try:
            list(threads.map(one, items))
        except BaseException:  # Ctrl-C too: what still runs must end for the threads to end
            for worker in workers:
                worker.stop()
            raise


def try_all(
    mistakes: Sequence[Mistake], workers: Sequence[Worker], results: Results, seconds: dict[str, float]
) -> dict[str, Outcome]:
    """The outcome of each by its name; those known from before are not tried again."""
    found: dict[str, Outcome] = {}
    keys = {mistake.name: mistake.key() for mistake in mistakes}  # of the tree as it was copied
    caught_by: Counter[str] = Counter()

    def cost(test: str) -> float:
        """Quick tests first; of the others, those that have caught a lot are worth their time."""
        slow = seconds[test] > QUICK
        return QUICK + seconds[test] / (1 + caught_by[test]) if slow else seconds[test]

    def one(worker: Worker, mistake: Mistake) -> None:
        key, began = keys[mistake.name], time.perf_counter()
        if key not in results.known:
            results.add(key, plant(worker, mistake, cost))
        said, by = found[mistake.name] = tuple(results.known[key])
        caught_by[by.partition("::")[0]] += 1
        print(f"{said:8} {mistake.name}  {by}  ({time.perf_counter() - began:.0f} s)", flush=True)

    in_turn(mistakes, workers, one)
    return found


def sound(
    mistakes: Sequence[Mistake], workers: Sequence[Worker], results: Results
) -> dict[str, float] | None:
    """The seconds of every test file while nothing is planted; None where one of them fails."""
    seconds: dict[str, float] = {}
    failed: list[str] = []

    def one(worker: Worker, test: str) -> None:
        key = Mistake("nothing", "reproductions", "", "", "", tests=(test,)).key()
        if key not in results.known:
            began = time.perf_counter()
            said, by = outcome(*worker.run([test]))
            if said != SURVIVED:
                failed.append(f"Nothing is planted, and yet {by or test} fails: mend this first.")
                return
            results.add(key, (said, f"{time.perf_counter() - began:.1f}"))
        seconds[test] = float(results.known[key][1])

    tests = dict.fromkeys(test for mistake in mistakes for test in mistake.matters())
    in_turn(list(tests), workers, one)
    print("\n".join(failed), end="\n" if failed else "")
    return None if failed else seconds


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


def one_catalogue(name: str, words: Sequence[str], workers: Sequence[Worker], results: Results) -> bool:
    """Tries one catalogue; whether all of it applies and enough is caught."""
    mistakes, applying = chosen(name, words)
    if not mistakes:
        return applying
    seconds = sound(mistakes, workers, results)
    if seconds is None:
        return False
    return enough(name, try_all(mistakes, workers, results, seconds)) and applying


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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results, good = Results(), True
    results.known = results.read()
    with tempfile.TemporaryDirectory(prefix="mistakes-") as scratch:
        copies = [copy_of_the_tree(Path(scratch) / str(number)) for number in range(args.workers)]
        workers = [Worker(copy) for copy in copies]
        try:
            for name in args.catalogue or names:
                good &= one_catalogue(name, args.only, workers, results)
        finally:
            for worker in workers:
                worker.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
