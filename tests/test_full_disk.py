"""A disk that is full, read-only or gone ends a command in one line; with room the same command ends well."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_kills import bits, finish, start

SIZES = ("1m", "2m", "3m", "5m", "9m", "16m", "60m", "150m")
"""Full while look-alikes, a dataset, pixels, checkpoints or results are written."""


MOMENTS = (
    "data/altaf.part",
    "data/altaf",
    "cache/altaf/tfds/*",
    "cache/altaf/pixels/*",
    "cache/altaf/work/*",
)
"""What is there first when look-alikes, a dataset, pixels or a draw are being made."""


def mount(place: Path, options: str) -> bool:
    words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A disk of its own, where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    if not mount(place, f"size={SIZES[0]}"):
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def last_words(out: Path) -> str:
    """The one line that a command ends in which could not go on; '' of one that could."""
    return words_of(start("altaf", out))


def words_of(process: subprocess.Popen) -> str:
    """The error of a command that has one; it is one line, and says nothing of the program's insides."""
    said, _ = process.communicate()
    assert process.returncode in (0, 2) and "Traceback" not in said, said[-3000:]
    lines = [line for line in said.splitlines() if line.startswith("error: ")]
    assert len(lines) == (process.returncode == 2), said[-3000:]
    return "".join(lines)


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_with_room_the_bits_are_the_same(disk, tmp_path, tried):
    lines = []
    for room in SIZES:
        assert mount(disk, f"remount,size={room}")
        lines.append(last_words(disk / "out"))
    full = [line for line in lines if line]
    assert len(full) >= 3 and all("are free" in line or "nothing is free" in line for line in full), lines
    assert mount(disk, "remount,size=8g")
    finish(start("altaf", disk / "out"))
    finish(start("altaf", tmp_path / "whole"))
    assert bits(disk / "out") == bits(tmp_path / "whole")
    assert mount(disk, "remount,ro")
    assert "not kept: " in finish(start("altaf", disk / "out"))
    assert "cannot be written" in last_words(disk / "other")
    assert mount(disk, "remount,rw")
    tried("a disk full at some point of a run", len(full), "one line each; with room the same bits")


@pytest.mark.slow
def test_a_folder_that_vanishes_is_one_line_and_back_again_the_bits_are_the_same(tmp_path, tried):
    finish(start("altaf", tmp_path / "whole"))
    lines = []
    for number, moment in enumerate(MOMENTS):
        out, gone = tmp_path / str(number), tmp_path / f"gone-{number}"
        process = start("altaf", out)
        while process.poll() is None and not any(out.glob(f"demo/{moment}")):
            time.sleep(0.02)
        out.rename(gone)
        lines.append(words_of(process))
        finish(start("altaf", gone))
        assert bits(gone) == bits(tmp_path / "whole"), moment
    assert sum(map(bool, lines)) >= 3 and not any("AssertionError" in line for line in lines), lines
    tried("a results folder that vanishes in a run", len(MOMENTS), "one line each; back again the same bits")
