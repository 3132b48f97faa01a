"""Which images come from one source: copies of one picture, or images of one patient."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

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
    nodes = clusters + len(known)
    links = coo_array((np.ones(len(known)), (copies[known], clusters + patient)), shape=(nodes, nodes))
    component = connected_components(links, directed=False)[1][copies]
    _, first, inverse = np.unique(component, return_index=True, return_inverse=True)
    return first[inverse]
