"""A script for test_engine: jobs that are a line of Python each, on two GPUs, or what passes for them.

Arguments: a folder, and NAME=CODE[<NAME] for each job, where `<NAME` names the job that it waits for.
"""

import argparse
import sys
from pathlib import Path

from shared.running import engine, sites
from shared.running.guard import guarded
from shared.running.tasks import Job, Task


def job(name: str, after: str) -> Job:
    return Job((Task("toy", name, 0, (), (f"toy/{after}/draw-0",) if after else (), 1.0),))


def main() -> int:
    folder = Path(sys.argv[1])
    commands = {}
    for text in sys.argv[2:]:
        name, _, code = text.partition("=")
        code, _, after = code.partition("<")
        commands[job(name, after)] = ["-c", code]
    args = argparse.Namespace(on="local", out=folder, gpus=None, workers=None, threads=1)
    return engine.run(commands, sites.site(args), folder / "tasks")


if __name__ == "__main__":
    sys.exit(guarded(main))
