"""Jobs on Parsl's workers: in order, once, again after a kill, and stopped by Ctrl-C without a loss."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import parsl
import pytest
import toy_jobs

from shared.running import engine, sites

ROOT = Path(__file__).parents[3]
PATIENCE = 90


@contextlib.contextmanager
def start(folder: Path, *jobs: str) -> Iterator[subprocess.Popen]:
    words = [sys.executable, Path(__file__).with_name("toy_jobs.py"), folder, *jobs]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    place = os.environ | {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "0,3"}
    with subprocess.Popen(words, cwd=ROOT, env=place, start_new_session=True, **pipes) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def run(folder: Path, *jobs: str) -> tuple[int, str]:
    with start(folder, *jobs) as process:
        said, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, said


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert holds()


def wait_for(file: Path) -> str:
    """Code of a job that waits for a file."""
    return f"import pathlib, time\nwhile not pathlib.Path({str(file)!r}).exists(): time.sleep(0.05)"


def stops(folder: Path) -> list[Path]:
    return list((folder / "tasks").glob("stop-*"))


def jobs_that_wait_and_fail(tmp_path):
    made = tmp_path / "made"
    code, said = run(
        tmp_path,
        f"first=import time, pathlib; time.sleep(1); pathlib.Path({str(made)!r}).touch()",
        f"second=import pathlib, sys; sys.exit(not pathlib.Path({str(made)!r}).exists())<first",
        "third=print('too bad'); raise SystemExit(2)",
        f"fourth=import os, pathlib; p = pathlib.Path({str(tmp_path / 'killed')!r})\n"
        "if not p.exists(): p.touch(); os.kill(os.getpid(), 15)",
    )
    assert code == 1, said
    assert "done: toy first, draw 0" in said and "done: toy second, draw 0" in said
    assert "FAILED: toy third, draw 0: it ended with code 2: too bad" in said
    assert set(re.findall(r"GPU (\d)", said)) == {"0", "3"}, "each worker has a GPU of its own"
    assert "starts again: toy fourth, draw 0" in said and "done: toy fourth, draw 0" in said
    assert len(re.findall("starts: ", said)) == 4 and "0 of 4 jobs left" in said


def a_killed_worker(tmp_path):
    go, log = tmp_path / "go", tmp_path / "processes"
    write = f"import os; open({str(log)!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
    with start(tmp_path, f"only={write}{wait_for(go)}") as process:
        note = tmp_path / "tasks" / "toy-only-0.starts"
        until(lambda: log.exists() and log.read_text())
        worker = int(re.search(r"process (\d+)", note.read_text())[1])
        os.kill(worker, signal.SIGKILL)
        until(lambda: len(log.read_text().split()) == 2)
        first = int(log.read_text().split()[0])
        assert not Path(f"/proc/{first}").exists()
        go.touch()
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert "starts: toy only" in said and "starts again: toy only" in said and "done: toy only" in said


def ctrl_c(tmp_path):
    go = tmp_path / "go"
    with start(tmp_path, f"a={wait_for(go)}", "b=print(1)<a") as process:
        until((tmp_path / "tasks" / "toy-a-0.starts").exists)
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        until(lambda: stops(tmp_path))
        go.touch()
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, said
    assert "No other task starts" in said and "done: toy a" in said and "starts: toy b" not in said


def ctrl_c_twice(tmp_path):
    with start(tmp_path, f"a={wait_for(tmp_path / 'never')}", "b=print(1)<a") as process:
        note = tmp_path / "tasks" / "toy-a-0.starts"
        until(note.exists)
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        until(lambda: stops(tmp_path))
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and "starts: toy b" not in said, said
    worker = int(re.search(r"process (\d+)", note.read_text())[1])
    until(lambda: not Path(f"/proc/{worker}").exists())


def two_commands(tmp_path):
    go = tmp_path / "go"
    with start(tmp_path, f"a={wait_for(go)}", "b=print(1)<a") as process:
        until((tmp_path / "tasks" / "toy-a-0.starts").exists)
        code, other = run(tmp_path, "c=print(2)")
        assert code == 0 and stops(tmp_path), other
        go.touch()
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and "done: toy b" in said, said


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """All of it at once: most of the time is spent waiting for Parsl."""
    stories = (jobs_that_wait_and_fail, a_killed_worker, ctrl_c, ctrl_c_twice, two_commands)
    with ThreadPoolExecutor() as threads:
        places = [tmp_path_factory.mktemp(story.__name__) for story in stories]
        yield {story: threads.submit(story, place) for story, place in zip(stories, places, strict=True)}


def test_jobs_wait_for_each_other_and_a_failure_is_told_with_its_last_words(ended):
    """Fails when the second begins too early, a failed job ends in code 0, or a killed one is given up."""
    ended[jobs_that_wait_and_fail].result()


def test_the_job_of_a_killed_worker_is_started_again_and_its_process_is_gone(ended):
    """Fails when a lost worker ends everything, or its process goes on beside the new one."""
    ended[a_killed_worker].result()


def test_ctrl_c_lets_running_jobs_end_and_starts_no_other(ended):
    """Fails when a running job is lost, or one that waits is started after all."""
    ended[ctrl_c].result()


def test_ctrl_c_twice_cancels_what_runs(ended):
    """Fails when a user must wait for hours, or a worker outlives its command."""
    ended[ctrl_c_twice].result()


def test_a_command_that_ends_stops_no_other_of_the_same_folder(ended):
    """Fails when the jobs of one paper are not begun, since those of another have come to their end."""
    ended[two_commands].result()


def test_what_waits_for_a_job_that_is_given_up_starts_all_the_same(tmp_path, capsys):
    """Fails when one job that is killed too often takes all with it that wait for what it makes."""
    place = {"run_dir": str(tmp_path / "parsl"), "initialize_logging": False}
    config = parsl.Config([parsl.ThreadPoolExecutor(max_threads=1)], **place)
    first, second = toy_jobs.job("first", ""), toy_jobs.job("second", "first")
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    commands = {first: ["-c", kill], second: ["-c", "print(1)"]}
    assert engine.run(commands, sites.Site(config, 1, "a thread"), tmp_path / "tasks") == 1
    said = capsys.readouterr().out
    assert "FAILED: toy first, draw 0: it or its worker was killed too often" in said
    assert "done: toy second, draw 0" in said
