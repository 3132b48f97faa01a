"""A benchmark stops the runs that are at work, and they go on whatever becomes of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shared.running import quiet

ROOT = Path(__file__).parents[3]
AT_WORK = "import sys, time; from pathlib import Path; from shared.running import quiet\n"
RUN = AT_WORK + "with quiet.at_work(Path(sys.argv[1])): print('in', flush=True); time.sleep(60)"
PAUSE = AT_WORK + "with quiet.paused(Path(sys.argv[1])) as n: print(n, flush=True); time.sleep(60)"


def started(code: str, folder: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", code, folder], stdout=subprocess.PIPE, text=True, cwd=ROOT)


def state(process: subprocess.Popen) -> str:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def until(condition) -> bool:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.fixture
def run(tmp_path):
    process = started(RUN, tmp_path)
    assert process.stdout.readline() == "in\n"
    yield process
    process.kill()
    process.communicate()


def test_a_run_stands_still_while_something_is_measured_and_goes_on(run, tmp_path):
    with quiet.paused(tmp_path) as stopped:
        assert stopped == 1 and until(lambda: state(run) == "T")
    assert until(lambda: state(run) != "T")


def test_a_benchmark_that_is_killed_leaves_no_run_stopped(run, tmp_path):
    """Fails when only the benchmark itself could let them go on."""
    benchmark = started(PAUSE, tmp_path)
    assert benchmark.stdout.readline() == "1\n" and until(lambda: state(run) == "T")
    benchmark.send_signal(signal.SIGKILL)
    benchmark.communicate()
    assert until(lambda: state(run) != "T")


def test_a_run_that_begins_meanwhile_waits(tmp_path):
    with quiet.paused(tmp_path) as stopped:
        assert stopped == 0
        late = started(RUN, tmp_path)
        assert "waiting for process" in late.stdout.readline()
    assert late.stdout.readline() == "in\n"
    late.kill()
    late.communicate()


def test_the_sign_of_a_run_that_was_killed_stops_nobody_else(tmp_path):
    """Fails when a number that the system gave to another process is stopped."""
    (tmp_path / str(os.getpid())).write_text("another start")
    assert quiet.signed_in(tmp_path) == [] and list(tmp_path.iterdir()) == []
    with quiet.at_work(tmp_path):
        assert quiet.signed_in(tmp_path) == [os.getpid()]
    assert quiet.signed_in(tmp_path) == []
