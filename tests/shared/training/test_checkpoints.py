"""How often the state of a training is written."""

import time

import pytest

from shared.training.checkpoints import Checkpoints


@pytest.mark.parametrize(
    ("cost", "since", "due"),
    [(0.9, 0.0, True), (10.0, 100.0, False), (10.0, 250.0, True), (60.0, 900.0, False)],
)
def test_large_checkpoints_are_not_written_after_every_epoch(tmp_path, cost, since, due):
    """Fails when 1.5 GB are written each epoch, or when a small model loses more than one."""
    checkpoints = Checkpoints(tmp_path)
    checkpoints.cost, checkpoints.saved = cost, time.monotonic() - since
    assert checkpoints.due() is due
