"""A list of commands and a script that hands it to SLURM, for sites where nothing may run on a login node."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.base.files import make_folder, write_text
from shared.running.tasks import Job, steps
from shared.running.worker import ROOT

LIST, SCRIPT = "tasks.txt", "submit.sh"


def write(commands: Mapping[Job, Sequence[str]], args: argparse.Namespace) -> int:
    """Writes both files below the results and says what to do with them."""
    folder = Path(args.out) / "tasks"
    make_folder(folder)
    levels = steps(list(commands))
    lines = [shlex.join(["python", *commands[job]]) for step in levels for job in step]
    write_text(folder / LIST, "".join(f"{line}\n" for line in lines))
    write_text(folder / SCRIPT, script(folder.resolve(), [len(step) for step in levels], args))
    print(f"Written: {folder / LIST} ({len(lines)} commands) and {folder / SCRIPT}.")
    print(f"Read the script, then: bash {folder / SCRIPT}. Give both again to go on after an interruption.")
    return 0


def script(folder: Path, sizes: Sequence[int], args: argparse.Namespace) -> str:
    """One array of SLURM jobs for each step of the graph; a step begins when the one before has ended."""
    ends = [sum(sizes[: number + 1]) for number in range(len(sizes))]
    ranges = [f"{end - size + 1}-{end}" for end, size in zip(ends, sizes, strict=True)]
    options = [f"--time={args.time}", f"--output={folder}/%A-%a.log"]
    options += [f"--partition={args.partition}"] if args.partition else []
    options += [f"--account={args.account}"] if args.account else []
    options += [f"--gpus-per-node={args.gpus}"] if args.gpus else []
    options += [f"--cpus-per-task={args.threads}"] if args.threads else []
    return f"""#!/bin/bash
# Hands the commands of {LIST} to SLURM, one job each. Tasks that are done say so and end at once.
export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH" PYTHONPATH={shlex.quote(str(ROOT))}
after=""
for range in {" ".join(ranges)}; do
  job=$(sbatch --parsable $after --array=$range%{args.jobs} {shlex.join(options)} <<'JOB'
#!/bin/bash
eval "$(sed -n "${{SLURM_ARRAY_TASK_ID}}p" {shlex.quote(str(folder / LIST))})"
JOB
  ) || exit 1
  echo "SLURM job $job: lines $range of {LIST}"
  after="--dependency=afterany:$job"
done
"""
