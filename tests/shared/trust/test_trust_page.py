"""The page of a paper: each part speaks for itself, with runs and without."""

import doctest
import importlib
import pkgutil

import pytest

from reproductions.__main__ import main
from shared import trust
from shared.report import results

MODULES = [found.name for found in pkgutil.iter_modules(trust.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_every_part_is_usable_alone_as_its_examples_show(name):
    found = doctest.testmod(importlib.import_module(f"shared.trust.{name}"))
    assert found.failed == 0


def test_the_parts_of_arithmetic_and_of_runs_have_an_example_each():
    """Fails when a part loses its example."""
    for name in ("printed_claims", "rates", "intervals", "readings", "leaks", "calibration", "prevalence"):
        module = importlib.import_module(f"shared.trust.{name}")
        assert doctest.testmod(module).attempted > 0, name


def test_the_command_prints_a_page_without_any_run(tmp_path, capsys, monkeypatch):
    """Fails when a part is lost, or the arithmetic's pointers to another reading are."""
    monkeypatch.setattr(results, "recorded", lambda papers: ([], []))
    assert main(["trust", "altaf", "--out", str(tmp_path)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for sentence in (
        "Of 42 claims: 5 supported, 17 not supported, 20 not decidable.",
        "mean over 5 draws; the printed rates ask for 496 images",
        "18 rates fit only if their last digit is cut off",
        "with non-COVID as the positive class in 16 of 16 rows",
        "none of them has run.",
        "No run with probabilities of test images yet.",
    ):
        assert sentence in said


def test_looking_without_data_says_what_is_missing(tmp_path, capsys):
    assert main(["trust", "altaf", "--look", "--data-dir", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "holds none of altaf's datasets" in capsys.readouterr().err
