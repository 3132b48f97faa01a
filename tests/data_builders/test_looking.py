"""`trust --look` on a paper's own splits: planted copies and patients are found, a clean split has none."""

from types import SimpleNamespace

import numpy as np
from test_audit import splits_of, write

from data_builders import catalog
from data_builders.split_lists import Piece, Split
from reproductions.trusting import find_leaks


def test_looking_finds_what_is_planted_across_a_split_and_nothing_in_a_clean_one(tmp_path):
    """Fails when a split is looked at by its name, or the pairs of another split are taken for its own."""
    write(tmp_path / "data")
    table = catalog.build("covid_ct", tmp_path / "data", tmp_path / "cache")
    placed = splits_of(table)
    leaky = {"training": placed["train"], "test": placed["test"]}
    away = [k for k, name in enumerate(table.name) if str(name).endswith(("-1.png", "-2.png", "-13.png"))]
    clean = {"training": np.setdiff1d(placed["train"], away), "test": placed["validation"]}
    untested = {"training": placed["train"], "validation": placed["validation"]}
    parts = {"leaky": leaky, "clean": clean, "untested": untested}
    splits = [Split(name, (Piece(table, own),)) for name, own in parts.items()]
    paper = SimpleNamespace(rows=(), splits=lambda rows, data, cache: splits)
    found = {leak.label: leak for leak in find_leaks(paper, tmp_path / "data", tmp_path / "cache")}
    copies = {"CT_COVID/COVID-13.png", "CT_NonCOVID/NonCOVID-12.png", "CT_NonCOVID/NonCOVID-13.png"}
    assert found["leaky"].duplicates == copies
    assert found["leaky"].patients == {"CT_COVID/COVID-13.png"}
    assert len(found["leaky"].test) == len(placed["test"])
    assert found["clean"].seen == frozenset() and found.keys() == {"leaky", "clean"}
