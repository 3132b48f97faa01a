"""Quiet TensorFlow and repeatable examples for all tests; a table of what was tried."""

import gc
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The weights in the user's own cache would be found.
os.environ["KERAS_HOME"] = str(Path(tempfile.gettempdir()) / "keras-home-of-tests")

PROPERTY = "tried"
HEADER = """# What was tried

`make test-slow` wrote this table: each line is a test that ran, with how often it tried what it says.
A test that failed has no number here; the command then ends in an error. A run that was killed begins again
until it comes to an end; its bits are compared there, so that there are fewer ends than kills.

| what | times | outcome |
|---|---|---|
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--table", type=Path, help="write what was tried, and how often, to this file")


@pytest.fixture
def tried(record_property: Callable[[str, object], None]) -> Callable[[str, int, str], None]:
    """Notes what a test tried, how often, and what came of it."""
    return lambda what, times, outcome: record_property(PROPERTY, [what, times, outcome])


class Table:
    """Gathers the notes of all tests, those of other processes too; lines of tests that did not run stay."""

    def __init__(self, path: Path):
        self.path = path
        self.lines = _lines_before(path)
        self.new: dict[str, int] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = report.nodeid.rpartition("/")[2]
        if report.failed:
            self.lines[test] = f"| {test} | | FAILED |"
        if report.when != "call" or not report.passed:
            return
        self.lines.pop(test, None)
        for name, value in report.user_properties:
            if name == PROPERTY:
                what, times, outcome = value
                self.new[what] = self.new.get(what, 0) + times
                self.lines[what] = f"| {what} | {self.new[what]:,} | {outcome} |"

    def pytest_sessionfinish(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        rows = [self.lines[what] for what in sorted(self.lines)]
        machine = f"Last run: Python {platform.python_version()}, {os.cpu_count()} cores."
        self.path.write_text(HEADER + "\n".join(rows) + f"\n\n{machine}\n", encoding="utf-8")


def _lines_before(path: Path) -> dict[str, str]:
    """The table's lines by what was tried."""
    if not path.exists():
        return {}
    body = path.read_text(encoding="utf-8").partition("|---|---|---|\n")[2]
    return {
        line.split(" | ")[0].removeprefix("| "): line for line in body.splitlines() if line.startswith("|")
    }


def pytest_configure(config: pytest.Config) -> None:
    # A shell starts what runs in the background with Ctrl-C ignored, and so would all that tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    path = config.getoption("--table")
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Table(path))


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a test that waits for a process of its own leaves one idle."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """TensorFlow's own objects stay for good: the collections that models ask for need not look at them."""
    if "tensorflow" in sys.modules:
        from runtimes import set_as_in_a_run

        set_as_in_a_run()
    gc.freeze()
