"""How often the state of a training is written, and which training it serves."""

import re
import time

import keras
import pytest
from runtimes import ON_CPU

from shared.base.errors import UserError
from shared.training import fitting
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


@pytest.mark.parametrize(("outputs", "scaled"), [(2, True), (3, False)])
def test_a_state_of_another_network_or_precision_is_refused_with_the_remedy(tmp_path, outputs, scaled):
    """Fails when more variables (half precision has a scale of the loss) or other shapes are a traceback."""

    def model(outputs, scaled):
        optimizer = keras.optimizers.Adam()
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer) if scaled else optimizer
        built = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(outputs)])
        return fitting.compile_model(built, optimizer, "mse", ON_CPU)

    Checkpoints(tmp_path).save(model(2, scaled=False), [{"loss": 1.0}])
    remedy = f"precision.*remove {re.escape(str(tmp_path))} to begin anew"
    with pytest.raises(UserError, match=remedy):
        Checkpoints(tmp_path).restore(model(outputs, scaled))
