"""Commands that are killed at random moments, or run beside each other, end in the same bits.

They take an hour: `make test-slow`, or one paper at a time by ARGS="-k zhao".
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reproductions import PAPERS

ROOT = Path(__file__).parents[1]
KILLS = 20
SETTINGS = {
    "altaf": ("ccd-resnet50-transfer", "epochs=3"),
    "elazhari": ("ct-cnn", "max_epochs=3"),
    "zebin": ("vgg16-v1", "epochs=3"),
    "zhao": ("random", "block=2"),
    "basu": ("alexnet-detl", "tuning_epochs=3"),
}
"""A light row of each paper, with a few epochs to be killed in; of any other, its first row."""


def command(paper: str, out: Path) -> list[str]:
    row, setting = SETTINGS.get(paper, ("", ""))
    words = ["--row", row, "--set", setting] if row else []
    return [
        *(sys.executable, "-m", f"reproductions.{paper}", "--scale", "demo", "--draws", "1"),
        *("--out", str(out), *words),
    ]


def start(paper: str, out: Path) -> subprocess.Popen:
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command(paper, out), cwd=ROOT, start_new_session=True, **quiet)


def finish(process: subprocess.Popen) -> str:
    said, _ = process.communicate()
    assert process.returncode == 0 and "Traceback" not in said, said[-3000:]
    return said


def bits(out: Path) -> list[bytes]:
    found = sorted(out.rglob("predictions.csv"))
    assert found
    return [path.read_bytes() for path in found]


@pytest.fixture
def whole(tmp_path, request):
    """The bits of a run that nobody disturbs, and how long it takes."""
    began = time.monotonic()
    finish(start(request.param, tmp_path / "whole"))
    return request.param, bits(tmp_path / "whole"), time.monotonic() - began


@pytest.mark.slow
@pytest.mark.parametrize("whole", PAPERS, indirect=True)
def test_twenty_kills_at_random_moments_end_in_the_same_bits(whole, tmp_path, tried):
    """SIGKILL of the process group; started again until it ends, and then anew in another folder."""
    paper, expected, seconds = whole
    chance, kills, ends = random.Random(paper), 0, 0
    while kills < KILLS:
        out, killed = tmp_path / f"cut-{ends}", True
        while killed and kills < KILLS:
            process = start(paper, out)
            try:
                process.wait(chance.uniform(0, seconds))
                killed = False
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                kills += 1
            process.communicate()
        finish(start(paper, out))
        assert bits(out) == expected, f"after {kills} kills, in {out}"
        ends += 1
    tried(f"{paper}: killed at random moments", kills, f"{ends} of {ends} ends bit-identical")


@pytest.mark.slow
@pytest.mark.parametrize("whole", PAPERS[:1], indirect=True)
def test_two_commands_on_one_fresh_folder_end_in_the_same_bits(whole, tmp_path, tried):
    """Fails when one writes the look-alikes over the other's, or takes its work folder away."""
    paper, expected, _ = whole
    for number in range(5):
        both = [start(paper, tmp_path / str(number)) for _ in range(2)]
        for process in both:
            finish(process)
        assert bits(tmp_path / str(number)) == expected
    tried("two commands at once on one fresh folder", 5, "5 of 5 bit-identical, none died")
