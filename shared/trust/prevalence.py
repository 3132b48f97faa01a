"""What a sensitivity and a specificity mean where few of the people have the disease."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

import numpy as np

from shared.base.wilson import wilson
from shared.comparison import Predictions
from shared.trust.rates import Printed, Rate

PREVALENCES = (0.01, 0.10)
LEVEL = 0.975
"""Of each of the two rates, so that both lie in their intervals in at least 95%."""
DISEASE = re.compile(r"(covid|ncp)", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Share:
    """A share with its interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """In per cent.

        >>> str(Share(0.155, 0.1, 0.2))
        '15.5% (10.0 to 20.0)'
        """
        return f"{100 * self.value:.1f}% ({100 * self.low:.1f} to {100 * self.high:.1f})"


def disease_of(classes: Sequence[str]) -> str | None:
    """The class of COVID-19.

    >>> disease_of(["non-COVID", "COVID"])
    'COVID'
    """
    return next((name for name in classes if DISEASE.match(name)), None)


def predictive(sensitivity: Share, specificity: Share, prevalence: float) -> tuple[Share, Share]:
    """(PPV, NPV): of those called ill and of those called well, the shares that are.

    >>> ppv, npv = predictive(Share(0.9, 0.9, 0.9), Share(0.9, 0.9, 0.9), 0.01)
    >>> f"{ppv.value:.3f} {npv.value:.4f}"
    '0.083 0.9989'
    """
    ends = ("value", "low", "high")
    pairs = [(getattr(sensitivity, end), getattr(specificity, end)) for end in ends]
    ppv, npv = ([which(*pair, prevalence) for pair in pairs] for which in (_ppv, _npv))
    return Share(*ppv), Share(*npv)


def _ppv(sensitivity: float, specificity: float, prevalence: float) -> float:
    ill, well = prevalence * sensitivity, (1 - prevalence) * (1 - specificity)
    return ill / (ill + well) if ill + well else float("nan")


def _npv(sensitivity: float, specificity: float, prevalence: float) -> float:
    ill, well = prevalence * (1 - sensitivity), (1 - prevalence) * specificity
    return well / (ill + well) if ill + well else float("nan")


def of_printed(printed: Printed, row: str, classes: Sequence[str]) -> tuple[Share, Share] | None:
    """(sensitivity, specificity) for COVID-19 as the paper prints them, under either name."""
    disease = disease_of(classes)
    if disease is None:
        return None
    found = [printed.rate(row, name, disease) for name in ("sensitivity", "specificity")]
    others = [name for name in classes if name != disease]
    if len(others) == 1:  # the recall of one class of two is the specificity of the other
        turned = [printed.rate(row, name, others[0]) for name in ("specificity", "sensitivity")]
        found = [own or other for own, other in zip(found, turned, strict=True)]
    sensitivity, specificity = found
    return None if sensitivity is None or specificity is None else (_share(sensitivity), _share(specificity))


def _share(rate: Rate) -> Share:
    return Share(
        rate.middle, wilson(rate.low, rate.images, LEVEL)[0], wilson(rate.high, rate.images, LEVEL)[1]
    )


def of_predictions(predictions: Predictions) -> tuple[Share, Share] | None:
    """(sensitivity, specificity) for COVID-19 of some predictions; by patients where they are known."""
    disease = disease_of(predictions.classes)
    if disease is None:
        return None
    index = predictions.classes.index(disease)
    ill, called = predictions.true == index, predictions.decided == index
    if ill.all() or not ill.any():
        return None
    owners = zip(predictions.patient, predictions.sample, strict=True)
    owner = np.array([patient or f"image {sample}" for patient, sample in owners])
    return _of(called[ill], owner[ill]), _of(~called[~ill], owner[~ill])


def _of(right: np.ndarray, owner: np.ndarray) -> Share:
    """An image that several draws scored counts as one, and so do all images of a patient."""
    value = float(right.mean())
    return Share(value, *wilson(value, len(np.unique(owner)), LEVEL))
