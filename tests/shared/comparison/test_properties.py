"""What holds of every metric, interval and run folder, whatever the numbers and names."""

import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from toy_runs import facts

from shared.base.wilson import wilson
from shared.comparison import Predictions, metrics, read_run, write_run

CLASSES = st.integers(2, 4)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)


@st.composite
def decisions(draw):
    """(classes, true, decided) of up to fifty images."""
    k, n = draw(CLASSES), draw(st.integers(1, 50))
    one = st.lists(st.integers(0, k - 1), min_size=n, max_size=n).map(np.array)
    return k, draw(one), draw(one)


def same(one: float, other: float) -> bool:
    return math.isclose(one, other, abs_tol=1e-12) or (math.isnan(one) and math.isnan(other))


@given(decisions(), st.integers(0, 2**31))
def test_rates_are_shares_and_do_not_depend_on_the_order_of_images(data, seed):
    k, true, decided = data
    counts = metrics.confusion(true, decided, k)
    assert counts.sum() == len(true)
    order = np.random.default_rng(seed).permutation(len(true))
    again = metrics.confusion(true[order], decided[order], k)
    for name in metrics.CONFUSION_METRICS:
        for positive in (None, 0, k - 1):
            value = float(metrics.rate(counts, name, positive))
            assert math.isnan(value) or 0 <= value <= 1
            assert same(value, float(metrics.rate(again, name, positive)))
    assert float(metrics.rate(counts, "accuracy")) == pytest.approx((true == decided).mean())


@given(decisions())
def test_metrics_agree_with_each_other(data):
    """Two ways: F1 of precision and recall, and the classes of two exchanged."""
    k, true, decided = data
    counts = metrics.confusion(true, decided, k)
    of = {name: float(metrics.rate(counts, name, 0)) for name in ("precision", "recall", "f1", "npv")}
    if of["precision"] + of["recall"] > 0:
        harmonic = 2 * of["precision"] * of["recall"] / (of["precision"] + of["recall"])
        assert of["f1"] == pytest.approx(harmonic)
    if k == 2:
        turned = metrics.confusion(1 - true, 1 - decided, 2)
        for one, other in (("sensitivity", "specificity"), ("ppv", "npv")):
            assert same(float(metrics.rate(counts, one, 0)), float(metrics.rate(counts, other, 1)))
            assert same(float(metrics.rate(counts, one, 0)), float(metrics.rate(turned, one, 1)))
    micro = float(metrics.rate(counts, "micro_recall"))
    assert micro == pytest.approx(float(metrics.rate(counts, "accuracy")))


@given(st.lists(st.tuples(st.booleans(), st.integers(-50, 50)), min_size=2, max_size=40))
def test_auc_is_the_share_of_pairs_in_the_right_order(data):
    true, scores = np.array([t for t, _ in data], int), np.array([s for _, s in data], float)
    positives, negatives = scores[true == 1], scores[true == 0]
    table = np.stack([-scores, scores], axis=1)
    found = metrics.auc(true, table, 1)
    if not len(positives) or not len(negatives):
        assert math.isnan(found)
        return
    pairs = positives[:, None] - negatives[None]
    assert found == pytest.approx(((pairs > 0).sum() + (pairs == 0).sum() / 2) / pairs.size)
    assert metrics.auc(true, np.exp(table / 10), 1) == pytest.approx(found)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_is_scipys_and_holds_the_share(data):
    k, n = data
    low, high = wilson(k / n, n)
    theirs = scipy.stats.binomtest(k, n).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert 0 <= low <= k / n + 1e-12 and k / n - 1e-12 <= high <= 1
    wider = wilson(k / n, n / 2)
    assert wider[1] - wider[0] >= high - low


@st.composite
def predictions(draw):
    """Any names; probabilities in float32 or float64 down to the last bit."""
    k, n = draw(CLASSES), draw(st.integers(1, 8))
    kind = draw(st.sampled_from([np.float32, np.float64]))
    numbers = np.random.default_rng(draw(st.integers(0, 2**31))).dirichlet(np.ones(k) / 3, n).astype(kind)
    names = st.lists(NAMES, min_size=n, max_size=n)
    return Predictions(
        classes=tuple(draw(st.lists(NAMES.filter(str.strip), min_size=k, max_size=k, unique=True))),
        split=draw(st.lists(st.sampled_from(["test", "validation"]), min_size=n, max_size=n)),
        sample=draw(names),
        patient=draw(names),
        true=np.array(draw(st.lists(st.integers(0, k - 1), min_size=n, max_size=n))),
        probabilities=numbers,
        history=[{"epoch": 0, "loss": float(numbers[0, 0])}],
    )


@given(predictions())
def test_a_run_is_read_as_it_was_written(written):
    """Fails when a comma, a quote, a line break or the last bit of a probability is lost on the way."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "someone" / "a" / "draw-0"
        write_run(folder, written, facts())
        found = read_run(folder).predictions
    for name in ("classes", "split", "sample", "patient"):
        assert list(getattr(found, name)) == list(getattr(written, name)), name
    assert np.array_equal(found.true, written.true)
    assert np.array_equal(found.probabilities.astype(written.probabilities.dtype), written.probabilities)
    assert found.history[0]["loss"] == written.history[0]["loss"]
