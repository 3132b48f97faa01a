"""The rules of the house, checked on the syntax tree: arrows, circles, names of papers, length of files."""

import ast
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reproductions import PAPERS
from shared.report import markdown

ROOT = Path(__file__).parents[1]
CODE = ("data_builders", "shared", "reproductions")

COMPARED = {"base", "comparison", "consistency"}
ARROWS = {  # room of shared/ -> rooms it may import from
    "base": set(),
    "training": {"base"},
    "comparison": {"base"},
    "consistency": {"base", "comparison"},
    "paper": {*COMPARED, "training"},  # both only in type hints or when asked
    "trust": {*COMPARED, "paper"},
    "report": {*COMPARED, "paper", "trust"},
    "running": {*COMPARED, "paper", "report", "training", "trust"},
}
WITHOUT_KERAS = ("comparison", "consistency", "trust", "report")

PAPERS_FILES = (
    *("__init__", "__main__", "config", "data", "model", "experiment", "trained", "plan", "claims"),
    "printed_sets",
)
LINES, MEDIAN = 250, 120


def modules() -> dict[str, Path]:
    """Full name -> file, of every module of the suite."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in CODE
        for path in sorted((ROOT / package).rglob("*.py"))
    }


MODULES = modules()


def imported(path: Path) -> set[str]:
    """The suite's modules that a file imports, anywhere in it; a module rather than the package around it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports here name the whole path"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & MODULES.keys() or {node.module}
    return found & MODULES.keys()


IMPORTED = {name: imported(path) for name, path in MODULES.items()}


def room(module: str) -> str:
    return module.split(".")[1]


def of(package: str) -> list[str]:
    """Modules of a package, itself included."""
    return [name for name in MODULES if f"{name}.".startswith(f"{package}.")]


COMMANDS = [name for name in of("reproductions") if not {*name.split(".")[1:2]} & set(PAPERS)]
"""The modules beside the papers' folders."""


@pytest.mark.parametrize("name", of("shared")[1:])
def test_arrows_between_rooms_point_downwards(name):
    """Fails when training and comparison learn of each other, or a room of one further up."""
    shared = {other for other in IMPORTED[name] if other.startswith("shared.")}
    assert IMPORTED[name] == shared
    assert {room(other) for other in shared} <= ARROWS[room(name)] | {room(name)}
    if room(name) != "comparison":  # its one door
        inner = {other for other in shared if other.startswith("shared.comparison.")}
        assert inner <= {"shared.comparison.metrics"}


@pytest.mark.parametrize("name", of("data_builders"))
def test_data_builders_know_the_base_of_shared_and_no_paper(name):
    others = {other for other in IMPORTED[name] if not other.startswith("data_builders")}
    assert all(other.startswith("shared.base.") for other in others)


@pytest.mark.parametrize("paper", PAPERS)
def test_no_paper_imports_another(paper):
    own = f"reproductions.{paper}"
    for name in of(own):
        papers = {other for other in IMPORTED[name] if other.startswith("reproductions.")}
        assert papers <= set(of(own)), name


def test_only_a_paper_imports_its_modules():
    """Fails when a command reaches past PAPER into a paper's folder."""
    own = [name for paper in PAPERS for name in of(f"reproductions.{paper}")]
    for name in COMMANDS:
        assert not IMPORTED[name] & set(own), name


def circle(graph: dict[str, set[str]]) -> list[str]:
    """A circle of the graph, or nothing: what is left when all that depend on nothing left are taken away."""
    left = {name: set(others) - {name} for name, others in graph.items()}
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


def test_no_module_depends_on_itself_through_others():
    """Fails on the smallest circle, between modules or between rooms."""
    assert circle(IMPORTED) == []
    rooms: dict[str, set[str]] = {}
    for name in of("shared")[1:]:
        rooms.setdefault(room(name), set()).update(map(room, IMPORTED[name]))
    assert circle(rooms) == []


def test_a_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["a", "b", "c"]


def test_comparison_consistency_trust_report_and_help_load_neither_keras_nor_tensorflow():
    """Fails when a report, --help or --list waits for TensorFlow."""
    rooms = [name for one in WITHOUT_KERAS for name in of(f"shared.{one}")]
    code = f"""
import contextlib, importlib, io, sys
for name in {rooms!r}:
    importlib.import_module(name)
from reproductions.__main__ import papers, parser
from shared.running import cli
with contextlib.redirect_stdout(io.StringIO()):
    for paper in papers():
        cli.main(paper, ["--list"])
        cli.parser(paper).format_help()
parser().format_help()
print(*sorted({{"tensorflow", "keras", "tensorflow_datasets"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_no_paper_is_named_below_its_folder():
    """Fails for a paper's name in shared code, builders or settings; an author in a citation is none."""
    named = re.compile(rf"\b({'|'.join(PAPERS)})(?!,)\b", re.IGNORECASE)
    below = [ROOT / name for name in ("Makefile", "setup.cfg", "ruff.toml", "pyproject.toml")]
    below += [path for name, path in MODULES.items() if not name.startswith("reproductions.")]
    below += [MODULES[name] for name in COMMANDS]
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in below
        for line in path.read_text(encoding="utf-8").splitlines()
        if named.search(line) and "citation=" not in line
    ]
    assert found == []


@pytest.mark.parametrize("paper", PAPERS)
def test_every_paper_has_the_same_files(paper):
    folder = ROOT / "reproductions" / paper
    there = {path.name for path in folder.iterdir()}
    assert {f"{name}.py" for name in PAPERS_FILES} | {"README.md", "reported.csv"} <= there


@pytest.mark.parametrize("paper", PAPERS)
def test_every_paper_says_in_short_what_came_out(paper):
    """Fails where it says nothing, or gives a number, which no command would keep up to date."""
    readme = (ROOT / "reproductions" / paper / "README.md").read_text(encoding="utf-8")
    said = markdown.section(readme, "In short")
    assert said
    assert re.findall(r"(?<![\w-])\d", said) == []


def lengths() -> dict[str, int]:
    """Lines of every Python file under version control, or beside it and not ignored."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(listed, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    there = [name for name in done.stdout.split() if (ROOT / name).is_file()]
    return {name: (ROOT / name).read_text(encoding="utf-8").count("\n") for name in there}


def test_files_are_short():
    """Fails when a file outgrows the rule."""
    found = lengths()
    assert {name for name, lines in found.items() if lines > LINES} == set()
    assert statistics.median(lines for lines in found.values() if lines > 10) <= MEDIAN


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        called = getattr(node, "func", None)
        if isinstance(node, ast.Call) and getattr(called, "attr", getattr(called, "id", "")) in names:
            yield node


def test_no_option_can_be_abbreviated():
    """Fails when --draw would be taken for --draws, as argparse does unless it is told not to."""
    for name in lengths():
        for call in calls(ast.parse((ROOT / name).read_text("utf-8")), "ArgumentParser", "add_parser"):
            assert "allow_abbrev" in {keyword.arg for keyword in call.keywords}, f"{name}, line {call.lineno}"
