"""Evidence is small, the same to the byte each time, and gives the verdicts of the runs it was made from."""

import gzip

import numpy as np
import pytest
from toy_runs import facts, predictions, put, reported

from shared.comparison import Predictions, compare, evidence, find_evidence, metrics, read_run, write_run

CODE = {"commit": "0123456789abcdef", "changed": []}


def kept(run, folder):
    """A run as it is read back from evidence."""
    target = evidence.place_of(run, folder)
    evidence.record_run(run, target)
    return read_run(target)


def scored(probabilities, scores=None, classes=None):
    """Predictions of these probabilities, the classes in turn."""
    n, k = probabilities.shape
    names = classes or tuple("abcdefgh"[:k])
    everything = [f"image {i}" for i in range(n)]
    return Predictions(names, ["test"] * n, everything, [""] * n, np.arange(n) % k, probabilities, scores)


@pytest.mark.parametrize("spread", [1.0, 0.02, 1e-4, 1e-9, 1e-17])
@pytest.mark.parametrize("classes", [2, 3, 6])
def test_rounding_changes_no_decision_and_no_sum(classes, spread):
    """Fails when four digits make a tie of two classes and the other one wins."""
    rng = np.random.default_rng(classes)
    near = 1 / classes + spread * rng.dirichlet(np.ones(classes), 500) - spread / classes
    written = np.array([[float(cell) for cell in column] for column in evidence.rounded(near)]).T
    assert (written.argmax(axis=1) == near.argmax(axis=1)).all()
    assert np.abs(written - near).max() <= 0.5e-4 + 1e-12
    assert np.abs(written.sum(axis=1) - 1).max() <= 1e-3


def test_digits_by_hand():
    """Four, as few as suffice below that, and more where the decision asks for them."""
    values = np.array([[0.5, 0.5], [0.123449, 0.876551], [0.49999, 0.50001], [1.0, 0.0]])
    assert list(zip(*evidence.rounded(values), strict=True)) == [
        ("0.5", "0.5"),
        ("0.1234", "0.8766"),
        ("0.49999", "0.50001"),
        ("1", "0"),
    ]


def test_scores_decide_as_before(tmp_path):
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(60, 3)) * 1e-3 + 40
    write_run(tmp_path / "r", scored(rng.dirichlet(np.ones(3), 60), scores), facts())
    run = read_run(tmp_path / "r")
    back = kept(run, tmp_path / "evidence")
    assert (back.predictions.decided == run.predictions.decided).all()
    assert back.predictions.scores is not None


def test_evidence_is_the_same_to_the_byte_and_small(tmp_path):
    """Fails when gzip writes the time, or a name, or when 25,658 images need more than a few hundred kB."""
    rng = np.random.default_rng(1)
    n = 25_658
    names = [f"NCP_{i // 90}_{i // 30}_{i % 200:04d}.png" for i in range(n)]
    sharp = rng.dirichlet(np.full(3, 0.1), n).astype(np.float32)
    p = Predictions(("N", "CP", "NCP"), ["test"] * n, names, [""] * n, np.arange(n) % 3, sharp)
    first, second = evidence.packed(p), evidence.packed(p)
    assert first == second and len(first) < 500_000
    assert first[3] == 0 and first[4:8] == b"\0\0\0\0"  # no name, no time (RFC 1952)
    assert len(gzip.decompress(first).splitlines()) == n + 1


def test_verdicts_and_metrics_are_those_of_the_runs(tmp_path):
    """Fails when evidence drops or rounds what a verdict needs."""
    runs = put(tmp_path, [800, 795, 805], n=1000, code=CODE, deviations=[1, 4], config={"draws": 5})
    back = [kept(run, tmp_path / "evidence") for run in runs]
    lines = [reported(v) for v in ("80.0", "81.4", "90.0")] + [reported(metric="f1", class_name="COVID")]
    ours, theirs = compare(lines, runs), compare(lines, back)
    assert [(c.verdict, c.reason) for c in ours] == [(c.verdict, c.reason) for c in theirs]
    for name in (*metrics.CONFUSION_METRICS, "auc", "ece", "brier"):
        if not np.isnan(runs[0].metric(name, "COVID")):
            assert back[0].metric(name, "COVID") == pytest.approx(runs[0].metric(name, "COVID"), abs=1e-3)
    assert back[0].facts["deviations"] == [1, 4] and back[0].recorded and not runs[0].recorded


def test_history_facts_and_place_are_kept_and_pictures_are_not(tmp_path):
    extra = {"overrides": {"head": "gap"}, "code": CODE, "parameters": 7}
    p = predictions(history=[{"epoch": 0, "loss": 1 / 3}])
    write_run(tmp_path / "r", p, facts(**extra))
    run = read_run(tmp_path / "r")
    back = kept(run, tmp_path / "evidence")
    assert back.history == run.history and back.metric("parameters") == 7
    assert back.folder.parent.name.startswith("a+") and back.folder.name == "draw-0"
    runs, left_out = find_evidence(tmp_path / "evidence")
    assert [r.overrides for r in runs] == [("head=gap",)] and not left_out
    assert {path.name for path in evidence.files_of(back)} == {path.name for path in back.folder.iterdir()}


UNFIT = {
    "a demo": ({"scale": "demo"}, "demo"),
    "no commit": ({"code": {"commit": "", "changed": []}}, "which commit"),
    "nothing said": ({}, "which commit"),
    "a changed file": ({"code": CODE | {"changed": ["shared/x.py"]}}, "shared/x.py differed"),
    "resumed from a changed tree": (
        {"code": CODE, "resumed": [{"code": CODE | {"changed": ["a.py", "b.py"]}}]},
        "a.py and 1 more differed",
    ),
    "a stage of a changed tree": (
        {"code": CODE, "stages": {"cyclegan-1": [CODE, CODE | {"changed": ["gan.py"]}]}},
        "gan.py differed",
    ),
}


@pytest.mark.parametrize("case", UNFIT)
def test_only_the_code_of_a_commit_makes_evidence(tmp_path, case):
    extra, said = UNFIT[case]
    write_run(tmp_path, predictions(), facts(**extra))
    assert said in evidence.unfit(read_run(tmp_path))


def test_a_draw_that_was_resumed_under_a_later_commit_is_fit(tmp_path):
    resumed = [{"threads": {"intra": 1}}, {"code": CODE | {"commit": "2" * 40}}]
    write_run(tmp_path, predictions(), facts(code=CODE, resumed=resumed, stages={"body": [CODE]}))
    assert evidence.unfit(read_run(tmp_path)) == ""
