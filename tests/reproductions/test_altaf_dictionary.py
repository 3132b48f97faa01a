"""The dictionary: exact recovery, two solvers that agree, and hand-computed scores."""

import numpy as np
import pytest
from altaf_by_hand import naive_omp

from reproductions.altaf.dictionary import class_scores, dense_codes, sparse_codes, unit

RNG = np.random.default_rng(3)


def test_sparse_codes_agree_with_an_independent_solver():
    """Fails when atoms and samples are transposed, not normalised, or the sparsity is ignored."""
    atoms, samples = unit(RNG.normal(size=(40, 25))), unit(RNG.normal(size=(6, 25)))
    expected = np.array([naive_omp(atoms, sample, 7) for sample in samples])
    assert sparse_codes(atoms, samples, 7) == pytest.approx(expected, abs=1e-8)
    assert (np.count_nonzero(expected, axis=1) == 7).all()


def test_a_sparse_combination_is_recovered_exactly():
    atoms = unit(RNG.normal(size=(30, 200)))
    truth = np.zeros((4, 30))
    for code in truth:
        code[RNG.choice(30, 3, replace=False)] = RNG.uniform(1, 2, 3)
    assert sparse_codes(atoms, truth @ atoms, 3) == pytest.approx(truth, abs=1e-8)


def test_dense_codes_solve_the_ridge_equations():
    """Section 3: α = (DᵀD + λI)⁻¹Dᵀs, here by a general solver with D's columns as atoms."""
    atoms, samples = RNG.normal(size=(12, 8)), RNG.normal(size=(5, 8))
    columns = atoms.T
    expected = np.linalg.solve(columns.T @ columns + 2.0 * np.eye(12), columns.T @ samples.T).T
    assert dense_codes(atoms, samples, 2.0) == pytest.approx(expected, abs=1e-10)


def test_class_scores_by_hand():
    """Orthonormal atoms: sparse coefficient 1 and dense 1/(1+λ) on the one atom; each 1 after normalising."""
    atoms = np.eye(3) * [[2.0], [5.0], [7.0]]
    scores = class_scores(atoms, [0, 1, 1], [[0, 0, 9.0]], sparsity=1, ridge=2.0)
    assert scores == pytest.approx(np.array([[0.0, 2.0]]))
    mixed = class_scores(atoms, [0, 1, 1], [[3.0, 4.0, 0]], sparsity=2, ridge=2.0)
    assert mixed == pytest.approx(np.array([[2 * 0.6, 2 * 0.8]]))


def test_the_length_of_a_sample_or_atom_does_not_matter():
    """Fails when atoms or samples are used at their raw length (deviation 9)."""
    atoms, samples = RNG.normal(size=(20, 10)), RNG.normal(size=(3, 10))
    classes = RNG.integers(0, 2, 20)
    scaled = class_scores(atoms * RNG.uniform(0.1, 9, (20, 1)), classes, samples * 100, sparsity=4)
    assert scaled == pytest.approx(class_scores(atoms, classes, samples, sparsity=4))


def test_a_dead_sample_gets_no_score_and_fewer_atoms_than_the_sparsity_are_enough():
    scores = class_scores(RNG.normal(size=(5, 8)), [0, 1, 0, 1, 1], np.zeros((1, 8)), sparsity=50)
    assert scores == pytest.approx(np.zeros((1, 2)))


def test_unit_length_outweighs_a_softmax_and_unit_sum_does_not():
    """Deviation 9. Fails when the norms are exchanged: many alike atoms of a class make large sums."""
    centres = RNG.normal(size=(2, 64))
    classes = np.repeat([0, 1], 60)
    atoms, samples = (
        np.maximum(centres[labels] + RNG.normal(size=(len(labels), 64)), 0)
        for labels in (classes, np.tile([0, 1], 20))
    )
    scores = {norm: class_scores(atoms, classes, samples, norm=norm) for norm in ("l2", "l1", "none")}
    margins = {norm: np.abs(np.diff(found, axis=1)) for norm, found in scores.items()}
    assert np.mean(margins["l2"] > 1) > 0.8
    assert np.abs(scores["l1"]).max() <= 2
    raw = sparse_codes(unit(atoms), unit(samples), 50) + dense_codes(unit(atoms), unit(samples), 2.0)
    assert scores["none"] == pytest.approx(np.stack([raw[:, :60].sum(1), raw[:, 60:].sum(1)], axis=1))


def test_a_norm_by_hand():
    """Fails when l1 divides by the signed sum: a code of 3 and -1 becomes 0.75 and -0.25, twice."""
    scores = class_scores(np.eye(2), [0, 1], [[3.0, -1.0]], sparsity=2, norm="l1")
    assert scores == pytest.approx(np.array([[1.5, -0.5]]))
