"""A misspelt word in reported.csv or in a claim is found when it is read, not missed in silence."""

import csv
import re

import pytest

from shared.base.errors import UserError
from shared.comparison import REPORTED_COLUMNS, Words, above, all_of, at_least, beats, load_reported, within
from shared.comparison import check_tests as check
from shared.comparison.words import asking

WORDS = Words(rows=("small", "large"), classes=("COVID", "Normal"), facts=("images_covid",))
RIGHT = {
    **dict.fromkeys(REPORTED_COLUMNS, ""),
    **{"place": "Table 1", "row": "small", "label": "Small", "class": "COVID", "class_from": "text"},
    **{"split": "test", "metric": "recall", "operator": "=", "value": "90", "decimals": "0"},
    **{"unit": "%", "source": "table", "by": "paper", "take": "mean"},
    **{"runs": "1", "design": "own", "setup_place": "Table 1"},
}


def written(path, **changes):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, REPORTED_COLUMNS)
        writer.writeheader()
        writer.writerow(RIGHT)
        writer.writerow(RIGHT | changes)
    return path


def test_known_words_pass(tmp_path):
    written(tmp_path / "reported.csv", metric="images_covid", row="small large")
    assert len(load_reported(tmp_path / "reported.csv", WORDS)) == 2


@pytest.mark.parametrize(
    ("column", "word", "near"),
    [
        ("row", "smal", "small"),
        ("class", "COVDI", "COVID"),
        ("metric", "acuracy", "accuracy"),
        ("metric", "images_covd", "images_covid"),
        ("split", "validtion", "validation"),
        ("operator", "=>", ">="),
        ("unit", "fracton", "fraction"),
        ("source", "tabel", "table"),
        ("by", "other", "others"),
        ("take", "poled", "pooled"),
        ("design", "sahred", "shared"),
        ("class_from", "infered", "inferred"),
    ],
)
def test_an_unknown_word_names_file_line_and_the_nearest(tmp_path, column, word, near):
    """Fails when a word is taken as it is: its number would stay NOT RUN for ever."""
    path = written(tmp_path / "reported.csv", **{column: word})
    expected = f"{path}, line 3: {column} '{word}' is not known; nearest: "
    with pytest.raises(UserError, match=re.escape(expected) + f".*{re.escape(near)}"):
        load_reported(path, WORDS)


@pytest.mark.parametrize(
    ("test", "kind", "word", "near"),
    [
        (lambda: beats("smal", "large"), "row", "smal", "small"),
        (lambda: at_least("small", "lrage"), "row", "lrage", "large"),
        (lambda: within(("small", "larg"), "accuracy", 0.1), "row", "larg", "large"),
        (lambda: above("small", "acuracy", 0.9), "metric", "acuracy", "accuracy"),
        (lambda: within(("small",), (("f1", "COVID"), ("recal", None)), 0.1), "metric", "recal", "recall"),
        (lambda: beats("small", "large", "recall", class_name="COVD"), "class", "COVD", "COVID"),
        (lambda: beats("small", "large", split="tets"), "split", "tets", "test"),
        (lambda: all_of(beats("small", "large"), beats("large", "smll")), "row", "smll", "small"),
    ],
)
def test_an_unknown_word_of_a_claim_names_its_line(test, kind, word, near):
    """Fails when a part of a claim, or one kind of its words, is not looked at."""
    line = test.__code__.co_firstlineno
    expected = f"test_words.py, line {line}, claim c: {kind} '{word}' is not known; nearest: {near}"
    with pytest.raises(UserError, match=re.escape(expected)):
        check({"c": test()}, WORDS)


def test_a_papers_own_test_is_looked_at_when_it_says_so():
    @asking
    def spread(rows, width):
        return lambda runs: width

    assert spread(("small",), 3)(None) == 3
    check({"c": spread(("small",), 3), "d": lambda runs: None}, WORDS)
    with pytest.raises(UserError, match="row 'huge' is not known"):
        check({"c": spread(("small", "huge"), 3)}, WORDS)
