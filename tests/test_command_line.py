"""The command line as a user has it: a demo row from nothing, again, and after a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reproductions.altaf import PAPER
from shared.comparison import find_runs
from shared.running import cli

ROOT = Path(__file__).parents[1]


def words(out: Path, *more: str) -> list[str]:
    row = ["--row", "ccd-vgg16-transfer", "--set", "head=gap"]
    none = str(out / "none")
    return [*row, "--out", str(out), "--data-dir", none, "--weights-dir", none, *more]


def command(out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "reproductions.altaf", *words(out, *more)]


def run(out: Path, *more: str) -> subprocess.CompletedProcess:
    return subprocess.run(command(out, *more), cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_row_without_data_says_what_is_missing_and_runs_as_a_demo(tmp_path, capsys):
    """Fails when a demo is not marked, gets a verdict, or drops its override."""
    assert cli.main(PAPER, words(tmp_path, "--set", "epochs=1")) == 0
    said = capsys.readouterr().out
    assert str(tmp_path / "none" / "covid_ct") in said
    assert str(tmp_path / "none" / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5") in said
    (folder,) = (tmp_path / "demo" / "altaf").glob("ccd-vgg16-transfer+*")
    facts = json.loads((folder / "draw-0" / "facts.json").read_text())
    assert (facts["scale"], facts["overrides"]) == ("demo", {"head": "gap", "epochs": "1"})
    assert (folder / "draw-0" / "predictions.csv").read_text().startswith("# DEMO")
    text = (tmp_path / "demo" / "altaf" / "comparison.txt").read_text()
    assert text.startswith("DEMO") and "REPRODUCED" not in text and "CLOSE" not in text
    runs, damaged = find_runs(tmp_path)
    assert [r.row for r in runs] == ["ccd-vgg16-transfer"] and runs[0].demo and not damaged


@pytest.mark.slow
def test_a_killed_command_started_again_ends_in_the_same_bits(tmp_path):
    """SIGKILL of the whole process group in the middle of a draw; then the same command."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    settings = ("--scale", "demo", "--set", "epochs=4")
    assert run(whole, *settings).returncode == 0
    process = subprocess.Popen(command(cut, *settings), cwd=ROOT, start_new_session=True, text=True)
    deadline = time.monotonic() + 300
    while not list(cut.rglob("checkpoint-00002.npz")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not list(cut.rglob("predictions.csv"))
    assert run(cut, *settings).returncode == 0
    files = [next(root.rglob("predictions.csv")).read_bytes() for root in (whole, cut)]
    assert files[0] == files[1]


@pytest.mark.slow
def test_the_gpu_probe_measures_and_compares(tmp_path):
    """On a CPU too: fails when a paper's training cannot be watched, or the table cannot be made."""
    words = [sys.executable, "-m", "shared.running.gpu_check", "reproductions.altaf", "float32", tmp_path]
    subprocess.run(words, cwd=ROOT, check=True)
    found = json.loads((tmp_path / "probe.json").read_text())
    assert (
        min(cost["seconds"] for cost in found["costs"].values()) > 0
        and found["demo_speed"] > 0
        and 0 <= found["waiting"] < 1
    )
    assert found["peak_bytes"] > 2**28


@pytest.mark.parametrize("words", [["report"], ["record"]])
def test_results_that_were_named_and_are_not_there_are_an_error(words, tmp_path):
    """Fails when a misspelt folder ends in an empty report with exit code 0."""
    command = [sys.executable, "-m", "reproductions", *words, "--out", tmp_path / "none"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"error: --out {tmp_path / 'none'} is not there: name the folder of the runs\n"
