"""The report's search, and what axe-core says of it: in a browser."""

import os
from pathlib import Path

import pytest
import report_scene as scene
from browser import CHROMIUM

from shared.report.page import write_report

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
AXE = Path(os.environ.get("AXE", "node_modules/axe-core/axe.min.js"))
"""`npm install --no-save axe-core` puts it there; another place goes into AXE."""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    root = tmp_path_factory.mktemp("find")
    scene.partly_finished(root / "out")
    return write_report([scene.paper(root)], root / "out", root / "report.html")


def found(browser, words: str) -> tuple[str, list[str]]:
    """What the search says of these words, and the addresses that it offers."""
    browser.evaluate("{ const box = document.getElementById('find'); box.value = ''; box.focus(); }")
    browser.call("Input.insertText", text=words)
    links = browser.evaluate("[...document.querySelectorAll('#found a')].map((a) => a.hash)")
    return browser.evaluate("document.getElementById('find-count').textContent"), links


def test_rows_claims_deviations_and_numbers_are_found_by_their_words(browser, page):
    """Fails when a kind of thing is missing from the index, or words are looked for as one string."""
    browser.open(page)
    assert "#toy-row-large" in found(browser, "row LARGE")[1]
    assert found(browser, "claim beats") == ("1 found", ["#toy-claim-1"])
    assert found(browser, "images order names") == ("1 found", ["#toy-deviation-2"])
    assert found(browser, "number parameters small") == ("1 found", ["#toy-number-6"])
    assert found(browser, "nothing of the kind") == ("0 found", [])
    assert found(browser, " ") == ("", [])


def test_enter_leads_to_what_was_found_first_and_opens_it(browser, page):
    """Fails when a closed part stays closed, or a mouse is needed."""
    browser.open(page)
    found(browser, "row small")
    browser.press("Enter")
    browser.evaluate("new Promise((done) => setTimeout(done, 50))")
    target = "document.querySelector(location.hash)"
    assert browser.evaluate("location.hash").startswith("#toy-")
    assert browser.evaluate(f"{target}.checkVisibility()")
    found(browser, "toy row small learning_rate")
    browser.press("Enter")
    browser.evaluate("new Promise((done) => setTimeout(done, 50))")
    assert browser.evaluate(f"location.hash === '#toy-row-small' && {target}.open")


@pytest.mark.skipif(not AXE.is_file(), reason="npm install --no-save axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 768, 1280])
def test_axe_finds_nothing(browser, page, width, scheme):
    """Fails on what keeps a keyboard or a screen reader from the page, all of its parts open."""
    browser.open(page, width, scheme)
    browser.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    browser.call("Runtime.evaluate", expression=AXE.read_text(encoding="utf-8"))
    run = "axe.run(document, { resultTypes: ['violations'] })"
    broken = "r.violations.map((v) => [v.id, v.impact, v.nodes[0].html.slice(0, 200)])"
    assert browser.evaluate(f"{run}.then((r) => {broken})") == []
