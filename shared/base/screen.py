"""The screen of a command at work: lines that stay, and below them one that is rewritten.

On a terminal the last line says what is being done, how far it is and how long it still takes. In a pipe, in
a log file and under `--quiet` there is no such line, but one that stays, at least once a minute.

Both go where the command's output went when it began: to send elsewhere what a library prints is to send all
that the process prints.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from shared.base.text import duration

T = TypeVar("T")
EVERY = 60.0
"""Seconds after which a log hears of work that goes on."""


class Progress:
    """How far a piece of work is: `done` of `total` ticks, and a note such as the epoch."""

    def __init__(self, title: str, total: int):
        self.title, self.total, self.done, self.note = title, total, 0, ""
        self._first = 0.0

    def tick(self, number: int = 1) -> None:
        """So much more is done."""
        # The first tick pays for what comes once, such as tracing a model.
        self._first = self._first or time.monotonic()
        self.done += number

    def __str__(self) -> str:
        counted = f"{self.done:,} of {self.total:,}" if self.total else ""
        parts = [self.note or counted, self._left(), self.title]
        return ", ".join(part for part in parts if part)

    def _left(self) -> str:
        if self.done < 2 or self.done >= self.total:
            return ""
        seconds = (time.monotonic() - self._first) / (self.done - 1) * (self.total - self.done)
        return f"{duration(seconds)} left"


class Screen:
    """What a command shows of its work."""

    def __init__(self) -> None:
        self.live = False
        self.label = ""
        """The row that is at work."""
        self.stack: list[Progress] = []
        self.told: set[str] = set()
        self.spoke = time.monotonic()

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.label, *self.stack[-1:]) if part)


_screen = Screen()


@contextlib.contextmanager
def opened(quiet: bool = False) -> Iterator[None]:
    """A command's screen, from its first line to its last."""
    global _screen
    before, _screen = _screen, Screen()
    _screen.live = sys.stdout.isatty() and not quiet
    try:
        with _rewritten(_screen) if _screen.live else _reminding(_screen):
            yield
    finally:
        _screen = before


def width() -> int:
    """The columns of the terminal; 0 where nothing needs to fit."""
    return shutil.get_terminal_size().columns if _screen.live else 0


def once(text: str) -> None:
    """Prints a fact that several rows come upon, the first time only."""
    if text not in _screen.told:
        _screen.told.add(text)
        print(text)


def detail(text: str) -> None:
    """A line for the log; on a terminal the rewritten line has said it."""
    if not _screen.live:
        print(text)
        _screen.spoke = time.monotonic()


def label(text: str) -> None:
    """The row that is at work from now on."""
    _screen.label = text


@contextlib.contextmanager
def working(title: str, total: int) -> Iterator[Progress]:
    """Shows a piece of work while it is done."""
    progress, here = Progress(title, total), _screen
    here.stack.append(progress)
    try:
        yield progress
    finally:
        here.stack.remove(progress)


def over(items: Iterable[T], title: str, total: int) -> Iterator[T]:
    """The items, one tick for each."""
    with working(title, total) as progress:
        for item in items:
            yield item
            progress.tick()


@contextlib.contextmanager
def _rewritten(screen: Screen) -> Iterator[None]:
    """The last line of a terminal; what is printed meanwhile appears above it."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    def line() -> Text:
        return Text(str(screen), no_wrap=True, overflow="ellipsis")

    console = Console(file=sys.stdout)
    with Live(get_renderable=line, console=console, transient=True, refresh_per_second=4):
        yield


@contextlib.contextmanager
def _reminding(screen: Screen) -> Iterator[None]:
    """A line a minute for whoever reads the log."""
    closed, log = threading.Event(), sys.stdout

    def remind() -> None:
        while not closed.wait(max(0.01, screen.spoke + EVERY - time.monotonic())):
            if time.monotonic() - screen.spoke >= EVERY and str(screen):
                print(f"  {screen}", file=log, flush=True)
                screen.spoke = time.monotonic()
            elif not str(screen):
                screen.spoke = time.monotonic()

    thread = threading.Thread(target=remind, daemon=True)
    thread.start()
    try:
        yield
    finally:
        closed.set()
        thread.join()
