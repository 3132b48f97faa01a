"""Our own time to the first step, each in a process of its own: `first_step.py BACKBONE BATCH`."""

import contextlib
import sys

import numpy as np
from served import seconds, serve

from shared.training import runtime


def main(name, batch):
    """Serves once: the first step."""
    with contextlib.redirect_stdout(sys.stderr):
        started = runtime.start()
    from tests.benchmarks.bench_steps import fine_tuned

    n = int(batch)
    images = np.random.default_rng(0).random((n, 224, 224, 3), "float32")
    labels = np.eye(2, dtype="float32")[np.arange(n) % 2]
    serve(lambda: seconds(lambda: fine_tuned(name, started).fit(images, labels, batch_size=n, verbose=0)))


main(*sys.argv[1:])
