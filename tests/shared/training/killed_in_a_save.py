"""For test_fitting: a training that kills itself between writing its second checkpoint and moving it."""

import os
import signal
import sys
from pathlib import Path

from runtimes import set_as_in_a_run, set_deterministic
from test_fitting import batches, fitting, small_model


def replace(source: Path, target: Path) -> None:
    if target.name == "checkpoint-00002.npz":
        os.kill(os.getpid(), signal.SIGKILL)
    move(source, target)


if __name__ == "__main__":
    set_as_in_a_run()
    set_deterministic()
    move, os.replace = os.replace, replace
    fitting.fit(small_model(), batches, epochs=3, seed=5, folder=Path(sys.argv[1]), title="killed")
