"""reported.csv as it is read, and rows without a reported number."""

import dataclasses
import subprocess
import sys

import pytest
from toy_runs import put, reported

from shared import comparison
from shared.base.errors import UserError
from shared.comparison import (
    REPORTED_COLUMNS,
    load_reported,
    obtain,
)


def test_rows_without_reported_numbers_are_told_too(tmp_path):
    put(tmp_path, [80] * 3)
    runs = put(tmp_path, [70] * 3, row="unreported")
    found = obtain([reported()], runs)
    assert {(entry.row, round(entry.value, 2)) for entry in found} == {("a", 0.8), ("unreported", 0.7)}


def test_draws_of_two_precisions_are_told_as_both(tmp_path):
    """Fails when the first draw speaks for all: the others were trained otherwise."""
    runs = put(tmp_path, [80] * 3)
    for run, precision in zip(runs, ("float32", "mixed_float16", "float32"), strict=True):
        run.facts["precision"] = precision
    (found,) = obtain([reported()], runs)
    assert found.precision == "float32, mixed_float16"


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("unit", "percent", "unit"),
        ("operator", "≥", "operator"),
        ("decimals", "2", "decimals"),
        ("value", "", "missing"),
        ("value", "eighty", "numbers"),
        ("take", "best", "take"),
        ("design", "mine", "design"),
        ("runs", "", "belong together"),
        ("setup_place", "", "setup_place"),
        ("spread_unusable", "no unit", "no spread"),
        ("class_from", "guess", "class_from"),
    ],
)
def test_a_broken_line_of_reported_csv_is_named(tmp_path, column, value, said):
    line = dict(zip(comparison.Reported.__dataclass_fields__, dataclasses.astuple(reported()), strict=True))
    line["class"] = line.pop("class_name")
    columns = ",".join(REPORTED_COLUMNS)
    for name, content in (("good", line), ("bad", {**line, column: value})):
        cells = ",".join(str(content[c]) for c in columns.split(","))
        (tmp_path / name).write_text(f"{columns}\n{cells}\n")
    assert load_reported(tmp_path / "good") == [reported()]
    with pytest.raises(UserError, match=f"line 2.*{said}"):
        load_reported(tmp_path / "bad")


def test_importing_results_needs_no_tensorflow_and_no_matplotlib():
    heavy = {"tensorflow", "keras", "matplotlib", "scipy"}
    code = f"import sys, shared.comparison; print(*{heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
