"""Which images come from one source: copies of one picture, or images of one patient."""

from __future__ import annotations

import numpy as np

from data_builders import near_duplicates


def sources(squares: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """Per image the first image of its source, found on grey squares of `near_duplicates.SIDE`."""
    return joined(near_duplicates.clusters(len(squares), near_duplicates.find(squares)), patients)


def joined(copies: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """Per image the first image that a chain of shared clusters and shared known patients leads to.

    >>> joined(np.array([0, 0, 1, 2]), np.array(["", "a", "a", ""])).tolist()
    [0, 0, 0, 3]
    """
    known = np.flatnonzero(patients != "")
    _, patient = np.unique(patients[known], return_inverse=True)
    clusters = copies.max() + 1
    links = np.stack([copies[known], clusters + patient], axis=1)
    component = near_duplicates.connected(clusters + len(known), links)[copies]
    _, first, inverse = np.unique(component, return_index=True, return_inverse=True)
    return first[inverse]
