"""The report as people meet it: in a browser, on phone and desktop, dark and light, by keyboard, in print."""

import pytest
import report_scene as scene
from browser import CHROMIUM

from shared.report.page import write_report

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

WIDTHS = (375, 1280)

OVERFLOWING = """
[...document.querySelectorAll("body *")]
  .filter((e) => !e.closest(".scroll, pre, .skip, [hidden]") && !e.closest("svg"))
  .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((e) => e.outerHTML.slice(0, 120))
"""

FAINT = """
(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = (top, under) => top.slice(0, 3).map((c, k) => (c * top[3] + under[k] * (255 - top[3])) / 255);
  const background = (e) => {
    if (!e) return [255, 255, 255];
    const own = rgba(getComputedStyle(e).backgroundColor);
    return own[3] === 255 ? own.slice(0, 3) : over(own, background(e.parentElement));
  };
  const linear = (v) => (v <= 10.3 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = (c) => c.reduce((sum, v, k) => sum + linear(v) * [0.2126, 0.7152, 0.0722][k], 0);
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    const text = texts.currentNode.textContent.trim().slice(0, 40);
    if (!text || !e.checkVisibility() || e.closest("script, option")) continue;
    const behind = background(e.closest("svg") ?? e);
    const style = getComputedStyle(e);
    const ratio = contrast(over(rgba(e.closest("svg") ? style.fill : style.color), behind), behind);
    if (ratio < 4.5) found.push([ratio.toFixed(2), text, e.className]);
  }
  return found;
})()
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    root = tmp_path_factory.mktemp("pages")
    long = scene.REPORTED.replace("Other net", "Averyveryverylongnamewithoutanyspaces" * 3)
    paper = scene.paper(root, reported=long, title="Averyveryverylongtitlewithoutanyspaces" * 3)
    made = {}
    for name, make in (("finished", scene.partly_finished), ("demo", scene.demo_only)):
        make(root / name)
        made[name] = write_report([paper], root / name, root / f"{name}.html")
    return made


def open_all(browser):
    browser.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["finished", "demo"])
def test_no_error_no_overflow_and_enough_contrast(browser, pages, name, scheme):
    """Fails on a console error, a request, anything wider than the screen, or text below 4.5 : 1."""
    for width in WIDTHS:
        browser.open(pages[name], width, scheme)
        open_all(browser)
        assert browser.evaluate("document.documentElement.scrollWidth") <= width
        assert browser.evaluate(OVERFLOWING) == [], width
        assert browser.problems == [], width
    assert browser.evaluate(FAINT) == []


def test_pictures_are_decoded(browser, pages):
    """Fails where a data URI is cut or the policy refuses it."""
    browser.open(pages["finished"])
    open_all(browser)
    ready = "Promise.all([...document.images].map((i) => { i.loading = 'eager'; return i.decode(); }))"
    assert browser.evaluate(f"{ready}.then((all) => all.length)") >= 2


def test_tables_sort_by_keyboard_with_numbers_by_value_and_empty_cells_last(browser, pages):
    """Fails where 100 sorts before 9, a click is needed, or aria-sort is missing or stale."""
    browser.open(pages["finished"])
    column = "document.querySelector('#toy-table').tHead.rows[0].cells[{}]"
    cells = (
        "[...document.querySelectorAll('#toy-table tbody tr')].map((row) => row.cells[4].textContent.trim())"
    )
    orders = []
    for _ in range(2):
        browser.evaluate(column.format(4) + ".querySelector('button').focus()")
        browser.press("Enter")
        orders.append(
            (browser.evaluate(column.format(4) + ".getAttribute('aria-sort')"), browser.evaluate(cells))
        )
    (first, rising), (second, falling) = orders
    assert (first, second) == ("ascending", "descending")
    values = [
        float(cell.split()[-1 if "DEMO" in cell else 0].rstrip("%").replace(",", ""))
        for cell in rising
        if cell
    ]
    assert values == sorted(values) and max(values) > 1e6
    assert [cell for cell in falling if cell] == [cell for cell in rising if cell][::-1]
    intervals = cells.replace("cells[4]", "cells[5]")
    for _ in range(2):
        browser.evaluate(column.format(5) + ".querySelector('button').click()")
        shown = browser.evaluate(intervals)
        assert shown[-1] == "" and shown[0] != ""
    browser.evaluate(column.format(1) + ".querySelector('button').click()")
    assert browser.evaluate("document.querySelectorAll('#toy-table [aria-sort]').length") == 1


def test_tables_filter_by_words_and_by_verdict_and_say_how_many(browser, pages):
    browser.open(pages["finished"])
    shown = "[...document.querySelectorAll('#toy-table tbody tr')].filter((row) => !row.hidden).length"
    form = "document.querySelector('form.filter')"
    say = f"{form}.querySelector('output').textContent"
    browser.evaluate(f"{form}.querySelector('input').focus()")
    browser.call("Input.insertText", text="SMALL accuracy")
    assert (browser.evaluate(shown), browser.evaluate(say)) == (1, "1 of 6 shown")
    choose = "select.value = 'NOT REPRODUCED'; select.dispatchEvent(new Event('input', { bubbles: true }))"
    browser.evaluate(f"{{ const select = {form}.querySelector('select'); {choose} }}")
    assert browser.evaluate(shown) == 0
    browser.evaluate(f"{form}.querySelector('input').value = ''; {form}.dispatchEvent(new Event('input'))")
    assert browser.evaluate(shown) == 2


def test_the_first_tab_stop_leads_past_the_header(browser, pages):
    browser.open(pages["demo"])
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.className") == "skip"
    assert browser.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    browser.press("Enter")
    assert browser.evaluate("document.activeElement.id") == "overview"


def test_a_link_into_a_closed_part_opens_it(browser, pages):
    browser.open(pages["finished"])
    browser.evaluate("location.hash = '#toy-deviation-2'")
    browser.evaluate("new Promise((done) => setTimeout(done))")
    assert browser.evaluate("document.getElementById('toy-deviation-2').checkVisibility()")


def test_on_paper_nothing_is_cut_off_and_the_rules_are_open(browser, pages):
    """Fails where a table keeps its own scroll bar in print, or wider than the sheet."""
    browser.open(pages["finished"], width=794, media="print")
    browser.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert browser.evaluate("document.querySelector('.rule').open")
    overflow = "[...document.querySelectorAll('.scroll')].map((e) => getComputedStyle(e).overflowX)"
    assert set(browser.evaluate(overflow)) == {"visible"}
    assert browser.evaluate("document.documentElement.scrollWidth") <= 794
    assert not browser.evaluate("document.querySelector('form.filter').checkVisibility()")
