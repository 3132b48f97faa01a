"""The report says what run folders hold, and marks what is no result."""

import dataclasses
import re

import report_scene as scene
from report_page import Page

from shared.report.figures import bars
from shared.report.page import write_report


def test_a_number_stands_beside_ours_with_interval_draws_and_verdict(finished):
    """By hand: 180, 179 and 181 of the same 200: t = 4.303 over draws, and the noise of the images."""
    numbers = finished[2].numbers()
    reported, obtained, interval, n, difference, verdict = numbers["Small net", "accuracy"]
    assert (reported, obtained, interval, n) == (
        "90.00 ± 1.20%",
        "90.00 ± 0.50%",
        "84.84 to 93.54 (other images)",
        "200 × 3",
    )
    assert verdict.startswith("✓ REPRODUCED") and difference.startswith("0.00 ± ")
    assert numbers["Large net", "accuracy"][5].startswith("✗ NOT REPRODUCED")
    assert numbers["Their net", "accuracy"][5].startswith("∅ NOT COMPARABLE")


def test_a_demo_stands_in_for_nothing_real_and_gets_no_verdict(finished, demo):
    """Fails where a demo's number carries a verdict, or takes the place of a real one."""
    assert finished[2].numbers()["Other net", "accuracy"][1].startswith("DEMO")
    assert finished[2].numbers()["Other net", "accuracy"][5] == "DEMO no verdict"
    own = [cells for (row, _), cells in demo.numbers().items() if row != "Their net"]
    assert own and all(cells[1].startswith("DEMO") and cells[5] == "DEMO no verdict" for cells in own)
    assert not re.search(r"[✓≈✗?] (REPRODUCED|CLOSE|NOT REPRODUCED|INCONCLUSIVE|HOLDS|FAILS)", demo.text)


def test_demo_marks_stand_in_title_banner_captions_and_rows(demo):
    assert "<title>DEMO" in demo.source and 'class="demo-banner"' in demo.source
    captions = re.findall(r"<(?:fig)?caption[^>]*>(.*?)</(?:fig)?caption>", demo.source, re.S)
    of_runs = [c for c in captions if "Reported against obtained" not in c]
    assert len(of_runs) > 10 and all("DEMO" in caption for caption in of_runs)
    assert all(
        "DEMO" in summary
        for summary in re.findall(r'<summary>\s*<span class="row-id">.*?</summary>', demo.source, re.S)
    )
    assert all("DEMO" in heading for heading in re.findall(r"<h3>Near-dup.*?</h3>", demo.source))


def test_a_report_without_demos_never_says_demo_of_a_run(tmp_path):
    scene.write(tmp_path / "out", pictures=True)
    page = Page(write_report([scene.paper(tmp_path)], tmp_path / "out", tmp_path / "r.html"))
    assert "demo-banner" not in re.sub(r"<style>.*?</style>", "", page.source, flags=re.S)
    assert "<title>Reported" in page.source


def test_claims_deviations_commands_and_settings_are_shown(finished):
    """Effect by hand: (180−121 + 179−120 + 181−122) / 3 / 200 = 0.295 in every draw."""
    page = finished[2]
    claim = next(t for t in page.tables if t[0][0] == "Claim")[1]
    assert claim[0] == "The small net beats the large one" and claim[2] == "+0.2950" and "HOLDS" in claim[5]
    text = " ".join(page.text.split())
    assert "The batch size is not stated: 16. (in force in every row that has run)" in text
    assert "The order of images is that of their names. (in force in small)" in text
    assert "Nothing rests on this one. (" not in text and "Nothing rests on this one." in text
    assert "python -m toy --row small" in text
    assert "The small net held. The large one did not." in text
    settings = next(t for t in page.tables if t[0] == ["Field", "Value", "From"])
    assert ["batch", "16", "assumed: 1"] in settings and ["learning_rate", "0.001", "section 3"] in settings


def test_confusion_matrix_has_the_true_class_in_rows_over_all_draws(finished):
    """By hand: images 180, 179 and 181 to 199 are wrong, even ones are COVID: 29 of those, 31 Normal."""
    matrix = next(t for t in finished[2].tables if t[0][0] == "true \\ predicted")
    assert matrix[1:] == [["COVID", "271 90%", "29 10%"], ["Normal", "31 10%", "269 90%"]]


def test_tally_counts_each_of_the_papers_own_numbers_once_and_none_that_it_quotes(finished):
    """Fails when the work of others swells the counts: six numbers are the paper's, one is quoted."""
    tally = re.search(r'<ul class="tally">(.*?)</ul>', finished[2].source, re.S)[1]
    assert sum(map(int, re.findall(r"<b>(\d+)</b>", tally))) == 6
    own, quoted = [table for table in finished[2].tables if table[0][0] == "Place"][:2]
    assert [line[1] for line in quoted[1:]] == ["Their net by others"] and len(own[1:]) == 6


def test_each_row_has_an_address_that_its_numbers_lead_to(finished):
    """Fails when a number does not lead to the runs behind it, or two rows share an address."""
    page = finished[2]
    rows = [a["id"] for tag, a in page.tags if tag == "details" and a.get("data-find") == "row"]
    assert rows == ["toy-row-small", "toy-row-large", "toy-row-unrun-demo"]
    links = [link[1:] for link in page.with_attribute("href") if link.startswith("#toy-row-")]
    assert set(links) == set(rows)


def test_a_row_names_the_deviations_that_are_in_force(finished):
    """Fails when a row shows those of another: 1 is in force everywhere, 2 in small alone, 3 nowhere."""
    parts = re.findall(
        r'id="toy-row-([a-z-]+)".*?<ul class="in-force[^>]*>(.*?)</ul>', finished[2].source, re.S
    )
    found = {row: re.findall(r"deviation-(\d)", part) for row, part in parts}
    assert found["small"] == ["1", "2"] and found["large"] == ["1"]


def test_rows_are_folded_by_the_field_that_the_paper_names(tmp_path):
    """Fails when rows of two methods are in one fold, or a single fold is drawn around all."""
    for row in ("small", "large"):
        scene.write(tmp_path / "out", row)
    paper = scene.paper(tmp_path, grouped_by="batch")
    assert 'class="group"' not in Page(write_report([paper], tmp_path / "out", tmp_path / "r.html")).source
    rows = (scene.Row("small", batch=8), scene.Row("large", batch=16), scene.Row("unrun"))
    paper = scene.paper(tmp_path, grouped_by="batch", rows=rows)
    for row, batch in (("small", 8), ("large", 16)):
        scene.write(tmp_path / "two", row, config=dataclasses.asdict(scene.Row(row, batch=batch)))
    source = Page(write_report([paper], tmp_path / "two", tmp_path / "r.html")).source
    assert re.findall(r'class="group".*?<summary>(\d+)', source, re.S) == ["8", "16"]


def test_overrides_stay_apart_and_are_not_compared(tmp_path):
    out = tmp_path / "out"
    scene.write(out, overrides={"batch": "8"})
    page = Page(write_report([scene.paper(tmp_path)], out, tmp_path / "r.html"))
    assert "NOT COMPARABLE set by hand: batch=8" in page.numbers()["Small net", "accuracy"][5]
    assert "small + batch=8" in page.text


def test_fast_draws_stay_apart_and_say_so_beside_their_number(tmp_path):
    """Fails when a draw that does not repeat to the bit is taken for one that does."""
    out = tmp_path / "out"
    speed = {"images_per_second": 123.4, "waiting_share": 0.07, "peak_memory_bytes": 2_100_000_000}
    scene.write(out, fast=True, **speed)
    page = Page(write_report([scene.paper(tmp_path)], out, tmp_path / "r.html"))
    assert "NOT COMPARABLE set by hand: fast=yes" in page.numbers()["Small net", "accuracy"][5]
    assert "small + fast=yes" in page.text
    assert "123/s, 7% waiting" in page.text and "2.1 GB" in page.text
    scene.write(out, draw=0)
    page = Page(write_report([scene.paper(tmp_path)], out, tmp_path / "r.html"))
    assert "1 of 3 draws" in page.text and "fast=yes" not in page.numbers()["Small net", "accuracy"][5]


# --- recorded results -----------------------------------------------------------------------------------


def test_recorded_results_fill_what_has_not_run_here_and_yield_to_what_has(tmp_path):
    """Fails where a recorded number hides a run, or a demo hides a recorded number."""
    paper, out = scene.paper(tmp_path), tmp_path / "out"
    scene.recorded(paper, tmp_path, 170)
    scene.write(out, "small", 0, 20, demo=True)
    page = Page(write_report([paper], out, tmp_path / "r.html"))
    assert page.numbers()["Small net", "accuracy"][1] == "85.50 ± 0.50% recorded 2026-01-03"
    for draw in range(3):
        scene.write(out, "small", draw, 180 + draw)
    page = Page(write_report([paper], out, tmp_path / "r.html"))
    assert page.numbers()["Small net", "accuracy"][1] == "90.50 ± 0.50%"


def test_all_that_is_recorded_of_a_row_is_shown(tmp_path):
    """Fails when what the paper prints no number for is lost: here the large net's parameters."""
    paper = scene.paper(tmp_path)
    scene.recorded(paper, tmp_path, 170)
    page = Page(write_report([paper], tmp_path / "out", tmp_path / "r.html"))
    (line,) = next(t for t in page.tables if t[0][:2] == ["Row", "Set otherwise"])[1:]
    assert line[:3] == ["small", "", "3 of 3"] and line[4] == "300 s"
    assert line[3].startswith("accuracy 85.5% (79.8 to 89.8); sensitivity COVID 85.7%")


def test_figures_over_rows_are_of_real_runs_or_else_of_the_demo_and_say_so(tmp_path):
    """Fails when a demo or a trial gets into the bars of real runs."""
    given = []

    def over_rows(runs):
        given.append({row: [run.draw for run in of_row] for row, of_row in runs.items()})
        return {"bars": (bars({"accuracy": dict.fromkeys(runs, 0.5)}), "Both nets")}

    paper, out = scene.paper(tmp_path, figures=over_rows), tmp_path / "out"
    scene.write(out, "small", 0, demo=True)
    page = Page(write_report([paper], out, tmp_path / "r.html"))
    assert given == [{"small": [0]}] and "Both nets (DEMO)" in page.text
    scene.write(out, "large", 1)
    scene.write(out, "small", 0, overrides={"batch": "8"})
    page = Page(write_report([paper], out, tmp_path / "r.html"))
    assert given[1:] == [{"large": [1]}] and "Both nets (DEMO)" not in page.text
