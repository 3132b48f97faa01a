"""A run: one draw of one row, its predictions, and what can be measured of them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from shared.base.errors import UserError
from shared.comparison import metrics


@dataclasses.dataclass
class Predictions:
    """The result of a paper's run: one entry per scored image; the decision is the arg max."""

    classes: tuple[str, ...]
    split: list[str]
    sample: list[str]
    patient: list[str]
    """'' where the data set does not say."""
    true: np.ndarray
    """Index of the true class."""
    probabilities: np.ndarray
    """(n, classes)."""
    scores: np.ndarray | None = None
    """(n, classes), where something other than the probabilities decides."""
    history: list[dict] = dataclasses.field(default_factory=list)
    facts: dict = dataclasses.field(default_factory=dict)
    pictures: dict[str, tuple[Any, str]] = dataclasses.field(default_factory=dict)
    """name -> (matplotlib figure, caption); as read back: name -> (path of the PNG, caption)."""
    model: Mapping[str, Callable[[Path], object]] = dataclasses.field(default_factory=dict)
    """File name -> a function that writes that part of the trained model; nothing as read back."""

    @property
    def decided(self) -> np.ndarray:
        """Index of the class decided for."""
        return np.argmax(self.probabilities if self.scores is None else self.scores, axis=1)

    # Kept once computed, since a table asks for dozens of metrics: predictions are not changed after that.

    @functools.cached_property
    def counts(self) -> np.ndarray:
        """The confusion matrix: (true class, decided class)."""
        return metrics.confusion(self.true, self.decided, len(self.classes))

    @functools.cached_property
    def resampled(self) -> np.ndarray:
        """Bootstrapped confusion matrices, over patients where they are known."""
        k = len(self.classes)
        return metrics.resampled_counts(self.true * k + self.decided, k * k, self.groups).reshape(-1, k, k)

    @functools.cached_property
    def groups(self) -> np.ndarray:
        """Which images belong together: those of one patient; an image of unknown patient is alone."""
        return metrics.group_indices(self.patient)

    def of(self, split: str) -> Predictions:
        """The predictions of one split."""
        keep = [i for i, name in enumerate(self.split) if name == split]
        if len(keep) == len(self.split):
            return self
        return dataclasses.replace(
            self,
            split=[self.split[i] for i in keep],
            sample=[self.sample[i] for i in keep],
            patient=[self.patient[i] for i in keep],
            true=self.true[keep],
            probabilities=self.probabilities[keep],
            scores=None if self.scores is None else self.scores[keep],
        )


@dataclasses.dataclass
class Run:
    """One draw of one row, as read back."""

    folder: Path
    facts: dict
    predictions: Predictions
    _splits: dict[str, Predictions] = dataclasses.field(default_factory=dict, repr=False)

    @property
    def paper(self) -> str:
        return self.facts["paper"]

    @property
    def row(self) -> str:
        return self.facts["row"]

    @property
    def draw(self) -> int:
        return self.facts["draw"]

    @property
    def dealt(self) -> tuple[int, int]:
        """Seed and draw: runs of two rows that agree in both began from the same deal of the images."""
        return self.facts.get("seed", 0), self.draw

    @property
    def demo(self) -> bool:
        return self.facts["scale"] == "demo"

    @property
    def by_hand(self) -> dict[str, str]:
        """Fields set by hand, by name."""
        given = self.facts.get("overrides") or ()
        return dict(given) if isinstance(given, Mapping) else dict(text.split("=", 1) for text in given)

    @property
    def recorded(self) -> bool:
        """Whether it is evidence, and not a run of this machine."""
        return "recorded" in self.facts

    @property
    def identity(self) -> tuple[Any, ...]:
        """Two runs of a row's own config that agree in this are one draw."""
        return self.paper, self.row, self.demo, self.overrides, *self.dealt

    @property
    def history(self) -> list[dict]:
        return self.predictions.history

    @property
    def pictures(self) -> dict[str, tuple[Path, str]]:
        return self.predictions.pictures

    @property
    def overrides(self) -> tuple[str, ...]:
        """What was set by hand, as 'field=value'; a fast draw does not repeat to the bit and says so here."""
        fast = ("fast=yes",) if self.facts.get("fast") else ()
        return (*(f"{field}={value}" for field, value in self.by_hand.items()), *fast)

    def metric(self, name: str, class_name: str | None = None, split: str = "test") -> float:
        """A metric of one split, or a fact or last value of the history of that name; NaN where undefined."""
        if not metrics.is_metric(name):
            return self._fact(name)
        return measure(self.of(split), name, class_name)

    def of(self, split: str) -> Predictions:
        """The predictions of one split (kept: every metric asks for them)."""
        if split not in self._splits:
            self._splits[split] = self.predictions.of(split)
        return self._splits[split]

    def _fact(self, name: str) -> float:
        value = self.facts.get(name)
        if name == "weights_mb" and value is None:
            value = _times(self.facts.get("weights_bytes"), 1e-6)
        if name == "training_accuracy" and value is None and self.history:
            value = self.history[-1].get("accuracy")
        return _times(value, 1.0)


def _times(value: Any, factor: float) -> float:
    return value * factor if isinstance(value, (int, float)) else float("nan")


def measure(predictions: Predictions, name: str, class_name: str | None = None) -> float:
    """A metric of these predictions; without a class name the macro average over the classes."""
    if not len(predictions.true):
        return float("nan")
    positive = class_index(predictions.classes, class_name)
    if name in metrics.CONFUSION_METRICS:
        return float(metrics.rate(predictions.counts, name, positive))
    if name == "auc":
        deciding = predictions.probabilities if predictions.scores is None else predictions.scores
        return metrics.auc(predictions.true, deciding, positive)
    if predictions.scores is not None:  # calibration is a property of the probabilities that decide
        return float("nan")
    return metrics.CALIBRATION_METRICS[name](predictions.true, predictions.probabilities)


def class_index(classes: tuple[str, ...], class_name: str | None) -> int | None:
    """The index of a class by name; None for no name."""
    if not class_name:
        return None
    if class_name not in classes:
        raise UserError(f"no class '{class_name}' here; the classes are {', '.join(classes)}")
    return classes.index(class_name)


def by_row(runs: Iterable[Run], demo: bool = False) -> dict[str, list[Run]]:
    """Row id -> its runs with the row's own config, by draw: those on real data, or those of the demo."""
    found: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: run.draw):
        if run.demo == demo and not run.overrides:
            found.setdefault(run.row, []).append(run)
    return found


def pool(runs: Iterable[Run]) -> Predictions:
    """All draws' predictions together, as if they were one."""
    parts = [run.predictions for run in runs]
    scored = [p.scores is not None for p in parts]
    if any(p.classes != parts[0].classes for p in parts) or len(set(scored)) > 1:
        raise UserError("draws with different classes or scores cannot be pooled; run them again together")
    return Predictions(
        classes=parts[0].classes,
        split=[s for p in parts for s in p.split],
        sample=[s for p in parts for s in p.sample],
        patient=[s for p in parts for s in p.patient],
        true=np.concatenate([p.true for p in parts]),
        probabilities=np.concatenate([p.probabilities for p in parts]),
        scores=np.concatenate([p.scores for p in parts]) if scored[0] else None,
    )
