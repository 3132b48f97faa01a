"""The report says what run folders hold, marks what is no result, and survives what they should not hold."""

import base64
import dataclasses
import hashlib
import html.parser
import re
import subprocess
import sys
from pathlib import Path

import pytest
import report_scene as scene

from shared.base.errors import UserError
from shared.report import drawings, markdown, records
from shared.report.canvas import png_bytes
from shared.report.figures import bars, confusion_matrix
from shared.report.page import render_readmes, stale_readmes, write_report


class Page(html.parser.HTMLParser):
    """Tags with their attributes, the text, and the lines of all tables."""

    def __init__(self, path):
        super().__init__()
        self.source = Path(path).read_text(encoding="utf-8")
        self.tags, self.tables, self._open = [], [], []
        self.text = ""
        self.feed(self.source)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        while tag in self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" in self._open or "script" in self._open:
            return
        self.text += data
        if "table" in self._open and ("td" in self._open or "th" in self._open):
            cells = self.tables[-1][-1]
            cells[-1] = " ".join(f"{cells[-1]} {data}".split())

    def with_attribute(self, name):
        return [attributes[name] for _, attributes in self.tags if name in attributes]

    def numbers(self):
        """The first paper's table: (row, metric) -> its other cells."""
        table = next(t for t in self.tables if t[0][0] == "Place")
        return {(line[1].split(" by ")[0].rstrip(" 1"), line[2].split()[0]): line[3:] for line in table[1:]}


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


# --- what it says ----------------------------------------------------------------------------------------


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
    assert "The batch size is not stated: 16. (in force in every row run here)" in text
    assert "The order of images is that of their names. (in force in small)" in text
    assert "Nothing rests on this one. (" not in text and "Nothing rests on this one." in text
    assert "python -m toy --row small" in text
    settings = next(t for t in page.tables if t[0] == ["Field", "Value", "From"])
    assert ["batch", "16", "assumed: 1"] in settings and ["learning_rate", "0.001", "section 3"] in settings


def test_confusion_matrix_has_the_true_class_in_rows_over_all_draws(finished):
    """By hand: images 180, 179 and 181 to 199 are wrong, even ones are COVID: 29 of those, 31 Normal."""
    matrix = next(t for t in finished[2].tables if t[0][0] == "true \\ predicted")
    assert matrix[1:] == [["COVID", "271 90%", "29 10%"], ["Normal", "31 10%", "269 90%"]]


def test_tally_counts_every_reported_number_once(finished):
    tally = re.search(r'<ul class="tally">(.*?)</ul>', finished[2].source, re.S)[1]
    assert sum(map(int, re.findall(r"<b>(\d+)</b>", tally))) == 7


def test_overrides_stay_apart_and_are_not_compared(tmp_path):
    out = tmp_path / "out"
    scene.write(out, overrides={"batch": "8"})
    page = Page(write_report([scene.paper(tmp_path)], out, tmp_path / "r.html"))
    assert "NOT COMPARABLE set by hand: batch=8" in page.numbers()["Small net", "accuracy"][5]
    assert "small + batch=8" in page.text


# --- recorded results ------------------------------------------------------------------------------------


def recorded(paper, tmp_path, right):
    """Three draws as the toy's evidence, as if another machine had run them."""
    for draw in range(3):
        scene.write(tmp_path / "elsewhere", "small", draw, right + draw)
    lines = list(records.record([paper], tmp_path / "elsewhere"))
    assert len(lines) == 3 and all("recorded in" in line for line in lines)
    return paper.folder


def test_recorded_results_fill_what_has_not_run_here_and_yield_to_what_has(tmp_path):
    """Fails where a recorded number hides a run, or a demo hides a recorded number."""
    paper, out = scene.paper(tmp_path), tmp_path / "out"
    recorded(paper, tmp_path, 170)
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
    recorded(paper, tmp_path, 170)
    page = Page(write_report([paper], tmp_path / "out", tmp_path / "r.html"))
    (line,) = next(t for t in page.tables if t[0][0] == "Row")[1:]
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


# --- what must not break it ------------------------------------------------------------------------------


def test_damaged_folders_are_named_and_change_nothing_else(finished, tmp_path):
    out, paper, page = finished
    problems = next(t for t in page.tables if t[0][0] == "Folder")[1:]
    assert [Path(folder).relative_to(out).as_posix() for folder, _ in problems] == [
        "toy/large/draw-7",
        "toy/unrun/draw-0",
    ]
    assert "no JSON" in problems[0][1] and "unfinished" in problems[1][1]
    for draw, (small, large) in enumerate(((180, 121), (179, 120), (181, 122))):
        scene.write(tmp_path / "out", "small", draw, small)
        scene.write(tmp_path / "out", "large", draw, large)
    whole = Page(write_report([paper], tmp_path / "out", tmp_path / "r.html"))
    for key in (("Small net", "accuracy"), ("Large net", "accuracy"), ("Large net", "sensitivity")):
        assert whole.numbers()[key] == page.numbers()[key]


@pytest.mark.parametrize(
    "oddity",
    [
        {"classes": ("cat", "dog")},
        {"deviations": None},
        {"seconds": "soon"},
        {"config": [1, 2]},
        {"command": {"a": 1}},
        {"paper": "another"},
    ],
    ids=lambda oddity: next(iter(oddity)),
)
def test_a_run_that_reads_well_and_makes_no_sense_is_named_or_shown_and_breaks_nothing(tmp_path, oddity):
    """Fails with a traceback where a fact is used without looking."""
    out = tmp_path / "out"
    scene.write(out, "small", 0)
    scene.write(out, "large", 1, **oddity)
    page = Page(write_report([scene.paper(tmp_path)], out, tmp_path / "r.html"))
    assert page.numbers()["Small net", "accuracy"][1] == "90.00%"
    assert "large/draw-1" in page.text or "python -m toy --row large" in page.text or "large" in page.text


def test_audits_stand_with_their_paper_or_with_the_data_and_damaged_ones_are_named(tmp_path):
    scene.add_audit(tmp_path)
    scene.add_audit(tmp_path, place="some_dataset")
    broken = tmp_path / "audit" / "toy" / "other"
    broken.mkdir()
    (broken / "audit.json").write_text("[]")
    page = Page(write_report([scene.paper(tmp_path)], tmp_path, tmp_path / "r.html"))
    assert "audit/toy/other" in page.text and page.text.count("A near-duplicate pair") == 2
    assert page.source.index('id="toy-audit"') < page.source.index('id="data"')


def test_text_from_run_folders_stays_text(tmp_path):
    """Fails where a name from a file becomes markup: autoescape off, or `safe` on a value."""
    out, bad = tmp_path / "out", scene.HOSTILE
    facts = dict.fromkeys(("device", "precision", "command", "started"), bad)
    scene.write(out, "small", 0, classes=(bad, "Normal"), **facts)
    scene.write(out, "small", 1, config={"id": "small", bad: bad})
    scene.write(out, "large", 0, overrides={"batch": bad}, classes=("COVID", "Normal"))
    folder = scene.write(out, "large", 1, pictures=True)
    (folder / "history.csv").write_text(f'"{bad.replace(chr(34), chr(34) * 2)}",loss\n1.0,2.0\n')
    scene.rewrite(folder, lambda facts: facts | {"pictures": {"gallery": bad}})
    (out / "toy" / "<img src=x onerror=alert(1)>" / "draw-0").mkdir(parents=True)
    audit = out / "audit" / "toy" / "x"
    audit.mkdir(parents=True)
    content = '{"title": T, "text": [T], "columns": [T], "lines": [[T]], "pictures": {}, "scale": "paper"}'
    (audit / "audit.json").write_text(content.replace("T", f'"{bad}"'.replace("\"'", "\\\"'")))
    paper = scene.paper(
        tmp_path, readme=scene.README.replace("batch size", f"{bad} [x](javascript:alert(1))")
    )
    paper = dataclasses.replace(paper, title=bad, citation=bad)
    page = Page(write_report([paper], out, tmp_path / "r.html"))
    assert page.source.count("onerror") > 8  # it is there, as text
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert all(source.startswith("data:image/png;base64,") for source in page.with_attribute("src"))
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert all(re.match(r"#|data:,|https://example\.org$", link) for link in page.with_attribute("href"))


# --- one file, of a size that can be mailed --------------------------------------------------------------


def test_the_page_loads_nothing_and_its_policy_allows_only_its_own_script(finished):
    page = finished[2]
    style = re.search(r"<style>(.*?)</style>", page.source, re.S)[1]
    assert "url(" not in style and "@import" not in style
    assert not {tag for tag, _ in page.tags} & {"iframe", "object", "embed", "audio", "video", "base"}
    assert len([1 for tag, _ in page.tags if tag == "link"]) == 1 and 'href="data:,"' in page.source
    script = re.search(r"<script>(.*?)</script>", page.source, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a)
    assert "default-src 'none'" in policy and f"script-src 'sha256-{digest}'" in policy


def test_every_picture_has_words_and_every_table_headers_with_scope(finished):
    page = finished[2]
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert images and all(attributes["alt"] for attributes in images)
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in page.tags if tag == "th")
    drawn = [attributes for tag, attributes in page.tags if tag == "svg" and "aria-hidden" not in attributes]
    assert sum(attributes.get("role") == "img" and bool(attributes["aria-label"]) for attributes in drawn) > 4
    ids = page.with_attribute("id")
    assert len(ids) == len(set(ids))
    assert all(link[1:] in ids for link in page.with_attribute("href") if link.startswith("#"))


def test_pictures_are_cut_to_a_budget_and_the_rest_is_counted(tmp_path):
    """By hand: two draws with the one gallery and twelve more each; eight are shown, 26 − 8 = 18 are not."""
    out = tmp_path / "out"
    for draw in range(2):
        folder = scene.write(out, "small", draw, pictures=True)
        names = {f"more{k}": "more" for k in range(12)}
        for name in names:
            (folder / f"{name}.png").write_bytes((folder / "gallery.png").read_bytes())
        scene.rewrite(folder, lambda facts, names=names: facts | {"pictures": names | facts["pictures"]})
    page = Page(write_report([scene.paper(tmp_path)], out, tmp_path / "r.html"))
    assert len(page.with_attribute("src")) == 8 and "18 more pictures in the folders" in page.text


def test_only_true_pictures_of_the_folder_itself_get_in(tmp_path):
    """Fails where a link or a path leads out of the run folder, or any file is embedded as an image."""
    out = tmp_path / "out"
    secret = tmp_path / "secret.png"
    figure = confusion_matrix([0], [0], ("a",))
    secret.write_bytes(png_bytes(figure))
    for draw, change in enumerate(
        (lambda p: p.write_text("no PNG"), lambda p: (p.unlink(), p.symlink_to(secret)))
    ):
        change(scene.write(out, "small", draw, pictures=True) / "gallery.png")
        scene.rewrite(out / "toy" / "small" / f"draw-{draw}", lambda facts: facts)
    outside = scene.write(out, "small", 2, pictures=True)
    scene.rewrite(outside, lambda facts: facts | {"pictures": {"../../../../secret": ""}})
    page = Page(write_report([scene.paper(tmp_path)], out, tmp_path / "r.html"))
    assert page.with_attribute("src") == [] and "3 more pictures" in page.text


def test_no_tensorflow_for_a_report(finished, tmp_path):
    places = (str(tmp_path), str(finished[0]), str(tmp_path / "r.html"))
    command = f"""
import pathlib, sys
sys.path[:0] = [{str(Path(__file__).parent)!r}]
import report_scene
from shared.report.page import write_report
packages, out, target = map(pathlib.Path, {places!r})
write_report([report_scene.paper(packages)], out, target)
sys.exit(any(name in sys.modules for name in ("tensorflow", "keras")))
"""
    subprocess.run([sys.executable, "-c", command], check=True, cwd=Path(__file__).parents[3])


# --- README tables ---------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path):
    """A repository of one paper, with a README above it."""
    paper = scene.paper(tmp_path)
    folder = next(tmp_path.glob("packages_*"))
    markers = [f"<!-- table: {name} -->\n<!-- /table -->\n" for name in ("overview", "verdict-rule")]
    (folder / "README.md").write_text("# Suite\n" + "text\n".join(markers))
    return paper, folder


def test_stale_tables_are_found_and_rendering_mends_them(root):
    """Fails where only one of the two looks at a file, or rendering twice differs from rendering once."""
    paper, folder = root
    files = [folder / "README.md", folder / paper.package / "README.md"]
    assert stale_readmes([paper], folder) == files
    assert render_readmes([paper], folder) == files
    assert stale_readmes([paper], folder) == [] and render_readmes([paper], folder) == []
    text = files[1].read_text()
    files[1].write_text(text.replace("85.0", "86.0"))
    assert stale_readmes([paper], folder) == [files[1]]


def test_rendering_touches_nothing_outside_the_markers(root):
    paper, folder = root
    render_readmes([paper], folder)
    text = (folder / paper.package / "README.md").read_text()
    outside = re.sub(r"(<!-- table: [a-z-]+ -->).*?(<!-- /table -->)", r"\1\n\2", text, flags=re.S)
    assert outside == scene.README.replace("an old table\n", "")
    assert "| Table 1 | Small net |  | accuracy | 90.00 ± 1.20% |" in text and "an old table" not in text
    assert "6 not run, 1 not comparable" in text


def test_tables_come_from_recorded_results(root, tmp_path):
    paper, folder = root
    recorded(paper, tmp_path, 179)
    render_readmes([paper], folder)
    text = (folder / paper.package / "README.md").read_text()
    assert "| 90.00 ± 0.50% | 84.84 to 93.54 (other images) | 200 × 3 |" in text
    assert "| ✓ reproduced: agrees" in text
    overview = (folder / "README.md").read_text()
    assert f"[{paper.title}]({paper.package}/README.md) | 7 | 2 |" in overview
    assert "> REPRODUCED: |D| ≤ w and w ≤ δ" in overview


def test_a_pipe_in_a_name_stays_in_its_cell(root):
    paper, folder = root
    reported = folder / paper.package / "reported.csv"
    reported.write_text(scene.REPORTED.replace("Other net", "Other | net"))
    render_readmes([paper], folder)
    assert "Other \\| net" in (folder / paper.package / "README.md").read_text()


def test_a_marker_for_an_unknown_table_is_an_error_naming_the_file(root):
    paper, folder = root
    (folder / "README.md").write_text("<!-- table: overwiev -->\n<!-- /table -->\n")
    with pytest.raises(UserError, match=r"README.md: no table 'overwiev'; there are overview"):
        stale_readmes([paper], folder)


def test_deviations_end_where_the_list_ends():
    """Fails where the paragraph after the list joins its last item, or a wrapped line is lost."""
    items = "1. One\nwrapped `1. x`.\n2. Two:\n\n   still two\n"
    text = f"## Deviations\nBefore.\n\n{items}\nAfter.\n\n## Next\n3. Not here.\n"
    assert markdown.deviations(text) == {1: "One wrapped `1. x`.", 2: "Two: still two"}


def test_a_readme_is_cut_into_paragraphs_lists_tables_and_code():
    """Fails where a list that follows its paragraph at once, or code, is run together into one line."""
    table, code = "| a | b |\n|---|:-:|\n| 1 | 2 |", "```sh\nfirst\n\nthen\n```"
    text = f"Lead:\n- one\n  goes on\n- two\n\n{table}\n\n{code}\nEnd\nof it."
    cut = [(block.kind, block.items) for block in markdown.blocks(text)]
    assert cut == [
        ("paragraph", ("Lead:",)),
        ("list", ("one goes on", "two")),
        ("table", (("a", "b"), ("1", "2"))),
        ("code", ("first\n\nthen",)),
        ("paragraph", ("End of it.",)),
    ]


# --- geometry --------------------------------------------------------------------------------------------


def test_ticks_are_round_and_where_the_scale_puts_their_values():
    scale = drawings.Scale(0, 50, 100, 0)  # an upright axis: larger is higher, so smaller in SVG
    assert [(t.at, t.label) for t in scale.ticks()] == [
        (100, "0"),
        (80, "10"),
        (60, "20"),
        (40, "30"),
        (20, "40"),
        (0, "50"),
    ]
    assert [t.label for t in drawings.Scale(0.901, 0.999, 0, 1).ticks()] == ["0.92", "0.94", "0.96", "0.98"]


def test_equal_values_still_have_a_scale_around_them():
    """Fails with a division by zero."""
    for value in (0.0, 100.0):
        scale = drawings.scale([value, value], 0, 100)
        assert scale(value) == 50 and scale.ticks()


def test_long_curves_are_thinned_and_keep_both_ends():
    points = [(float(k), float(k % 7)) for k in range(10_000)]
    panel = drawings.curves("loss", "step", [("training", 0, points)])
    places = panel.lines[0].path[1:].split("L")
    x = drawings.scale([0, 9999], drawings.LEFT, drawings.WIDTH - drawings.RIGHT, pad=0.02)
    assert len(places) == drawings.MOST_POINTS
    assert [float(places[k].split()[0]) for k in (0, -1)] == [
        pytest.approx(x(v), abs=0.01) for v in (0, 9999)
    ]


def test_curves_leave_out_what_is_not_finite_and_are_none_without_anything():
    nan = float("nan")
    panel = drawings.curves("loss", "epoch", [("training", 0, [(1, 2.0), (2, nan), (3, 1.0)])])
    assert "nan" not in panel.lines[0].path and panel.lines[0].path.count("L") == 1
    assert drawings.curves("loss", "epoch", [("training", 0, [(1, nan)])]) is None


def test_dots_share_one_scale_and_keep_their_order():
    """Fails where each group gets a scale of its own."""
    one = drawings.Dots("a", 90.0, 80.0, 70.0, 85.0, "CLOSE")
    other = drawings.Dots("b", 90.0, 20.0, None, None, "CLOSE")
    plot = drawings.dot_plot({"accuracy": [one], "recall": [other]})
    first, second = plot.groups["accuracy"][0], plot.groups["recall"][0]
    assert first.reported == second.reported > first.high > first.obtained > first.low > second.obtained > 0
    assert second.low is None
    assert drawings.dot_plot({"accuracy": [dataclasses.replace(one, obtained=None)]}) is None
