"""Training that can be killed at any moment and, started again, ends in the same bits."""

from __future__ import annotations

import contextlib
import contextvars
import gc
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from shared.base import screen
from shared.base.errors import Diverged
from shared.training import pace, parts, replicas
from shared.training.checkpoints import Checkpoints, load_arrays, save_arrays


def seed_initialisers(seed: int) -> None:
    """Makes the initial weights of the next models a function of the seed.

    Keras takes initialisers' seeds from Python's generator. keras.utils.set_random_seed would also throw away
    TensorFlow's prepared kernels, and every model traced so far would pay for its first step anew.
    """
    random.seed(seed)


def draw_seed(seed: int, draw: int) -> int:
    """The seed of a draw, the same for all rows."""
    return int(np.random.SeedSequence((seed, draw)).generate_state(1)[0])


def sizes(*models: keras.Model) -> dict[str, int]:
    """The facts of a model's size; a model in parts is given by its parts, none inside another."""
    count = sum(model.count_params() for model in models)
    trained = sum(int(np.prod(weight.shape)) for model in models for weight in model.trainable_weights)
    return {"parameters": count, "trainable_parameters": trained, "weights_bytes": 4 * count}


def compile_model(model, optimizer, loss, runtime, metrics: Sequence[str] = ("accuracy",)):
    """Compiles a built model. Optimizer, loss and metrics are built too: else the step is traced twice."""
    free_memory()
    replicas.synchronise(model)
    model.compile(optimizer=optimizer, loss=loss, metrics=list(metrics), jit_compile=runtime.jit_compile)
    parts.train_in_parts(model, runtime.parts)
    model.optimizer.build(model.trainable_variables)
    nothing = keras.ops.zeros((1, *model.output_shape[1:]))
    model.compute_loss(y=nothing, y_pred=nothing)
    model.compute_metrics(None, nothing, nothing)
    model.reset_metrics()
    return model


def reset(model, weights: Sequence[np.ndarray]) -> None:
    """Weights and a fresh optimizer in a compiled model: draws and folds share one traced step."""
    model.set_weights(weights)
    for variable in model.optimizer.variables:
        if variable.name == "dynamic_scale":  # of the loss, under mixed_float16
            variable.assign(model.optimizer.initial_scale)
        elif variable.name != "learning_rate":
            variable.assign(keras.ops.zeros_like(variable))


def free_memory() -> None:
    """Frees models that are gone, with all that was traced of them: some hundred megabytes each.

    Keras sums gradients over replicas by a custom gradient. TensorFlow's registry of those keeps the graph
    that it was traced in until the process ends, and there is no public way to take one out.
    """
    from tensorflow.python.framework import ops

    registry = ops.gradient_registry._registry
    for name in [name for name in registry if name.startswith("CustomGradient-")]:
        del registry[name]
    gc.collect()


_watching: list[list[tuple[Any, Callable[[int], Any]]]] = []


@contextlib.contextmanager
def watched() -> Iterator[list[tuple[Any, Callable[[int], Any]]]]:
    """Collects (model, batches) of every training that starts meanwhile."""
    seen: list[tuple[Any, Callable[[int], Any]]] = []
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)


_shortened: contextvars.ContextVar[bool] = contextvars.ContextVar("shortened", default=False)


@contextlib.contextmanager
def one_batch() -> Iterator[None]:
    """Every training that starts meanwhile is one epoch of one batch."""
    token = _shortened.set(True)
    try:
        yield
    finally:
        _shortened.reset(token)


def fit(
    model,
    batches: Callable[[int], Any],
    *,
    epochs: int,
    seed: int,
    folder: Path,
    title: str,
    validation: Callable[[], Any] | None = None,
    after_epoch: Callable[[int, dict], bool | None] | None = None,
    keep_best: str | None = None,
) -> list[dict]:
    """Trains a compiled model and returns one dict of logs per epoch.

    `batches(epoch)` must be a pure function of the epoch, and an epoch is whatever it gives: one pass or
    a block of steps. After an epoch all that the next one depends on is saved in `folder` (of large
    models not after every epoch): called again, a training repeats one epoch, or a few minutes, at the
    most. `after_epoch` may add to the logs and ends the training by returning True. With `keep_best` (the
    name of a log; higher is better, except for losses) the final weights are those of the best epoch.
    """
    if _shortened.get():
        epochs, whole = 1, batches
        batches = lambda epoch: whole(epoch).take(1)  # noqa: E731
    for seen in _watching:
        seen.append((model, batches))
    checkpoints = Checkpoints(folder)
    history, stopped = checkpoints.restore(model), False
    with screen.working(title, 0) as progress:
        while len(history) < epochs and not stopped:
            epoch = len(history)
            dataset = batches(epoch)
            _show(progress, epoch, epochs, len(dataset), history)
            logs = _run_epoch(model, dataset, epoch, seed, title, progress)
            _refuse_divergence(model, logs, f"{title}, epoch {epoch + 1}")
            if validation is not None:
                scores = model.evaluate(validation(), verbose=0, return_dict=True)
                logs |= {f"val_{name}": float(value) for name, value in scores.items()}
            stopped = bool(after_epoch and after_epoch(epoch, logs))
            history.append(logs)
            screen.detail(_line(title, epoch, epochs, logs))
            if keep_best and best_epoch(history, keep_best) == epoch:
                save_arrays(Path(folder) / "best.npz", model.get_weights())
            if len(history) < epochs and not stopped and checkpoints.due():
                checkpoints.save(model, history)
    if keep_best:
        model.set_weights(load_arrays(Path(folder) / "best.npz"))
    return history


def best_epoch(history: Sequence[dict], log: str) -> int:
    """The first of the best epochs."""
    values = np.array([logs[log] for logs in history])
    return int(np.argmin(values) if "loss" in log else np.argmax(values))


def predict(model, batches, title: str = "") -> np.ndarray:
    """The model's output for each image, in order, as float32."""
    with screen.working(title or "predictions", len(batches)) as progress:
        found = model.predict(batches, verbose=0, callbacks=[_Ticks(progress)]).astype("float32")
    refuse_nan(title or "predict", "the model's outputs", found)
    return found


def refuse_nan(title: str, what: str, *arrays: np.ndarray) -> None:
    """Stops before what is no number is rounded, saved or scored."""
    if not all(np.isfinite(array).all() for array in arrays):
        raise Diverged(title, f"{what} hold NaN or infinity")


def seed_epoch(model, seed: int, epoch: int) -> None:
    """Sets every random layer (dropout) from the seed and the epoch alone."""
    generators = {id(g): g for layer in model._flatten_layers() for g in layer._seed_generators}
    for index, generator in enumerate(generators.values()):
        state = np.random.SeedSequence((seed, epoch, index)).generate_state(1)[0]
        generator.state.assign(np.array([state, 0], dtype="uint32"))


class _Ticks(keras.callbacks.Callback):
    """One tick of the screen per step; the logs stay on the device."""

    def __init__(self, progress: screen.Progress):
        super().__init__()
        self.progress = progress

    def on_train_batch_end(self, batch, logs=None):
        self.progress.tick()

    def on_predict_batch_end(self, batch, logs=None):
        self.progress.tick()


def _run_epoch(model, dataset, epoch: int, seed: int, title: str, progress: screen.Progress) -> dict:
    seed_epoch(model, seed, epoch)
    start = time.perf_counter()
    with parts.naming_what_fits(model, dataset, title), pace.epoch(dataset) as counted:
        run = model.fit(
            replicas.shared_evenly(counted, title),
            initial_epoch=epoch,
            epochs=epoch + 1,
            shuffle=False,
            verbose=0,
            callbacks=[_Ticks(progress)],
        )
    logs = {name: float(values[-1]) for name, values in run.history.items()}
    return logs | {"seconds": round(time.perf_counter() - start, 3)}


def _refuse_divergence(model, logs: dict, title: str) -> None:
    """Keeps such weights out of checkpoints. A loss alone may overflow in half precision and recover.

    All logs are asked, since a model with its own step names its losses as it likes.
    """
    if not np.isfinite(list(logs.values())).all():
        refuse_nan(title, "the weights", *model.get_weights())


def _show(progress: screen.Progress, epoch: int, epochs: int, steps: int, history: Sequence[dict]) -> None:
    """The epoch that begins; the time left is that of all epochs, though a stopping rule may end them."""
    loss = f", loss {history[-1]['loss']:.3g}" if history and "loss" in history[-1] else ""
    progress.note = f"epoch {epoch + 1}/{epochs}{loss}"
    progress.total = progress.done + (epochs - epoch) * steps


def _line(title: str, epoch: int, epochs: int, logs: dict) -> str:
    values = "  ".join(f"{name} {value:.4g}" for name, value in logs.items() if name != "seconds")
    return f"{title}: epoch {epoch + 1}/{epochs}  {values}  ({logs['seconds']:.0f} s)"
