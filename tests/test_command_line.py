"""The command line as a user has it: a demo row from nothing, and what was named and is not there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reproductions.zebin import PAPER
from shared.comparison import find_runs
from shared.running import cli

ROOT = Path(__file__).parents[1]


def test_a_row_without_data_says_what_is_missing_and_runs_as_a_demo(tmp_path, capsys):
    """Fails when a demo is not marked, gets a verdict, or drops its override."""
    none = tmp_path / "none"
    places = ["--out", str(tmp_path), "--data-dir", str(none), "--weights-dir", str(none)]
    sets = ["--set", "batch=16", "--set", "epochs=1"]
    assert cli.main(PAPER, ["--row", "vgg16-v1", "--draw", "0", *sets, *places]) == 0
    said = capsys.readouterr().out
    assert str(none / "covid_chestxray") in said
    assert str(none / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5") in said
    (folder,) = (tmp_path / "demo" / "zebin").glob("vgg16-v1+*")
    facts = json.loads((folder / "draw-0" / "facts.json").read_text())
    assert (facts["scale"], facts["overrides"]) == ("demo", {"batch": "16", "epochs": "1"})
    assert (folder / "draw-0" / "predictions.csv").read_text().startswith("# DEMO")
    text = (tmp_path / "demo" / "zebin" / "comparison.txt").read_text()
    assert text.startswith("DEMO") and "REPRODUCED" not in text and "CLOSE" not in text
    runs, damaged = find_runs(tmp_path)
    assert [r.row for r in runs] == ["vgg16-v1"] and runs[0].demo and not damaged


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
