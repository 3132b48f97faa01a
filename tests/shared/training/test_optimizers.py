"""Adam in one operation: Keras' own, and rates per layer."""

import keras
import numpy as np
import pytest
from runtimes import ON_CPU

from shared.training import fitting, optimizers

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("options", [{}, {"clipnorm": 0.1, "weight_decay": 0.01}, {"beta_1": 0.5}])
def test_the_fused_update_is_keras_own(options):
    """Fails when the bias correction, epsilon, or one of Keras' options is lost on the way."""
    x, y = RNG.normal(size=(32, 5)).astype("float32"), RNG.normal(size=(32, 1)).astype("float32")
    ends = []
    for kind in (keras.optimizers.Adam, optimizers.Adam):
        keras.utils.set_random_seed(2)
        layers = [keras.layers.Input((5,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)]
        model = keras.Sequential(layers)
        schedule = keras.optimizers.schedules.CosineDecay(1e-2, 20)
        fitting.compile_model(model, kind(schedule, **options), "mse", ON_CPU, metrics=())
        for _ in range(10):
            model.train_on_batch(x, y)
        ends.append([*model.get_weights(), *(v.numpy() for v in model.optimizer.variables)])
    for ours, theirs in zip(*ends, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_layer_rate_multiplies_adams_step_of_that_layer_alone(policy):
    """Adam's first step has the size of its rate: 10 × for the output layer, 1 × elsewhere."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(4, name="hidden", dtype=policy)])
    model.add(keras.layers.Dense(2, activation="softmax", name="output", dtype="float32"))
    optimizer = optimizers.Adam(1e-3, layer_rates={"output": 10.0}, epsilon=1e-12)
    fitting.compile_model(model, optimizer, "categorical_crossentropy", ON_CPU)
    before = [w.copy() for w in model.get_weights()]
    x = RNG.normal(size=(16, 3)).astype("float32")
    y = np.eye(2, dtype="float32")[RNG.integers(0, 2, 16)]
    model.train_on_batch(x, y)
    steps = [np.abs(a - b).max() for a, b in zip(model.get_weights(), before, strict=True)]
    assert steps[0] == pytest.approx(1e-3, rel=1e-2) and steps[1] == pytest.approx(1e-3, rel=1e-2)
    assert steps[2] == pytest.approx(1e-2, rel=1e-2) and steps[3] == pytest.approx(1e-2, rel=1e-2)


def test_layer_rates_survive_saving():
    optimizer = optimizers.Adam(1e-3, layer_rates={"output": 10.0})
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert again.layer_rates == {"output": 10.0}
