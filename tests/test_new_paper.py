"""A new paper's folder runs at once, passes the suite's own checks, and a slip in it is named."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.base.errors import UserError
from shared.comparison import REPORTED_COLUMNS
from shared.running import scaffold

ROOT = Path(__file__).parents[1]
NAME = "sixth"

SLIPS = (  # (line and column of reported.csv, misspelt word, nearest known word)
    (2, "row", "plian", "plain"),
    (2, "metric", "acuracy", "accuracy"),
    (3, "unit", "fractoin", "fraction"),
    (3, "take", "poled", "pooled"),
    (3, "operator", "=>", ">="),
    (4, "split", "tset", "test"),
    (4, "class", "COVDI", "COVID"),
    (4, "metric", "training_imges", "training_images"),
)


def python(root: Path, *words: str) -> subprocess.CompletedProcess:
    done = subprocess.run([sys.executable, *words], cwd=root, capture_output=True, text=True, check=False)
    done.stdout += done.stderr
    return done


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A copy of the suite with a new paper in it."""
    root = tmp_path_factory.mktemp("clone")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    there = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in filter(lambda name: (ROOT / name).is_file(), there):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", root / ".mypy_cache")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    made = python(root, "-m", "reproductions", "new", NAME)
    assert made.returncode == 0, made.stdout
    return root


def test_it_passes_lint_and_the_suites_checks_as_it_is(clone):
    """Fails when the template falls behind the contract, a column of reported.csv, or a rule of the house."""
    for words in (
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy", f"reproductions/{NAME}"],
    ):
        linted = python(clone, "-m", *words)
        assert linted.returncode == 0, linted.stdout
    checks = ["tests/test_papers.py", "tests/test_house.py", "-k", f"{NAME} or readmes or make or house"]
    checked = python(clone, "-m", "pytest", "-n0", *checks)
    assert checked.returncode == 0, checked.stdout


def test_its_demo_runs_and_is_compared_and_shown(clone):
    done = python(clone, "-m", f"reproductions.{NAME}", "--scale", "demo", "--set", "epochs=1")
    assert done.returncode == 0, done.stdout
    lines = (clone / "results" / "demo" / NAME / "comparison.txt").read_text().splitlines()
    assert sum("DEMO, no verdict" in line for line in lines) == 3
    report = (clone / "results" / "report.html").read_text()
    assert "Training on flipped images raises the accuracy." in report
    consistency = python(clone, "-m", "reproductions", "consistency", NAME)
    assert "437/496" in consistency.stdout and "no whole number" not in consistency.stdout


@pytest.mark.slow
def test_it_runs_from_its_own_lists_to_the_byte(clone, tmp_path):
    """Fails when the template takes no list, or another part for the one that is listed."""
    demo = ["--scale", "demo", "--out", str(tmp_path)]
    written = python(clone, "-m", "reproductions", "splits", NAME, *demo, "--to", str(tmp_path / "to"))
    assert written.returncode == 0, written.stdout
    words = ["-m", f"reproductions.{NAME}", "--row", "plain", *demo, "--draw", "0", "--set", "epochs=1"]
    for lists in ([], ["--split-lists", str(tmp_path / "to" / NAME)]):
        done = python(clone, *words, *lists)
        assert done.returncode == 0, done.stdout
    tables = [path.read_bytes() for path in tmp_path.glob(f"demo/{NAME}/*/draw-0/predictions.csv")]
    assert len(tables) == 2 and tables[0] == tables[1]


@pytest.fixture
def folder(clone, tmp_path):
    """The paper's folder; put back after each slip."""
    folder = clone / "reproductions" / NAME
    shutil.copytree(folder, tmp_path / "kept")
    yield folder
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "kept", folder)


def test_a_misspelt_word_of_reported_csv_is_named_with_its_line(clone, folder):
    """Fails when a slip is accepted, or ends in a traceback."""
    code = f"""
import csv
from reproductions.__main__ import papers
from shared.running.cli import guarded
path = {str(folder / "reported.csv")!r}
rows = list(csv.reader(open(path)))
for line, column, word, _ in {SLIPS!r}:
    changed = [list(row) for row in rows]
    changed[line - 1][rows[0].index(column)] = word
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows(changed)
    print(guarded(lambda: papers([{NAME!r}]) and 0), flush=True)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=clone, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2"] * len(SLIPS)
    for (line, column, word, near), said in zip(SLIPS, done.stderr.splitlines(), strict=True):
        assert f"reported.csv, line {line}: {column} '{word}' is not known; nearest: " in said
        assert near in said.split("nearest: ")[1].split(", ")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('beats("flipped",', 'beats("fliped",', "row 'fliped' is not known; nearest: flipped"),
        ('"plain")', '"plain", "acuracy")', "metric 'acuracy' is not known; nearest: accuracy"),
        ('"plain")', '"plain", "recall", class_name="covid")', "class 'covid' is not known; nearest: "),
    ],
)
def test_a_misspelt_word_of_a_claim_is_named_with_its_line(clone, folder, right, wrong, said):
    path = folder / "claims.py"
    text = path.read_text()
    path.write_text(text.replace(right, wrong))
    line = text[: text.index(right)].count("\n") + 1
    done = python(clone, "-m", f"reproductions.{NAME}", "--list")
    assert done.returncode == 2 and "Traceback" not in done.stdout
    assert f"claims.py, line {line}, claim flipping-helps: {said}" in done.stdout


PEEK = """
from shared.base.errors import UserError


class Peek(layers.Layer):
    def call(self, images, training=False):
        if not hasattr(images, "numpy"):  # while the model is built
            return images
        if not training:
            raise UserError("seen in inference")
        print("peek", images.numpy().shape)
        return images

"""


def test_debug_runs_eagerly_one_batch_of_each_training_and_shows_the_whole_error(clone, folder, tmp_path):
    """Fails when values cannot be looked at, when a whole epoch runs, or when the error is cut to a line."""
    path = folder / "model.py"
    text = path.read_text().replace(")(images)", ")(Peek()(images))", 1)
    path.write_text(text.replace("\n\ndef build(", PEEK + "\ndef build(", 1))
    words = ["--row", "plain", "--debug", "--out", str(tmp_path / "out")]
    done = python(clone, "-m", f"reproductions.{NAME}", *words)
    assert done.returncode == 1
    shapes = [line for line in done.stdout.splitlines() if line.startswith("peek")]
    assert shapes == ["peek (16, 32, 32, 1)"]
    assert "Traceback" in done.stdout and 'raise UserError("seen in inference")' in done.stdout
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["Sixth", "6th", "class", "no-name", "taken", "there"])
def test_names_that_cannot_be_are_refused(tmp_path, name):
    (tmp_path / "there").mkdir()
    with pytest.raises(UserError, match=name):
        scaffold.write(name, tmp_path, ["taken"])
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_the_template_has_no_column_that_is_not_there():
    """Fails when a renamed column's cells are dropped in silence."""
    with open(scaffold.TEMPLATE / "reported.csv.txt", newline="") as file:
        assert set(next(csv.reader(file))) <= set(REPORTED_COLUMNS)
