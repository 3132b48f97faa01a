"""The row that counts the official lists: no image, no weights, no training."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from data_builders import phantom
from reproductions.zhao import PAPER
from shared.comparison import compare, read_run, write_run
from shared.paper import Context, Folders
from shared.training.runtime import Runtime
from shared.training.stages import Stages

ROW = PAPER.row("lists")
FACTS = {"paper": "zhao", "row": "lists", "draw": 0, "scale": "paper"}


@pytest.fixture
def context(tmp_path):
    """The three lists and no image: ten slices per class, a patient each."""
    folder = phantom.write("covidx_ct", tmp_path / "data", per_class=10, side=32, patients=10)
    shutil.rmtree(folder / "2A_images")
    runtime, stages = Runtime("CPU", 0, "float32", False), Stages(tmp_path / "stages")
    return Context(tmp_path / "data", tmp_path, tmp_path, tmp_path, runtime, stages, seed=0, demo=False)


def lines_of(path: Path):
    return [line.split() for line in path.read_text().splitlines()]


def test_the_lists_alone_are_all_it_needs_and_it_is_no_work(context):
    (need,) = PAPER.needs(ROW)
    assert need.find(context.data_dir, context.weights_dir) is None
    (context.data_dir / "covidx_ct" / "train_COVIDx_CT-2A.txt").unlink()
    assert "train_COVIDx_CT-2A.txt is missing" in need.find(context.data_dir, context.weights_dir)
    assert PAPER.work(ROW) == ()


def test_a_training_needs_the_slices_too(context):
    """Fails where lists without slices pass for the data: a run would start, and end in an error."""
    find = PAPER.needs(PAPER.row("random"))[0].find
    assert "30 of 30 slices are missing, such as " in find(context.data_dir, context.weights_dir)
    written = context.data_dir.with_name("whole")
    phantom.write("covidx_ct", written, per_class=10, side=32, patients=10)
    assert find(written, context.weights_dir) is None


def test_a_count_says_which_lists_it_counted(context):
    """A list of other lines must not pass for the official one."""
    (need,) = PAPER.needs(ROW)
    at = Folders(context.data_dir, context.weights_dir, context.cache_dir)
    facts = need.facts(at)["data"]["covidx_ct"]
    assert (facts["images"], facts["published"]) == (30, 194_922)
    path = context.data_dir / "covidx_ct" / "val_COVIDx_CT-2A.txt"
    path.write_text(path.read_text().replace("CP_1_", "CP_77_"))
    assert need.facts(at)["data"]["covidx_ct"]["fingerprint"] != facts["fingerprint"]


def test_a_training_says_how_large_its_slices_must_be(context):
    """Slices that were reduced below the network's input must not pass for the published ones."""
    written = context.data_dir.with_name("whole")
    phantom.write("covidx_ct", written, per_class=10, side=32, patients=10)
    for row_id, crop in (("random", 480), ("fig6-160x128-10000", 128)):
        need = PAPER.needs(PAPER.row(row_id))[0]
        facts = need.facts(Folders(written, context.weights_dir, context.cache_dir))["data"]["covidx_ct"]
        assert facts["input"] == crop


def test_slices_and_patients_are_those_of_the_lists(context, tmp_path):
    """Slices counted for patients, a list left out, two classes exchanged; read back from its run folder."""
    second = "NCP_0_1_0900.png 2 0 4 32 28"  # another slice of a patient who is in the training list
    with open(tmp_path / "data" / "covidx_ct" / "train_COVIDx_CT-2A.txt", "a") as file:
        file.write(second + "\n")
    found = PAPER.run(ROW, 0, context)
    assert list(found.pictures) == ["counts"]
    write_run(tmp_path / "run", found, FACTS)
    run = read_run(tmp_path / "run")
    assert (run.facts["images"], run.facts["patients"]) == (31, 30)
    for short, split in (("train", "train"), ("val", "validation"), ("test", "test")):
        lines = lines_of(tmp_path / "data" / "covidx_ct" / f"{short}_COVIDx_CT-2A.txt")
        for number, cls in enumerate(("Normal", "CP", "NCP")):
            assert run.facts["counts"]["images"][split][cls] == sum(line[1] == str(number) for line in lines)
    assert (
        run.facts["counts"]["patients"]["train"]["NCP"] == run.facts["counts"]["images"]["train"]["NCP"] - 1
    )


def test_the_papers_two_counts_get_verdicts(context, tmp_path):
    found = PAPER.run(ROW, 0, context)
    exact = replace(found, facts=found.facts | {"images": 194_922, "patients": 3_750}, pictures={})
    write_run(tmp_path / "run", exact, FACTS)
    run = read_run(tmp_path / "run")
    lines = [c for c in compare(PAPER.reported(), [run]) if c.reported.row == "lists"]
    verdicts = {line.reported.metric: line.verdict for line in lines}
    assert verdicts == {"images": "REPRODUCED", "patients": "CLOSE"}
