"""Jobs on Parsl's workers: one line as each starts and ends, what is left, and a stop that loses nothing."""

from __future__ import annotations

import concurrent.futures
import secrets
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shared.base.files import make_folder
from shared.running.guard import Stopped
from shared.running.progress import Progress
from shared.running.sites import Site
from shared.running.tasks import Job
from shared.running.worker import Ended, starts, work

if TYPE_CHECKING:
    from parsl.dataflow.dflow import DataFlowKernel

GLANCE = 0.5
"""Seconds between two looks at what has started."""
LAST_LINES = 3
"""Of the output of a job that failed."""

Futures = dict[Job, "concurrent.futures.Future[Ended]"]


def run(commands: Mapping[Job, Sequence[str]], site: Site, folder: Path) -> int:
    """Runs all jobs, each after those that it waits for (they come before it); 1 where one has no result."""
    make_folder(folder)
    stop = folder.resolve() / f"stop-{secrets.token_hex(4)}"  # another command may work in the same folder
    logs = {job: folder.resolve() / f"{job.paper}-{job.row}-{job.draws[0]}.log" for job in commands}
    for log in logs.values():
        starts(log).unlink(missing_ok=True)
    print(f"{len(commands)} jobs on {site.name}. Their output is in {folder}/.")
    with _loaded(site):
        futures = _submit(commands, logs, stop)
        try:
            return _watch(futures, logs, stop, Progress(list(commands), site.workers))
        except KeyboardInterrupt:
            print("The running tasks are cancelled. They resume from their checkpoints.", flush=True)
            raise
        finally:
            stop.touch()  # for what a worker still has in hand


def _loaded(site: Site) -> DataFlowKernel:
    """Parsl with its programs running. A terminal sends Ctrl-C to them too, and it is not for them."""
    import parsl

    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGHUP)}
    try:
        return parsl.load(site.config)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _submit(commands: Mapping[Job, Sequence[str]], logs: Mapping[Job, Path], stop: Path) -> Futures:
    from parsl import python_app

    app = python_app(_after, cache=False)
    futures: Futures = {}
    makers: dict[str, concurrent.futures.Future[None]] = {}
    for job, words in commands.items():
        first = [makers[task] for task in sorted(job.after) if task in makers]
        futures[job] = app(list(words), str(logs[job]), str(stop), inputs=first)
        makers |= dict.fromkeys((task.id for task in job.tasks), _end_of(futures[job]))
    return futures


def _end_of(future: concurrent.futures.Future[Ended]) -> concurrent.futures.Future[None]:
    """Done when the job has ended in whatever way: Parsl starts nothing after a future that failed."""
    end: concurrent.futures.Future[None] = concurrent.futures.Future()
    future.add_done_callback(lambda _: end.set_result(None))
    return end


def _after(words: list[str], log: str, stop: str, inputs: Sequence[None] = ()) -> Ended:
    """A job, once others have ended: what they did not make, it makes itself."""
    return work(words, log, stop)


def _watch(futures: Futures, logs: Mapping[Job, Path], stop: Path, progress: Progress) -> int:
    waiting = dict(futures)
    lost = 0
    while waiting:
        try:
            concurrent.futures.wait(waiting.values(), GLANCE, concurrent.futures.FIRST_COMPLETED)
            for job in waiting:
                progress.look(job, starts(logs[job]))
            for job in [job for job, future in waiting.items() if future.done()]:
                lost += not _ended(job, waiting.pop(job), logs[job], progress)
        except KeyboardInterrupt as asked:
            if stop.exists() or isinstance(asked, Stopped):
                raise
            stop.touch()
            print(
                f"\nNo other task starts; the {progress.running} that run go on to their end. "
                "Ctrl-C again cancels them. The same command goes on later.",
                flush=True,
            )
    if stop.exists():
        raise KeyboardInterrupt
    return 1 if lost else 0


def _ended(job: Job, future: concurrent.futures.Future[Ended], log: Path, progress: Progress) -> bool:
    """Says how a job ended; False where it has no result."""
    try:
        ended = future.result()
    except Exception as error:  # of Parsl
        progress.failed(job, f"it or its worker was killed too often ({error})", log)
        return False
    if ended.code is None:
        progress.not_begun(job)
    elif ended.code:
        last = log.read_text(errors="replace").strip().splitlines()[-LAST_LINES:]
        progress.failed(job, f"it ended with code {ended.code}: {' / '.join(last)}", log)
    else:
        progress.done(job, ended.seconds)
    return ended.code is None or ended.code == 0
