"""One process for each copy of the code: it loads the libraries once and forks for every run of the tests.

Loading TensorFlow takes as long as many of the runs.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 1800  # seconds of one run of the tests, also on a busy machine
NO_END = -1000
"""Instead of an exit code: the run was stopped after LIMIT."""
LIBRARIES = "tensorflow keras tensorflow_datasets sklearn.linear_model cv2 scipy.stats matplotlib pytest"


class Worker:
    """Runs tests in one copy of the code."""

    def __init__(self, copy: Path):
        self.copy = copy
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        environment.pop("WRITE_TABLES", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(copy)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, tests: Sequence[str]) -> tuple[int, str]:
        """The exit code of pytest, which stops at the first failure, and all that it printed."""
        assert self.process.stdin and self.process.stdout
        print(json.dumps(list(tests)), file=self.process.stdin, flush=True)
        code, said = json.loads(self.process.stdout.readline())
        return code, said

    def stop(self) -> None:
        """Ends the process and the run that it waits for."""
        self.process.terminate()
        self.process.wait()


def serve(copy: Path) -> None:
    """Answers each line of tests with their outcome."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for name in LIBRARIES.split():
        importlib.import_module(name)
    for line in sys.stdin:
        with tempfile.TemporaryFile("w+") as said:
            child = os.fork()
            if not child:
                _test(copy, json.loads(line), said.fileno())
            code = _wait(child)
            said.seek(0)
            print(json.dumps([code, said.read()]), flush=True)


def _test(copy: Path, tests: Sequence[str], said: int) -> None:
    """Runs pytest in the copy, in a process group of its own; does not return."""
    os.setpgrp()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.chdir(copy)
    sys.path[:] = [str(copy)] + [path for path in sys.path if path not in ("", str(ROOT))]
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]  # the copy's own are meant
    code = 70
    try:
        import pytest

        code = int(pytest.main(["-n0", "-x", "-q", "-p", "no:cacheprovider", *tests]))
    finally:
        sys.stdout.flush()
        os._exit(code)


def _wait(child: int) -> int:
    """The child's exit code, or NO_END; it is ended after LIMIT, and when this process is stopped."""
    end, status = time.monotonic() + LIMIT, None
    try:
        while status is None and time.monotonic() < end:
            found, ended = os.waitpid(child, os.WNOHANG)
            status = ended if found else None
            time.sleep(0.05)
    finally:
        if status is None:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return NO_END if status is None else os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
