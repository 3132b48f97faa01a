"""Test images that training has seen are found, each for its own reason; a clean split has none."""

import numpy as np
import pytest
from scored import decided, run

from shared.trust import leaks
from shared.trust.leaks import apart, leak, of_run, twin
from shared.trust.parts_of_runs import leaks_part

PARTS = {"training": ["a", "b", "c"], "validation": ["v"], "test": ["t", "u", "w", "x"]}


def test_each_way_of_leaking_is_found_and_a_clean_split_is_clean():
    assert leak("clean", PARTS, {}, []).seen == frozenset()
    copied = leak("copies", PARTS, {}, [("u", "a"), ("b", "c"), ("w", "x")])
    assert (copied.duplicates, copied.seen) == ({"u"}, {"u"})
    assert leak("turned round", PARTS, {}, [("a", "u")]).duplicates == {"u"}
    chosen = leak("validation", PARTS, {}, [("t", "v")])
    assert chosen.duplicates == {"t"}
    patients = leak("patients", PARTS, {"a": "1", "w": "1", "x": "2", "t": "", "b": ""}, [])
    assert patients.patients == {"w"}
    both = leak("twice", {**PARTS, "training": ["a", "t"]}, {}, [])
    assert (both.same, both.duplicates) == ({"t"}, set())


def test_accuracy_on_the_others_is_that_of_images_nobody_saw():
    """Fails when seen and unseen are exchanged, or a copy that augmentation made is taken for a new image."""
    found = leak("copies", PARTS, {}, [("t", "a"), ("u", "b")])
    names = ["t#0", "t#1", "u", "w", "x"]
    scored = apart(decided([True, True, True, True, False], names), found)
    assert (scored.seen, scored.on_seen, scored.on_unseen) == (3, 1.0, 0.5)
    assert scored.low < 0.5 < scored.high
    clean = apart(decided([True, False], ["w", "x"]), found)
    assert np.isnan(clean.on_seen) and clean.seen == 0


def test_the_interval_on_the_others_is_by_patients():
    found = leak("none", {"training": [], "test": [f"{k}.png" for k in range(40)]}, {}, [])
    right = [k % 4 != 0 for k in range(40)]
    alone, owned = (
        apart(decided(right, patient=patient), found) for patient in (None, [str(k // 10) for k in range(40)])
    )
    assert owned.high - owned.low > 1.5 * (alone.high - alone.low)


def test_a_run_is_held_against_the_split_that_it_was_scored_on():
    """Fails when draws are matched by number: the split's own images decide."""
    found = [leak("draw 0", PARTS, {}, []), leak("draw 1", {"training": [], "test": ["y", "z"]}, {}, [])]
    assert of_run(run(decided([True, True], ["y", "z"]), draw=0), found).label == "draw 1"
    assert of_run(run(decided([True], ["y"])), found) is None


def test_twins_are_paired_where_they_share_images_and_not_elsewhere():
    """The gain is 10 points of 200 images either way; only pairing makes its interval small."""
    right = np.arange(200) % 10 != 0
    worse = right & (np.arange(200) % 10 != 1)
    published = run(decided(right), row="net")
    same = twin("net", "net-clean", [published, run(decided(worse), row="net-clean")])
    names = [f"other {k}.png" for k in range(200)]
    apart_ = twin("net", "net-clean", [published, run(decided(worse, names), row="net-clean")])
    assert same.paired and not apart_.paired
    assert same.effect == pytest.approx(0.1) and apart_.effect == pytest.approx(0.1)
    assert same.high - same.low < 0.8 * (apart_.high - apart_.low)
    assert twin("net", "net-clean", [published]) is None
    assert twin("net", "net-clean", [published, run(decided(worse), row="net-clean", scale="demo")]) is None


def test_what_was_found_is_kept_and_read_back(tmp_path):
    path = leaks.place(tmp_path, "toy")
    assert leaks.read(path) == []
    found = [leak("draw 0", PARTS, {"a": "1", "w": "1"}, [("u", "a")])]
    leaks.write(path, found)
    assert leaks.read(path) == found
    path.write_text("[{}]")
    assert leaks.read(path) == []


def test_the_part_shows_shares_and_both_accuracies():
    found = [
        leak("draw 0", PARTS, {}, [("t", "a")]),
        leak("draw 1", {"training": ["t"], "test": ["b"]}, {}, []),
    ]
    scored = run(decided([True, False, True, True], ["t", "u", "w", "x"]))
    part = leaks_part(["net", "net-clean"], [scored], found, may_look=True)
    assert "Both have run of none" in part.sentences[0]
    by_label = {line[1]: line for line in part.lines}
    assert "a near duplicate 1 (25%)" in by_label["draw 0"][3]
    assert (
        by_label["draw 0"][4:] == ("100.0% of 1", by_label["draw 0"][5]) and "66.7%" in by_label["draw 0"][5]
    )
    assert [line[0] for line in part.lines if line[1] == "training"] == ["draw 1"]
