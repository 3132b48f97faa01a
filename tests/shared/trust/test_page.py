"""The page of a paper: each part speaks for itself, with runs and without."""

import doctest
import importlib
import pkgutil

import pytest

from reproductions.__main__ import main
from shared import trust

MODULES = [found.name for found in pkgutil.iter_modules(trust.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_every_part_is_usable_alone_as_its_examples_show(name):
    found = doctest.testmod(importlib.import_module(f"shared.trust.{name}"))
    assert found.failed == 0


def test_the_parts_of_arithmetic_and_of_runs_have_an_example_each():
    """Fails when a part loses its example."""
    found = {
        name: doctest.testmod(importlib.import_module(f"shared.trust.{name}")).attempted for name in MODULES
    }
    for name in ("printed_claims", "rates", "intervals", "readings", "leaks", "calibration", "prevalence"):
        assert found[name] > 0, name


def test_the_command_prints_a_page_without_any_run(tmp_path, capsys):
    assert main(["trust", "altaf", "--out", str(tmp_path)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Of 34 claims: 2 supported, 16 not supported, 16 not decidable." in said
    assert (
        "The text states 248 images (123/125 non-COVID/COVID), mean over 5 draws; the printed rates ask for"
        in said
    )
    assert "None of them has run." in said or "none of them has run" in said


def test_looking_without_data_says_what_is_missing(tmp_path, capsys):
    assert main(["trust", "altaf", "--look", "--data-dir", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "holds none of altaf's datasets" in capsys.readouterr().err
