"""Whether a run's data are the paper's, by hand for each case that the rule names."""

import pytest
from toy_runs import OTHER_DATA, put, reported

from shared.comparison import compare
from shared.comparison.data_state import COPIES, NEARLY, OTHER, SAME, data_caveats, state_of


def part(images, published, use="all", sides=(300, 512, 87), known=None, **more):
    """A dataset's facts: `sides` are the commonest longer side, the greatest one, and how often it occurs."""
    commonest, most, times = sides
    longer = {"least": 100, "median": 400.0, "most": most, "commonest": [commonest, times]}
    own = {"images": images, "published": published, "longer_side": longer, "known": known or {}}
    return {"use": use, "part": own, **more}


CASES = {
    "all there": (part(2482, 2482), SAME),
    "one of 2,482 absent": (part(2481, 2482), NEARLY),
    "just 99%": (part(990, 1000), NEARLY),
    "less than 99% of a row that uses all": (part(989, 1000), OTHER),
    "95% of those that a draw is made from": (part(950, 1000, "drawn"), NEARLY),
    "less than 95% of them": (part(949, 1000, "drawn"), OTHER),
    "one of the first 775 absent": (part(7749, 7750, "exactly"), OTHER),
    "all of the first 775": (part(7750, 7750, "exactly"), SAME),
    "more than published": (part(1100, 1000), OTHER),
    "published pixels in other files": (part(100, 100, known={"bytes": 0, "pixels": 100}), SAME),
    "published bytes": (part(100, 100, known={"bytes": 100, "pixels": None}), SAME),
    "stored anew, sizes kept": (part(100, 100, known={"bytes": 0, "pixels": 3}), COPIES),
    "reduced to the network's input": (part(5840, 5856, "drawn", (224, 224, 5840)), COPIES),
    "reduced further than that": (part(5840, 5856, "drawn", (200, 200, 5840)), OTHER),
    "reduced, smaller ones left as they were": (part(148, 149, "drawn", (256, 256, 144)), COPIES),
    "published in one size": (part(100, 100, sides=(1024, 1024, 100), published_side=1024), SAME),
    "a greatest size that fewer than half have": (part(100, 100, sides=(512, 512, 40)), SAME),
    "reduced from one size": (part(100, 100, sides=(256, 256, 100), published_side=1024), COPIES),
    "known pixels in one size": (part(100, 100, sides=(150, 150, 100), known={"pixels": 100}), SAME),
    "too few copies": (part(100, 5856, "drawn", (256, 256, 100)), OTHER),
    "counted label files": ({"use": "all", "images": 7, "published": 7, "files": {}}, SAME),
}


@pytest.mark.parametrize("case", CASES)
def test_each_state_by_hand(case):
    facts, expected = CASES[case]
    state = state_of("somewhere", facts, 224)
    assert state.kind == expected
    assert bool(state.text) == (expected != SAME) and (not state.text or "somewhere" in state.text)


def test_data_decide_whether_there_is_a_verdict_and_what_it_says(tmp_path):
    """Fails when one absent image forbids a verdict, copies go without a word, or other data have one."""
    lines = [reported()]
    whole = put(tmp_path / "0", [800, 795, 805], n=1000)
    wanted = compare(lines, whole)[0].verdict
    for number, (data, said) in enumerate(
        [
            (part(2481, 2482), "2,481 of 2,482"),
            (part(148, 149, "drawn", (256, 256, 144)), "copies of somewhere, reduced to 256 pixels"),
        ],
        1,
    ):
        runs = put(tmp_path / str(number), [800, 795, 805], n=1000, data={"somewhere": data})
        (c,) = compare(lines, runs)
        assert c.verdict == wanted and said in c.reason
    (c,) = compare(lines, put(tmp_path / "9", [800, 795, 805], n=1000, data=OTHER_DATA))
    assert c.verdict == "NOT COMPARABLE" and "305 of 500" in c.reason


def test_the_input_of_the_network_is_the_rows_side_unless_said_otherwise(tmp_path):
    """By hand: copies at 300 pixels serve a network of 224 and not one of 448."""
    copies = part(100, 100, sides=(300, 300, 100))
    (small,) = put(tmp_path / "1", [80], config={"side": 224}, data={"d": copies})
    (large,) = put(tmp_path / "2", [80], config={"side": 448}, data={"d": copies})
    (said,) = put(tmp_path / "3", [80], config={"side": 448}, data={"d": copies | {"input": 224}})
    answers = [compare([reported()], [run])[0].obtained.other_data for run in (small, large, said)]
    assert [bool(answer) for answer in answers] == [False, True, False]


def test_weights_that_are_not_the_published_file_are_told(tmp_path):
    weights = {"a.h5": {"published": False}, "b.h5": {"published": True}, "c.npz": {"published": None}}
    assert data_caveats(put(tmp_path, [80, 81], weights=weights)) == ["a.h5 is not the published file"]


def test_a_count_is_told_of_absent_images_and_not_how_the_others_are_stored(tmp_path):
    """Fails when a count is called one of copies, or images that are absent go untold beside copies."""
    data = {"whole": part(100, 100, sides=(300, 300, 100)), "less": part(99, 100, sides=(300, 300, 99))}
    runs = put(tmp_path, [80], data=data, weights={"a.h5": {"published": False}})
    stored = [f"copies of {name}, reduced to 300 pixels" for name in data]
    absent = ["less 99 of 100 images"]
    assert data_caveats(runs, counted=True) == absent
    assert data_caveats(runs) == [*stored, *absent, "a.h5 is not the published file"]
    exact = {"unit": "count", "runs": 0, "design": ""}
    numbers = [
        reported(),
        reported("80", metric="images_b", **exact),
        reported("7", metric="parameters", **exact),
    ]
    told = compare(numbers, put(tmp_path, [80], data=data, images_b=80, parameters=7))
    assert [sum(line in c.reason for line in (*stored, *absent)) for c in told] == [3, 1, 0]
