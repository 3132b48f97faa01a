"""What CONTRIBUTING.md names is there: commands, files, and the columns and words of reported.csv."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from reproductions.__main__ import parser
from reproductions.papers import papers
from shared.comparison import REPORTED_COLUMNS, prediction
from shared.comparison.reported_lines import CLASS_FROM, OPERATORS, SCALES, TAKES
from shared.comparison.words import SPLITS

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COLUMNS = dict(
    re.findall(r"^\| (\w+) \| (.*) \|$", TEXT.split("<!-- columns -->")[1].split("<!-- /columns")[0], re.M)
)
WORDS = {
    "split": SPLITS,
    "operator": OPERATORS,
    "unit": SCALES,
    "take": TAKES,
    "design": prediction.DESIGNS,
    "class_from": CLASS_FROM,
}


def test_every_column_is_explained_in_its_order():
    assert tuple(COLUMNS)[1:] == REPORTED_COLUMNS


@pytest.mark.parametrize("column", WORDS)
def test_the_words_of_a_column_are_those_that_are_checked(column):
    """Fails when a word is added to the check and not to its explanation, or the other way round."""
    assert sorted(re.findall(r"`([^`]+)`", COLUMNS[column])) == sorted(WORDS[column])


def test_every_file_that_is_named_is_there():
    named = re.findall(r"`((?:tests|shared|data_builders)/[\w/.]+)`", TEXT)
    assert named and [name for name in named if not (ROOT / name).exists()] == []


def test_every_command_that_is_named_is_there():
    targets = set(re.findall(r"make ([a-z-]+)", TEXT))
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert targets and targets <= set(re.findall(r"^  ([a-z-]+) ", listed, re.M))
    for words in re.findall(r"python -m reproductions (\w+(?: NAME)?)", TEXT):
        assert parser().parse_args([word.replace("NAME", "x") for word in words.split()]).function


def test_make_help_names_the_two_targets_that_people_come_for():
    """Fails when the list drops a target whose name is made from the papers."""
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"reproduce-<paper>", "demo-<paper>", "doctor", "get", "report"} <= set(listed.split())


@pytest.mark.parametrize("target", ["test", "test-slow"])
def test_the_tests_targets_give_pytest_words_that_it_knows(target):
    """Fails when an option of the tests' own is not known yet where a file is named beside it."""
    listed = subprocess.run(
        ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    (words,) = re.findall(r"python (-m pytest.*)", listed)
    command = [sys.executable, *shlex.split(words), "--markers"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_rows_of_make_real_exist():
    """Fails when one is renamed: the night would go on without it."""
    script = (ROOT / "real.sh").read_text().replace("\\\n", " ")
    named = [line.split()[1:] for line in script.splitlines() if re.match(r"run \w+ [^(]", line)]
    assert {name for name, *_ in named} == {"altaf", "elazhari", "zebin"}
    for name, *rows in named:
        (paper,) = papers([name])
        assert rows and len(set(rows)) == len(rows)
        for row in rows:
            paper.row(row)
