"""Reports that several files of tests look at."""

import pytest
import report_scene as scene
from browser import Browser
from report_page import Page

from shared.report.page import write_report


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A partly finished real run and its report."""
    root = tmp_path_factory.mktemp("finished")
    scene.partly_finished(root / "out")
    paper = scene.paper(root)
    return root / "out", paper, Page(write_report([paper], root / "out", root / "report.html"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    root = tmp_path_factory.mktemp("demo")
    scene.demo_only(root / "out")
    return Page(write_report([scene.paper(root, "toy")], root / "out", root / "report.html"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    started = Browser(tmp_path_factory.mktemp("profile"))
    yield started
    started.close()
