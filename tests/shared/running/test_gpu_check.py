"""What gpu-check writes of probes that were made up, against values computed by hand."""

import importlib

import pytest

from reproductions import PAPERS
from reproductions.zebin import PAPER
from shared.running import gpu_check


def probe(sure: float, precision: str) -> dict:
    """Two images; the second's decision turns where `sure` is below a half."""
    seconds = 0.004 if precision == "float32" else 0.001
    return {
        "probabilities": [[0.9, 0.1], [sure, 1 - sure]],
        "machine": f"NVIDIA H200, {precision}",
        "versions": {"python": "3.11", "keras": "3.13"},
        "costs": {"a training": {"seconds": seconds, "memory": 1, "pixels": 1}},
        "peak_bytes": 3 * 2**29,
        "demo_speed": 812.4,
        "waiting": 0.254,
    }


PROBES = [probe(0.8, "float32"), probe(0.45, "mixed_float16"), probe(0.6, "mixed_float16, fast")]


def test_each_way_is_compared_with_float32():
    """Fails when a way is compared with itself or with the one before, or time is told for speed."""
    row = "zebin, resnet50-v1"
    assert gpu_check.compared(PAPER, PROBES) == [
        (row, "float32", "", "812", "25%", "1.50 GiB", "100.0%", "0.0e+00"),
        (row, "mixed_float16", "", "812", "25%", "1.50 GiB", "50.0%", "3.5e-01"),
        (row, "mixed_float16, fast", "", "812", "25%", "1.50 GiB", "100.0%", "2.0e-01"),
        ("zebin, a training", "float32", "250", *[""] * 5),
        ("zebin, a training", "mixed_float16", "1e+03", *[""] * 5),
        ("zebin, a training", "mixed_float16, fast", "1e+03", *[""] * 5),
    ]


def test_the_page_names_the_device_once_and_the_versions():
    """Fails when the first precision is told for the whole table."""
    text = gpu_check.page("NVIDIA H200, float32", PROBES[0]["versions"], [("a",) * 8])
    assert "Measured on NVIDIA H200, 2" in text and "; python 3.11, keras 3.13.\n" in text
    assert text.startswith("# Speed") and text.endswith("| a | a | a | a | a | a | a | a |\n")


@pytest.mark.parametrize("name", PAPERS)
def test_the_probed_row_trains(name):
    """Fails where a paper's row has no training to watch, such as one that only counts images."""
    paper = importlib.import_module(f"reproductions.{name}").PAPER
    assert any(work.train for work in paper.work(paper.row(gpu_check.row_of(paper))))
