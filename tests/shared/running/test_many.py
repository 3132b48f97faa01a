"""Commands, sites and scripts for many tasks: what they say is what the paper's command understands."""

import argparse
import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest
from finished_runs import put

from reproductions.__main__ import parser
from reproductions.altaf import PAPER
from shared.base.errors import UserError
from shared.running import cli, many, scripts, sites
from shared.running.tasks import Job, Task
from shared.running.worker import ALLOTTED, own_gpu

ROW = "ccd-vgg16-boosted"


def asked(*words: str) -> argparse.Namespace:
    return parser().parse_args(["run", "altaf", *words])


def job(draws: tuple[int, ...] = (0,), after: tuple[str, ...] = (), row: str = ROW) -> Job:
    return Job(tuple(Task("altaf", row, draw, (), after, 1.0) for draw in draws))


def test_a_job_is_the_command_of_its_paper_with_all_that_was_asked_for(tmp_path, monkeypatch):
    """Fails when an option is not handed on, or a folder is looked for where the worker stands."""
    monkeypatch.chdir(tmp_path)
    words = ["--out", "o", "--data-dir", "d", "--weights-dir", "w", "--cache", "c", "--scale", "demo"]
    words += ["--seed", "3", "--precision", "float32", "--threads", "2", "--parts", "4", "--set", "epochs=2"]
    words += ["--split-lists", "s"]
    said = many.command(PAPER, job((1, 2)), asked(*words))
    assert said[:2] == ["-m", "reproductions.altaf"]
    args = cli.parser(PAPER).parse_args(said[2:])
    assert (args.row, args.draw, args.scale, args.wait) == ([ROW], [1, 2], "demo", True)
    assert (args.seed, args.precision, args.threads, args.parts, args.set) == (
        3,
        "float32",
        2,
        4,
        ["epochs=2"],
    )
    assert [args.out, args.data_dir, args.weights_dir, args.cache] == [tmp_path / name for name in "odwc"]
    assert args.split_lists == tmp_path / "s" / "altaf"


def test_a_finished_draw_is_found_under_the_settings_it_was_made_with(tmp_path):
    """Fails when a run of another seed, or from lists, passes for this one's."""
    task, rows = job().tasks[0], {"altaf": PAPER.rows}
    put(tmp_path / "altaf" / ROW / "draw-0", PAPER.row(ROW))
    assert many.is_done(PAPER, rows, task, asked("--out", str(tmp_path)))
    assert not many.is_done(PAPER, rows, task, asked("--out", str(tmp_path), "--seed", "1"))
    assert not many.is_done(PAPER, rows, task, asked("--out", str(tmp_path), "--split-lists", str(tmp_path)))


def test_a_draw_that_is_damaged_or_of_another_day_is_a_task(tmp_path):
    """Fails when facts.json alone makes a draw done: no task starts, and nobody puts it aside."""
    task, rows, args = job().tasks[0], {"altaf": PAPER.rows}, asked("--out", str(tmp_path))
    folder = tmp_path / "altaf" / ROW / "draw-0"
    assert not many.is_done(PAPER, rows, task, args)
    for change in ({"config": {"epochs": 7}}, {"code_version": -1}):
        put(folder, PAPER.row(ROW), **change)
        assert not many.is_done(PAPER, rows, task, args), change
    put(folder, PAPER.row(ROW))
    assert many.is_done(PAPER, rows, task, args)
    (folder / "facts.json").write_text("")
    assert not many.is_done(PAPER, rows, task, args)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--row", "ccd-vgg16-boosted-agu"],
            "no row is called 'ccd-vgg16-boosted-agu'; did you mean ccd-vgg16-b",
        ),
        (["--gpus", "2"], "--gpus needs --on"),
    ],
)
def test_what_cannot_be_run_is_said_before_anything_runs(words, said):
    with pytest.raises(UserError, match=said):
        many.run([PAPER], asked(*words))


@pytest.mark.parametrize(("end", "code", "ran"), [("2", 2, "first second"), ("130", 130, "first")])
def test_a_paper_that_fails_keeps_no_other_from_running_and_ctrl_c_all(end, code, ran, tmp_path, monkeypatch):
    """Fails when the last paper's code hides the first one's, or the papers after it wait for another day."""
    monkeypatch.chdir(tmp_path)
    papers = []
    for name, own in (("first", end), ("second", "0")):
        Path(f"{name}.py").write_text(f"open('ran', 'a').write('{name} '); raise SystemExit({own})")
        papers.append(dataclasses.replace(PAPER, package=name))
    assert many.run(papers, asked()) == code
    assert Path("ran").read_text().split() == ran.split()


def test_a_draw_without_a_list_is_said_before_any_task_starts(tmp_path):
    """Fails when a cluster is asked for nodes on which every task stops at once."""
    (tmp_path / "altaf").mkdir()
    (tmp_path / "altaf" / "ccd-draw-0.csv").touch()
    args = asked("--row", ROW, "--split-lists", str(tmp_path))
    with pytest.raises(UserError, match=r"ccd-draw-1\.csv is missing, which draw 1 of ccd-vgg16-boosted"):
        many.runnable(PAPER, [PAPER], args)


def test_sites_that_cannot_be_are_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,5")
    out = ["--out", str(tmp_path)]
    with pytest.raises(UserError, match="there is no sbatch here"):
        sites.site(asked("--on", "slurm", *out))
    with pytest.raises(UserError, match="give local, slurm, or a Python file"):
        sites.site(asked("--on", "cloud", *out))
    with pytest.raises(UserError, match="--gpus 3: this machine has 2"):
        sites.site(asked("--on", "local", "--gpus", "3", *out))
    (tmp_path / "site.py").write_text("confg = 1\n")
    with pytest.raises(UserError, match="sets no `config`"):
        sites.site(asked("--on", str(tmp_path / "site.py"), *out))


@pytest.mark.parametrize("where", ["local", "slurm"])
@pytest.mark.parametrize("name", ["my results", "results(2)", "it's"])
def test_a_path_that_a_shell_takes_apart_is_one_line(name, where, tmp_path, monkeypatch):
    """Fails when workers are asked for that cannot start."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError) as said:
        sites.site(asked("--on", where, "--out", str(tmp_path / name)))
    assert f"results in '{tmp_path / name}': give --out a folder without blanks" in str(said.value)


def test_a_path_that_a_shell_takes_as_it_is_is_used(tmp_path, monkeypatch):
    """Fails when letters of other languages are taken for signs of the shell."""
    monkeypatch.setenv("PATH", str(tmp_path))
    out = tmp_path / "für-2~.x_@"
    site = sites.site(asked("--on", "local", "--out", str(out)))
    assert out in Path(site.config.run_dir).parents


@pytest.mark.parametrize(
    ("allowed", "gpus"),
    [
        ("-1", []),
        ("", []),
        ("NoDevFiles", []),
        ("0,-1,1", ["0"]),
        ("2, 5", ["2", "5"]),
        ("GPU-8932f937,MIG-1c", ["GPU-8932f937", "MIG-1c"]),
    ],
)
def test_the_list_of_gpus_ends_where_cuda_ends_it(allowed, gpus, monkeypatch):
    """Fails when GPUs that are switched off by -1 count as one."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", allowed)
    assert sites.gpus_here() == gpus


def test_a_worker_uses_the_gpu_that_its_job_was_given():
    """Fails when the first worker of every job on a shared node takes GPU 0."""
    assert own_gpu({ALLOTTED: "4,6", "CUDA_VISIBLE_DEVICES": "1"}) == {"CUDA_VISIBLE_DEVICES": "6"}
    assert (
        own_gpu({"CUDA_VISIBLE_DEVICES": "1"}) == own_gpu({ALLOTTED: "4", "CUDA_VISIBLE_DEVICES": ""}) == {}
    )


SBATCH = """#!/bin/bash
# Runs the lines of an array at once, and notes what it was asked.
echo "$@" >> asked
for word in "$@"; do case $word in --array=*) range=${word#--array=};; esac; done
range=${range%%%*}; script=$(cat)
for number in $(seq ${range%-*} ${range#*-}); do SLURM_ARRAY_TASK_ID=$number bash -c "$script"; done
echo 7
"""


def test_the_printed_script_runs_every_line_in_its_step(tmp_path, monkeypatch):
    """Fails when a line is left out, or a step does not wait for the one before."""
    first, second, other = job((0,)), job((0,), (f"altaf/{ROW}/draw-0",), "b"), job((0,), row="c")
    commands = {j: ["-c", f"print('ran {j}', file=open('ran', 'a'))"] for j in (second, first, other)}
    args = asked("--print", "--jobs", "3", "--partition", "p", "--gpus", "1", "--out", str(tmp_path / "a b"))
    scripts.write(commands, args)
    (tmp_path / "sbatch").write_text(SBATCH)
    (tmp_path / "sbatch").chmod(0o755)
    place = os.environ | {"PATH": f"{tmp_path}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
    script = tmp_path / "a b" / "tasks" / "submit.sh"
    subprocess.run(["bash", script], cwd=tmp_path, env=place, check=True, capture_output=True)
    assert (tmp_path / "ran").read_text().splitlines() == [f"ran {j}" for j in (first, other, second)]
    one, two = (tmp_path / "asked").read_text().splitlines()
    assert "--array=1-2%3" in one and "--dependency" not in one and "--gpus-per-node=1" in one
    assert "--array=3-3%3" in two and "--dependency=afterany:7" in two and "--partition=p" in two
