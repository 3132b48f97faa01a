"""Do images look like those that a model was trained for? By the features that its last layer reads."""

from __future__ import annotations

import numpy as np

NEIGHBOURS = 5


def strangeness(features: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Per image the share of known images that lie nearer to the other known ones than it does to them.

    1 is as far out as no known image is from the rest; images like the known ones are spread over 0 to 1.
    """
    if len(known) <= NEIGHBOURS:
        return np.full(len(features), np.nan)
    reference = np.sort(_distances(known, known, itself=True))
    return np.searchsorted(reference, _distances(features, known), side="left") / len(known)


def _distances(features: np.ndarray, known: np.ndarray, itself: bool = False) -> np.ndarray:
    """One minus the mean cosine to the nearest known images; not to itself, where it is one of them."""
    cosines = np.sort(_unit(features) @ _unit(known).T, axis=1)[:, ::-1]
    first = 1 if itself else 0
    return 1 - cosines[:, first : first + NEIGHBOURS].mean(axis=1)


def _unit(vectors: np.ndarray) -> np.ndarray:
    vectors = np.asarray(vectors, "float64")
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
