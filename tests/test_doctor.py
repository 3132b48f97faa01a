"""`python -m reproductions doctor`: what is wrong has a remedy, what is right has none."""

import shutil

import pytest

from data_builders import phantom
from reproductions import doctor
from reproductions.__main__ import parser
from shared.running import machine


def test_each_thing_that_can_be_wrong_has_its_remedy(tmp_path):
    """Fails when a broken machine is called OK, or a whole one is not."""

    def no_gl(name: str) -> None:
        raise ImportError("libGL.so.1: cannot open shared object file")

    assert "libgl1" in machine.library(no_gl).remedy
    assert "PYTHON=" in machine.python((3, 9)).remedy and "PYTHON=" in machine.python((3, 14)).remedy
    assert "gpu" in machine.gpu(0, "H200, 570, 140 GB").remedy
    assert machine.memory(10**9).remedy
    right = [machine.python((3, 12)), machine.gpu(1, ""), machine.gpu(0, ""), machine.memory(10**10)]
    assert not any(finding.remedy for finding in right)


def test_half_precision_is_offered_to_a_processor_with_units_for_it_alone():
    assert "--precision mixed_bfloat16" in machine.precision(0, units=True).text
    assert machine.precision(0, units=False).text == "float32"
    assert machine.precision(1, units=True).text == machine.precision(2, units=True).text == "mixed_float16"


def test_a_folder_that_cannot_be_written_stops(tmp_path, monkeypatch):
    """Fails when a run of hours would end at its first file."""
    monkeypatch.setattr(machine.os, "access", lambda path, mode: False)
    assert machine.results(tmp_path).stops and machine.results(tmp_path).remedy


def test_data_are_counted_by_images_not_by_labels(tmp_path):
    """Fails when a label file alone counts as the dataset, as it does for what `locate` looks at."""
    assert "get chest_xray14" in doctor.data("chest_xray14", tmp_path).remedy
    phantom.write("chest_xray14", tmp_path, per_class=2, side=8)
    assert not doctor.data("chest_xray14", tmp_path).remedy
    for folder in list((tmp_path / "chest_xray14").rglob("images")):
        shutil.rmtree(folder)
    assert "put the images" in doctor.data("chest_xray14", tmp_path).remedy


def test_room_counts_what_is_missing(tmp_path, monkeypatch):
    """Fails when 45 GB are said to fit on a disk of 10."""
    usage = shutil.disk_usage(tmp_path)._replace(free=10 * 10**9)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)
    assert not doctor.room(["covid_ct"], tmp_path).remedy
    assert "--data-dir" in doctor.room(["covid_ct", "chest_xray14"], tmp_path).remedy


@pytest.mark.parametrize("stops", [False, True])
def test_only_what_stops_a_demo_is_an_error(tmp_path, monkeypatch, capsys, stops):
    """Fails when missing data end in an error code, or a missing library does not."""
    found = machine.Finding("libGL", "gone", "install it", stops=True)
    monkeypatch.setattr(doctor, "machine", lambda out: iter([found] if stops else []))
    folders = [word for name in ("out", "data-dir", "weights-dir") for word in (f"--{name}", str(tmp_path))]
    assert doctor.doctor(parser().parse_args(["doctor", "altaf", *folders])) == int(stops)
    printed = capsys.readouterr().out
    assert ("get sars_cov2_ct" in printed) != stops
    assert "covidx_ct" not in printed
