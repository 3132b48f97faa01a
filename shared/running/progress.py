"""The lines that tell how far a run of many jobs is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from shared.base.text import duration
from shared.running.tasks import Job


class Progress:
    """What has started, what has ended, and how long the rest will take."""

    def __init__(self, jobs: Sequence[Job], workers: int):
        self.left = dict.fromkeys(jobs)
        self.total = len(jobs)
        self.workers = workers
        self.starts: dict[Job, int] = {}
        self.spent: dict[str, tuple[float, float]] = {}
        """Paper -> seconds and image-steps of its jobs that have ended."""

    @property
    def running(self) -> int:
        """How many jobs have started and not ended."""
        return sum(job in self.left for job in self.starts)

    def look(self, job: Job, note: Path) -> None:
        """A line for each start of a job that the note beside its log tells of."""
        lines = note.read_text().splitlines() if note.exists() else []
        for number, where in enumerate(lines[self.starts.get(job, 0) :], self.starts.get(job, 0)):
            self.starts[job] = number + 1
            self._say(f"{'starts' if number == 0 else 'starts again'}: {job} ({where})")

    def done(self, job: Job, seconds: float) -> None:
        """A job that ended well."""
        before = self.spent.get(job.paper, (0.0, 0.0))
        self.spent[job.paper] = (before[0] + seconds, before[1] + job.images)
        self._take(job, f"done: {job} in {duration(seconds)}")

    def failed(self, job: Job, reason: str, log: Path) -> None:
        """A job without a result."""
        self._take(job, f"FAILED: {job}: {reason}; see {log}")

    def not_begun(self, job: Job) -> None:
        """A job that was not to begin any more."""
        self.left.pop(job)

    def _take(self, job: Job, line: str) -> None:
        del self.left[job]
        self._say(f"{line}; {len(self.left)} of {self.total} jobs left{self._time_left()}")

    def _say(self, line: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)

    def _time_left(self) -> str:
        """From the speed of each paper's jobs so far; of a paper that has none yet, from that of all."""
        seconds, images = map(sum, zip(*self.spent.values(), strict=True)) if self.spent else (0.0, 0.0)
        if not self.left or not images:
            return ""
        speeds = {paper: spent / done for paper, (spent, done) in self.spent.items() if done}
        rest = sum(job.images * speeds.get(job.paper, seconds / images) for job in self.left)
        return f", about {duration(rest / min(self.workers, len(self.left)))}"
