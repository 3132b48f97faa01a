"""The report shows a paper's trust page: verdicts with their sign, and diagrams that a demo marks."""

import report_scene as scene

from shared.consistency.printed import PrintedSet
from shared.report.page import write_report

SIZES = PrintedSet(rows=("*",), counts={"COVID": 100, "Normal": 100}, place="section 4")


def test_the_page_of_trust_is_in_the_report_with_signs(tmp_path):
    """Fails when a verdict has no sign, or the diagram of a run is left out."""
    paper = scene.paper(tmp_path, printed_sets=(SIZES,))
    scene.recorded(paper, tmp_path, 170)
    text = write_report([paper], tmp_path / "out", tmp_path / "r.html").read_text()
    part = text.split('id="toy-trust"')[1]
    assert '<span class="verdict supported"><span aria-hidden="true">✓</span> supported</span>' in part
    assert "180 against 140 of 200: +20.00 points" in part
    assert "small: share right against probability" in part


def test_a_demos_diagram_is_marked(tmp_path):
    """Fails when a demo stands as a result."""
    paper = scene.paper(tmp_path)
    scene.demo_only(tmp_path / "out")
    text = write_report([paper], tmp_path / "out", tmp_path / "r.html").read_text()
    part = text.split('id="toy-trust"')[1].split('id="toy-rows"')[0]
    caption = part.split("share right against probability")[0].rpartition("<figcaption>")[2]
    assert caption.startswith('<span class="demo-mark">DEMO</span>')
