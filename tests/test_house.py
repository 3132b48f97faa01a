"""The house's rules: arrows, the contract of a paper, sources of values, the command line."""

import ast
import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reproductions import PAPERS
from reproductions.__main__ import papers
from shared.paper import deviations

ROOT = Path(__file__).parents[1]
PACKAGES = {"data_builders": {"shared"}, "shared": set(), "reproductions": {"shared", "data_builders"}}
HEAVY = {"tensorflow", "keras", "tensorflow_datasets", "matplotlib", "sklearn", "cv2"}


def imported(path: Path) -> set[str]:
    """Full names of all modules a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_arrows_point_one_way(package):
    """Fails when shared or data_builders reach for each other or for a paper."""
    for path in sources(package):
        tops = {name.split(".")[0] for name in imported(path)} & PACKAGES.keys()
        assert tops <= PACKAGES[package] | {package}, path


def test_data_builders_use_the_base_of_shared_and_nothing_else():
    for path in sources("data_builders"):
        shared = {name for name in imported(path) if name.split(".")[0] == "shared"}
        assert all(name.startswith("shared.base.") for name in shared), path


def test_no_paper_imports_another():
    for paper in PAPERS:
        for path in (ROOT / "reproductions" / paper).rglob("*.py"):
            others = {n for n in imported(path) for p in PAPERS if p != paper and f"reproductions.{p}" in n}
            assert not others, path


def words_of(path: Path) -> set[str]:
    """Names and whole strings of a file; an author in a dataset's citation is neither."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {str(node.value) for node in nodes if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("package", ["data_builders", "shared"])
def test_what_papers_share_names_no_paper(package):
    for path in sources(package):
        assert not words_of(path) & {*PAPERS, *map(str.upper, PAPERS)}, path


@pytest.mark.parametrize("paper", papers(), ids=PAPERS)
def test_every_value_of_a_config_says_where_it_is_from(paper):
    """Fails for a field without a place in the paper, or an assumption the README does not list."""
    text = (paper.folder / "README.md").read_text(encoding="utf-8")
    section = text.split("## Deviations", 1)[1].split("\n## ", 1)[0]
    listed = [int(number) for number in re.findall(r"^(\d+)\. ", section, re.MULTILINE)]
    assert listed == list(range(1, len(listed) + 1))
    for row in paper.rows:
        for field in dataclasses.fields(row):
            assert field.name == "id" or field.metadata.get("source"), f"{type(row).__name__}.{field.name}"
        assert set(deviations(row)) <= set(listed), row.id


@pytest.mark.parametrize("paper", papers(), ids=PAPERS)
def test_rows_selectors_and_reported_numbers_fit_together(paper):
    """Fails for a reported number of a row that does not exist, a doubled id, or a selector of no field."""
    ids = [row.id for row in paper.rows]
    assert len(set(ids)) == len(ids)
    for field in paper.selectors.values():
        assert any(hasattr(row, field) for row in paper.rows)
    assert {name for r in paper.reported() for name in r.rows} <= set(ids)
    assert len({claim.id for claim in paper.claims}) == len(paper.claims) > 0


@pytest.mark.parametrize("paper", papers(), ids=PAPERS)
def test_the_demo_is_a_smaller_row_of_the_same_name(paper):
    for row in paper.rows:
        small = paper.demo(row)
        assert (type(small), small.id) == (type(row), row.id)
        assert small.draws <= row.draws
        assert small != row


def python(*words: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False, **options
    )


def test_help_list_and_report_code_load_nothing_heavy():
    """Fails when --help or --list waits for TensorFlow."""
    code = (
        "import sys, contextlib, io\n"
        "from reproductions.__main__ import papers, parser\nfrom shared.running import cli\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        "    for paper in papers():\n"
        "        cli.main(paper, ['--list'])\n"
        "        cli.parser(paper).format_help()\n"
        "parser().format_help()\n"
        "from shared.report import page\n"
        f"print(*sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout.split()) & {"tensorflow", "keras", "tensorflow_datasets"}


def test_make_finds_the_papers_from_their_folders():
    """Fails when a paper's folder is there and `make help` does not name it."""
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    named = next(line for line in done.stdout.splitlines() if line.startswith("papers: "))
    assert tuple(named.split()[1:]) == PAPERS


def test_make_refuses_an_unknown_paper_with_exit_code_2():
    done = subprocess.run(["make", "reproduce-nobody"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no paper is called 'nobody'" in done.stderr


def test_tables_in_the_readmes_are_up_to_date():
    """Fails when reported.csv, obtained.csv or the verdict rule changed after the last `make report`."""
    from shared.report.page import stale_readmes

    assert [str(path.relative_to(ROOT)) for path in stale_readmes(papers(), ROOT)] == []
