"""Metrics agree with scikit-learn and with values computed by hand; intervals and tests with scipy."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics

from shared.base.wilson import wilson
from shared.comparison import metrics


def sample(n=300, k=3, seed=0):
    """True classes, probabilities and decisions that are right about 60% of the time."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, k, n)
    logits = rng.normal(size=(n, k)) + 1.2 * np.eye(k)[true]
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return true, probabilities, probabilities.argmax(1)


def resampled(true, decided, k, groups):
    """Bootstrapped confusion matrices."""
    return metrics.resampled_counts(true * k + decided, k * k, groups).reshape(-1, k, k)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_confusion_metrics_agree_with_scikit_learn(k):
    """Fails when true and decided are swapped, or an average is taken over the wrong axis."""
    true, _, decided = sample(k=k)
    counts = metrics.confusion(true, decided, k)
    assert (counts == sklearn.metrics.confusion_matrix(true, decided)).all()
    shares = sklearn.metrics.confusion_matrix(true, decided, normalize="true")
    assert np.allclose(metrics.shares_of_the_true(counts), shares)
    assert metrics.rate(counts, "accuracy") == pytest.approx(sklearn.metrics.accuracy_score(true, decided))
    theirs = {
        "recall": sklearn.metrics.recall_score,
        "precision": sklearn.metrics.precision_score,
        "f1": sklearn.metrics.f1_score,
    }
    for name, score in theirs.items():
        for c in range(k):
            assert metrics.rate(counts, name, c) == pytest.approx(score(true, decided, average=None)[c])
        for kind in ("macro", "micro"):
            assert metrics.rate(counts, f"{kind}_{name}") == pytest.approx(score(true, decided, average=kind))
        assert metrics.rate(counts, name) == metrics.rate(counts, f"macro_{name}")


def test_rates_of_one_class_by_hand():
    """Fails when specificity and NPV, or sensitivity and PPV, are exchanged."""
    counts = np.array([[6, 2], [1, 11]])  # class 0: 6 hits, 2 missed, 1 false alarm, 11 rejected
    by_hand = {
        "sensitivity": 6 / 8,
        "recall": 6 / 8,
        "specificity": 11 / 12,
        "ppv": 6 / 7,
        "precision": 6 / 7,
        "npv": 11 / 13,
        "f1": 12 / 15,
        "accuracy": 17 / 20,
    }
    for name, value in by_hand.items():
        assert metrics.rate(counts, name, 0) == pytest.approx(value), name
    assert metrics.rate(counts, "sensitivity", 1) == metrics.rate(counts, "specificity", 0)
    assert metrics.rate(counts, "npv", 0) == metrics.rate(counts, "ppv", 1)


def test_a_class_never_decided_for_has_no_precision_but_counts_as_zero_in_the_macro_average():
    """Fails when 0/0 becomes 0 or 1 silently, or NaN swallows the average."""
    counts = np.array([[4, 0], [3, 0]])
    assert np.isnan(metrics.rate(counts, "precision", 1))
    assert metrics.rate(counts, "recall", 1) == 0
    assert metrics.rate(counts, "f1", 1) == 0
    assert metrics.rate(counts, "macro_precision") == pytest.approx((4 / 7 + 0) / 2)


def test_a_stack_of_confusion_matrices_gives_each_ones_metric():
    counts = np.array([[[6, 2], [1, 11]], [[8, 0], [0, 12]]])
    assert metrics.rate(counts, "f1", 0) == pytest.approx([0.8, 1.0])
    assert metrics.rate(counts, "micro_recall") == pytest.approx([17 / 20, 1.0])


def test_auc_and_calibration_agree_with_scikit_learn():
    """Fails when AUC uses the decision instead of the score, or Brier is not halved for two classes."""
    true, p, _ = sample()
    theirs = sklearn.metrics.roc_auc_score(true, p, multi_class="ovr")
    assert metrics.auc(true, p) == pytest.approx(theirs)
    assert metrics.auc(true, p, 1) == pytest.approx(sklearn.metrics.roc_auc_score(true == 1, p[:, 1]))
    assert metrics.brier(true, p) == pytest.approx(sklearn.metrics.brier_score_loss(true, p))
    true, p, _ = sample(k=2)
    assert metrics.auc(true, p, 1) == pytest.approx(sklearn.metrics.roc_auc_score(true, p[:, 1]))
    assert metrics.auc(true, p, 0) == pytest.approx(metrics.auc(true, p, 1))
    assert metrics.brier(true, p) == pytest.approx(sklearn.metrics.brier_score_loss(true, p[:, 1]))
    assert np.isnan(metrics.auc(np.zeros(5, int), np.full((5, 2), 0.5), 1))


def test_two_class_auc_of_scores_that_are_no_probabilities_uses_the_lead():
    """Fails when only the positive class's own score ranks the images."""
    true = np.array([1, 1, 0, 0])
    scores = np.array([[0.0, 1.0], [5.0, 6.0], [3.0, 2.0], [9.0, 8.0]])
    assert metrics.auc(true, scores, 1) == 1.0


def test_ece_by_hand():
    """Fails when bins are averaged unweighted, or the decided class's probability is not the one used."""
    p = np.array([[0.95, 0.05], [0.95, 0.05], [0.95, 0.05], [0.35, 0.65]])
    true = np.array([0, 0, 1, 1])
    assert metrics.ece(true, p) == pytest.approx(0.75 * abs(0.95 - 2 / 3) + 0.25 * abs(0.65 - 1))
    exact = np.array([[1.0, 0.0]])
    assert metrics.ece(np.array([0]), exact) == 0


def test_wilson_agrees_with_scipy_and_stays_open_at_the_ends():
    """Fails when a perfect score gets a zero-width interval."""
    for k, n in ((0, 10), (3, 10), (149, 149), (700, 1277)):
        theirs = scipy.stats.binomtest(k, n).proportion_ci(method="wilson")
        assert wilson(k / n, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert wilson(1.0, 149)[0] < 0.98
    assert np.isnan(wilson(0.5, 0)).all()


def test_paired_tests_agree_with_scipy():
    """Fails when the standard deviation divides by n, or a test is one-sided."""
    differences = np.array([0.02, -0.01, 0.03, 0.04, 0.01])
    assert metrics.paired_t(differences) == pytest.approx(scipy.stats.ttest_1samp(differences, 0).pvalue)
    assert metrics.sign_test(differences) == pytest.approx(scipy.stats.binomtest(1, 5).pvalue)
    assert metrics.sign_test([0, 0, 0]) == 1.0
    assert np.isnan(metrics.paired_t([0.1, 0.1]))


def test_bootstrap_over_patients_is_wider_than_over_images():
    """Fails when a patient's images are drawn apart: ten alike images would count as ten."""
    rng = np.random.default_rng(1)
    right = np.repeat(rng.random(40) < 0.7, 10)
    true, decided = np.zeros(400, int), (~right).astype(int)
    single = resampled(true, decided, 2, np.arange(400))
    patients = [f"p{i // 10}" for i in range(400)]
    grouped = resampled(true, decided, 2, metrics.group_indices(patients))
    spreads = [metrics.rate(counts, "accuracy").std() for counts in (single, grouped)]
    assert spreads[1] > 2.5 * spreads[0]  # √10 times, but for chance
    p = right.mean()
    assert spreads[0] == pytest.approx(np.sqrt(p * (1 - p) / 400), rel=0.1)


def test_both_bootstraps_agree():
    """Two ways to one interval: multinomial draws of cells and draws of indices."""
    true, _, decided = sample(200)
    fast = resampled(true, decided, 3, np.arange(200))
    slow = metrics.bootstrap(
        np.arange(200),
        lambda i: metrics.rate(metrics.confusion(true[i], decided[i], 3), "f1", 1),
        resamples=1500,
    )
    assert metrics.rate(fast, "f1", 1).std() == pytest.approx(slow.std(), rel=0.15)
