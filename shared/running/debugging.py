"""`--debug`: rows of a demo in eager mode, one batch for each training, errors with their traceback."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.paper import Context, Paper
from shared.training import fitting
from shared.training.runtime import start
from shared.training.stages import Stages


def debug(paper: Paper, rows: Sequence[Any], args: argparse.Namespace) -> int:
    """The first draw of each row (already a demo's), operation by operation; nothing is kept."""
    import tensorflow as tf

    runtime = start("float32", args.seed)
    tf.config.run_functions_eagerly(True)
    tf.data.experimental.enable_debug_mode()
    with tempfile.TemporaryDirectory() as folder, fitting.one_batch():
        root = Path(folder)
        paper.write_phantoms(root / "data", False)
        for row in rows:
            work = root / row.id
            stages = Stages(work / "stages")
            context = Context(
                root / "data", args.weights_dir, root / "cache", work, runtime, stages, args.seed, demo=True
            )
            found = paper.run(row, 0, context)
            print(f"{row.id}: ran to its end, {len(found.true)} images scored; nothing is kept.")
    return 0
