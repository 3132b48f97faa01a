"""Every paper's training steps compile under XLA once determinism is off, as `--fast` on a GPU has them."""

import subprocess
import sys
from pathlib import Path

import pytest

from reproductions import PAPERS

ROOT = Path(__file__).parents[2]
ROWS = {
    "altaf": ("sc2c-resnet50-combined",),  # the intermediate and the target model
    "basu": ("alexnet-detl",),  # both stages
    "elazhari": ("ct-cnn-clean", "ct-vgg16-pretrained-clean"),
    "zebin": ("vgg16-v2",),  # a head and the CycleGAN
    "zhao": ("bit-m",),
}
"""Rows that have all kinds of steps of their paper between them."""
CODE = """
import dataclasses, importlib, sys
from pathlib import Path
from shared.training import runtime
started = dataclasses.replace(runtime.start(fast=True), jit_compile=True)
from shared.paper import Context
from shared.training import fitting
from shared.training.stages import Stages
package, row, folder = sys.argv[1:]
paper, root = importlib.import_module(package).PAPER, Path(folder)
paper.write_phantoms(root / "data", False)
stages = Stages(root / "stages")
context = Context(root / "data", root, root / "cache", root / "work", started, stages, 0, True)
with fitting.one_batch(), fitting.watched() as seen:
    paper.run(paper.demo(paper.row(row)), 0, context)
assert seen and all(model.jit_compile for model, _ in seen)
print(*(model.name for model, _ in seen))
"""


def test_every_paper_has_its_row():
    assert ROWS.keys() == set(PAPERS)


@pytest.mark.slow
@pytest.mark.parametrize(("paper", "row"), [(paper, row) for paper, rows in ROWS.items() for row in rows])
def test_a_step_compiles_under_xla(paper, row, tmp_path):
    """Fails when a layer, loss or optimizer holds an operation that XLA has no form of."""
    words = [sys.executable, "-c", CODE, f"reproductions.{paper}", row, tmp_path]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
