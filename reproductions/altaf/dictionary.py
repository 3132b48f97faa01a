"""Sparse and dense collaborative representation: class scores from a dictionary of training activations.

Section 3, "Sparse & dense collaborative representation" and "Label prediction"; what the text leaves open is
deviation 9.
"""

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cho_factor, cho_solve
from sklearn.linear_model import orthogonal_mp_gram


def class_scores(
    atoms: ArrayLike,
    atom_classes: ArrayLike,
    samples: ArrayLike,
    sparsity: int = 50,
    ridge: float = 2.0,
    norm: str = "l2",
) -> np.ndarray:
    """One score per sample and class: the sum of the fused coefficients of that class's atoms.

    `atoms` (n, m) are the training activations, `samples` (s, m) those to be classified; both are brought to
    unit length. Classes are 0, 1, … as in `atom_classes`. `norm` says how a code is normalised.
    """
    normalise = NORMS[norm]
    atoms, samples = unit(atoms), unit(samples)
    fused = normalise(sparse_codes(atoms, samples, sparsity)) + normalise(dense_codes(atoms, samples, ridge))
    membership = np.eye(np.max(atom_classes) + 1)[np.asarray(atom_classes)]
    return fused @ membership


def sparse_codes(atoms: np.ndarray, samples: np.ndarray, sparsity: int) -> np.ndarray:
    """Orthogonal matching pursuit: at most `sparsity` coefficients other than zero per sample."""
    gram, products = atoms @ atoms.T, atoms @ samples.T
    with warnings.catch_warnings():
        # Of a dependent atom: no further one is taken, as the pursuit should, and no user can mend it.
        warnings.filterwarnings("ignore", "Orthogonal matching pursuit ended prematurely", RuntimeWarning)
        codes = orthogonal_mp_gram(gram, products, n_nonzero_coefs=min(sparsity, *atoms.shape))
    return codes.reshape(len(atoms), len(samples)).T


def dense_codes(atoms: np.ndarray, samples: np.ndarray, ridge: float) -> np.ndarray:
    """(DᵀD + λI)⁻¹Dᵀs, one factorisation for all samples."""
    factor = cho_factor(atoms @ atoms.T + ridge * np.eye(len(atoms)))
    return cho_solve(factor, atoms @ samples.T).T


def unit(vectors: ArrayLike) -> np.ndarray:
    """Rows at unit Euclidean length; a row of zeros stays so."""
    return _scaled(vectors, 2)


def unit_sum(vectors: ArrayLike) -> np.ndarray:
    """Rows whose absolute values sum to one, so that no class sum exceeds one, as in a softmax."""
    return _scaled(vectors, 1)


def _scaled(vectors: ArrayLike, order: int) -> np.ndarray:
    vectors = np.asarray(vectors, dtype="float64")
    lengths = np.linalg.norm(vectors, order, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


NORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"l2": unit, "l1": unit_sum, "none": np.asarray}
"""Ways to normalise a code before two are added (deviation 9)."""
