"""A run is known by its content: copies, renamed folders and files changed by hand are left out and named."""

import gzip
import json
import shutil

import numpy as np
import pytest
from test_results import reseal
from toy_runs import facts, predictions, put

from shared.comparison import find_runs, folder_name, once_each, read_run, seals, write_run
from shared.comparison.run_reading import DamagedRun


def swap_rows(text):
    lines = text.splitlines(keepends=True)
    return "".join([lines[0], lines[2], lines[1], *lines[3:]])


def double_a_row(text):
    lines = text.splitlines(keepends=True)
    return "".join([*lines, lines[1]])


CHANGES = {
    "a flipped probability": ("predictions.csv", lambda text: text.replace("0.899999976,0.1", "0.1,0.9", 1)),
    "swapped rows": ("predictions.csv", swap_rows),
    "a doubled row": ("predictions.csv", double_a_row),
    "another loss": ("history.csv", lambda text: text.replace("0.5", "0.4")),
    "another seed": ("facts.json", lambda text: text.replace('"seed": 0', '"seed": 1')),
    "another commit": ("facts.json", lambda text: text.replace('"abc"', '"abd"')),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_by_hand_is_left_out_and_named(tmp_path, change):
    """Fails when the seal covers less than all files, and all facts."""
    folder = tmp_path / "someone" / "a" / "draw-0"
    written = predictions(history=[{"epoch": 0, "loss": 0.5}])
    write_run(folder, written, facts(seed=0, commit="abc", values=[0.1, float("nan")]))
    assert len(find_runs(tmp_path)[0]) == 1
    name, edit = CHANGES[change]
    text = (folder / name).read_text()
    assert edit(text) != text
    (folder / name).write_text(edit(text))
    runs, ((left_out, reason),) = find_runs(tmp_path)
    assert runs == [] and left_out == folder and name in reason and "changed" in reason


@pytest.mark.parametrize("name", ["predictions.csv.gz", "history.csv"])
def test_a_table_that_was_laid_beside_sealed_ones_is_not_read(tmp_path, name):
    """Packed predictions are read before the others, and a history wherever there is one."""
    folder = tmp_path / "out" / "someone" / "a" / "draw-0"
    write_run(folder, predictions(), facts())
    better = predictions(right=99, history=[{"epoch": 0, "accuracy": 1.0}])
    write_run(tmp_path / "other", better, facts())
    (folder / name).write_bytes((tmp_path / "other" / name.removesuffix(".gz")).read_bytes())
    if name.endswith(".gz"):
        (folder / name).write_bytes(gzip.compress((folder / name).read_bytes()))
    runs, ((left_out, reason),) = find_runs(tmp_path / "out")
    assert runs == [] and left_out == folder and reason.startswith(f"{name} was added")


def test_predictions_of_another_draw_break_the_seal(tmp_path):
    put(tmp_path, [80, 90])
    first, second = (tmp_path / "someone" / "a" / f"draw-{draw}" / "predictions.csv" for draw in (0, 1))
    shutil.copy(second, first)
    runs, ((_, reason),) = find_runs(tmp_path)
    assert [run.draw for run in runs] == [1] and "predictions.csv was changed" in reason


def test_facts_written_in_another_order_are_the_same_facts(tmp_path):
    """Fails when the seal depends on the layout of the JSON and not on what it says."""
    write_run(tmp_path, predictions(), facts(x=1, y={"b": 2.5, "a": "ü"}))
    kept = json.loads((tmp_path / "facts.json").read_text())
    (tmp_path / "facts.json").write_text(json.dumps(dict(reversed(kept.items()))))
    assert read_run(tmp_path).facts["y"] == {"a": "ü", "b": 2.5}


def copied(base):
    shutil.copytree(base / "draw-0", base / "draw-1")


def renamed(base):
    (base / "draw-0").rename(base / "draw-0-old")


def of_another_row(base):
    shutil.copytree(base / "draw-0", base.with_name("b") / "draw-0")


def of_another_paper(base):
    shutil.copytree(base / "draw-0", base.parents[1] / "somebody" / "a" / "draw-0")


def by_hand(base):
    """Another config under the row's own name."""
    facts = json.loads((base / "draw-0" / "facts.json").read_text()) | {"overrides": {"head": "gap"}}
    shutil.copytree(base / "draw-0", base / "draw-1")
    seals.write_facts(base / "draw-1", facts | {"draw": 1})


@pytest.mark.parametrize("place", [copied, renamed, of_another_row, of_another_paper, by_hand])
def test_a_folder_whose_place_is_not_that_of_its_content_is_no_draw(tmp_path, place):
    """Fails when a copy or a renamed folder counts as one more draw."""
    put(tmp_path, [80])
    place(tmp_path / "someone" / "a")
    runs, left_out = find_runs(tmp_path)
    assert len(runs) == (place is not renamed)
    assert ["a copy, or renamed" in reason for _, reason in left_out] == [True]


def test_two_runs_of_one_draw_count_once(tmp_path):
    """By hand: the same row and draw with the precision that `auto` would choose, and without asking."""
    put(tmp_path, [80])
    first = tmp_path / "someone" / "a" / "draw-0"
    asked = facts(asked_precision="float32")
    write_run(tmp_path / "x", predictions(80), asked)
    second = first.parents[1] / folder_name("a", {}, 0, "float32") / "draw-0"
    second.parent.mkdir()
    (tmp_path / "x").rename(second)
    runs, ((left_out, reason),) = once_each(find_runs(tmp_path)[0])
    assert [run.folder for run in runs] == [first] and left_out == second and "same draw" in reason


@pytest.mark.parametrize("line", [(1.2, -0.2), (0.6, 0.6), (0.2, 0.2), (-0.0001, 1.0001)])
def test_what_is_no_distribution_is_refused_when_read_and_when_written(tmp_path, line):
    """Fails when a file of logits, or of edited probabilities, is shown as a result."""
    written = predictions()
    write_run(tmp_path, written, facts())
    lines = (tmp_path / "predictions.csv").read_text().splitlines(keepends=True)
    start = lines[1].rsplit(",", 2)[0]
    (tmp_path / "predictions.csv").write_text(
        "".join([lines[0], f"{start},{line[0]},{line[1]}\n", *lines[2:]])
    )
    reseal(tmp_path)
    with pytest.raises(DamagedRun, match="0 to 1"):
        read_run(tmp_path)
    written.probabilities = np.array(written.probabilities)
    written.probabilities[0] = line
    with pytest.raises(ValueError, match="sum of 1"):
        write_run(tmp_path, written, facts())
