"""The tables in the READMEs, and the parts of a README that the report quotes."""

import dataclasses
import re

import pytest
import report_scene as scene

from shared import comparison
from shared.base.errors import UserError
from shared.comparison import Obtained
from shared.report import markdown, wording
from shared.report.page import render_readmes, stale_readmes


@pytest.fixture
def root(tmp_path):
    """A repository of one paper, with a README above it."""
    paper = scene.paper(tmp_path)
    folder = next(tmp_path.glob("packages_*"))
    tables = ("in-short", "overview", "verdict-rule")
    markers = [f"<!-- table: {name} -->\n<!-- /table -->\n" for name in tables]
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
    files[1].write_text(text.replace("| Table 1 | 5 |", "| Table 1 | 6 |"))
    assert stale_readmes([paper], folder) == [files[1]]


def test_rendering_touches_nothing_outside_the_markers(root):
    paper, folder = root
    render_readmes([paper], folder)
    text = (folder / paper.package / "README.md").read_text()
    outside = re.sub(r"(<!-- table: [a-z-]+ -->).*?(<!-- /table -->)", r"\1\n\2", text, flags=re.S)
    assert outside == scene.README.replace("an old table\n", "")
    assert "| Table 1 | 5 |  |  |  |  | 5 |  |" in text and "an old table" not in text


def test_the_work_of_others_is_named_and_not_counted_and_what_has_not_run_is_no_line(root, tmp_path):
    """Fails when a quoted number is among the verdicts, or when each number that waits fills a line."""
    paper, folder = root
    scene.recorded(paper, tmp_path, 179)
    render_readmes([paper], folder)
    text = (folder / paper.package / "README.md").read_text()
    assert re.search(r"verdicts -->\n2 reproduced, (1 \w+, )*3 not run", text)
    assert "not comparable |" in text and "not comparable:" not in text
    assert "The paper also quotes 1 number of other work" in text
    assert "Small net" in text and "Their net" not in text and "Other net" not in text


def test_tables_come_from_recorded_results(root, tmp_path):
    paper, folder = root
    scene.recorded(paper, tmp_path, 179)
    render_readmes([paper], folder)
    text = (folder / paper.package / "README.md").read_text()
    assert "| 90.00 ± 0.50% | 84.84 to 93.54 (other images) | 200 × 3 |" in text
    assert "| ✓ reproduced: agrees" in text
    overview = (folder / "README.md").read_text()
    assert f"[{paper.title}]({paper.package}/README.md) | 6 | 2 |" in overview
    assert "1 of the 2 reproduced numbers are sizes and counts, not rates" in overview
    assert "> REPRODUCED: |D| ≤ w and w ≤ δ" in overview
    assert f"({paper.package}/README.md)**: The `small` net held. The large one did not.\n" in overview


def test_a_pipe_in_a_name_stays_in_its_cell(root, tmp_path):
    paper, folder = root
    scene.recorded(paper, tmp_path, 179)
    reported = folder / paper.package / "reported.csv"
    reported.write_text(scene.REPORTED.replace("Small net", "Small | net"))
    render_readmes([paper], folder)
    assert "Small \\| net" in (folder / paper.package / "README.md").read_text()


def test_a_marker_for_an_unknown_table_is_an_error_naming_the_file(root):
    paper, folder = root
    (folder / "README.md").write_text("<!-- table: overwiev -->\n<!-- /table -->\n")
    with pytest.raises(
        UserError,
        match=r"README.md: no table 'overwiev'; there are carried, finding, findings, in-short, overview",
    ):
        stale_readmes([paper], folder)


@pytest.mark.parametrize(
    ("mark", "misspelt"),
    [("<!-- table: overview -->\n", "<!-- table: overview-->\n"), ("<!-- /table -->", "<!-- / table -->")],
)
def test_a_misspelt_mark_is_an_error_and_no_table_that_nobody_checks(root, mark, misspelt):
    paper, folder = root
    text = "<!-- table: overview -->\n<!-- /table -->\n"
    (folder / "README.md").write_text(text.replace(mark, misspelt))
    with pytest.raises(UserError, match=r"README.md: a table's mark is misspelt"):
        render_readmes([paper], folder)


@pytest.mark.parametrize(("value", "shown"), [(142.0, "142"), (14_747_715.0, "14,747,715"), (12.5, "12.5")])
def test_a_count_has_the_same_digits_in_every_table(value, shown):
    """Fails when one table says 142 images, and another 142.0."""
    ours = Obtained("r", 1, "", "test", "images", "mean", value, 0.0, value, value, 9, "count", seconds=1.0)
    assert wording.recorded_rows([ours])[0][3] == f"images {shown}"
    printed = comparison.Reported(*([""] * 9), "count", 0, *([""] * 5))
    assert printed.text(value) == shown


@pytest.mark.parametrize(
    ("overrides", "precision", "shown"),
    [
        ("", "float32", ""),
        ("", "mixed_bfloat16", "mixed_bfloat16"),
        ("side=64", "float32", "side=64"),
        ("side=64", "float32, mixed_float16", "side=64, float32, mixed_float16"),
    ],
)
def test_a_row_that_is_recorded_says_what_was_set_otherwise(overrides, precision, shown):
    """Fails when results in half precision stand beside others without a word."""
    ours = Obtained("r", 1, "", "test", "images", "mean", 1.0, 0.0, 1.0, 1.0, 9, "count")
    ours = dataclasses.replace(ours, overrides=overrides, precision=precision)
    assert wording.recorded_rows([ours])[0][1] == shown


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
