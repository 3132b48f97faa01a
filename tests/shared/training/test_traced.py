"""One traced model at a time; the seed of a draw; the sizes of a model in parts."""

import gc
import weakref

import keras
import numpy as np

from shared.training.fitting import draw_seed, sizes
from shared.training.traced import one_at_a_time


class Network:
    """A thing that can be watched while it is freed."""


def test_a_model_is_built_once_and_freed_before_the_next_is_built():
    """Fails when two large models are in memory at a time."""
    alive: list[weakref.ref] = []

    @one_at_a_time
    def build(size: int, rate: float = 0.1) -> Network:
        gc.collect()
        assert [ref() for ref in alive if ref() is not None] == []
        network = Network()
        alive.append(weakref.ref(network))
        return network

    assert build(1) is build(1)
    build(2)
    build(2, rate=0.2)
    assert len(alive) == 3
    build.forget()
    gc.collect()
    assert alive[-1]() is None


def test_the_seed_of_a_draw_keeps_its_bits():
    """Fails when recorded draws could not be repeated any more."""
    assert [draw_seed(0, draw) for draw in range(3)] == [2968811710, 3964924996, 3141116543]
    assert len({draw_seed(seed, draw) for seed in range(10) for draw in range(10)}) == 100


def test_sizes_are_of_all_parts_and_frozen_weights_are_not_trained():
    base = keras.Sequential([keras.Input((3,)), keras.layers.Dense(5), keras.layers.BatchNormalization()])
    head = keras.Sequential([keras.Input((5,)), keras.layers.Dense(2)])
    everything = 3 * 5 + 5 + 4 * 5 + 5 * 2 + 2
    moving = 2 * 5
    found = sizes(base, head)
    assert found == {
        "parameters": everything,
        "trainable_parameters": everything - moving,
        "weights_bytes": 4 * everything,
    }
    base.trainable = False
    assert sizes(base, head)["trainable_parameters"] == 5 * 2 + 2
    assert found["weights_bytes"] == sum(np.asarray(w).nbytes for m in (base, head) for w in m.weights)
