"""Run folders after somebody's hand or disk was at them: none shows another number without a word."""

import random
import shutil

import pytest
from toy_runs import facts, predictions

from shared.comparison import find_runs, write_run

FILES = ("facts.json", "predictions.csv", "history.csv")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "someone" / "a" / "draw-0"
    history = [{"epoch": epoch, "loss": 1 / (epoch + 1)} for epoch in range(3)]
    write_run(folder, predictions(n=12, right=9, history=history), facts(seed=0))
    return folder


def lines_edited(text: bytes, chance: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    one, other = sorted(chance.sample(range(len(lines)), 2))
    kind = chance.choice(["swap", "double", "drop", "cut"])
    if kind == "swap":
        lines[one], lines[other] = lines[other], lines[one]
    elif kind == "double":
        lines.insert(one, lines[other])
    elif kind == "drop":
        del lines[one]
    else:
        lines[one] = lines[one][: len(lines[one]) // 2] + b"\n"
    return b"".join(lines)


def byte_flipped(text: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(text))
    return text[:place] + bytes([text[place] ^ (1 << chance.randrange(8))]) + text[place + 1 :]


def truncated(text: bytes, chance: random.Random) -> bytes:
    return text[: chance.randrange(len(text))]


def digit_changed(text: bytes, chance: random.Random) -> bytes:
    places = [at for at, byte in enumerate(text) if chr(byte).isdigit()]
    place = chance.choice(places)
    other = chance.choice([digit for digit in b"0123456789" if digit != text[place]])
    return text[:place] + bytes([other]) + text[place + 1 :]


EDITS = (lines_edited, byte_flipped, truncated, digit_changed)


@pytest.mark.corpus
@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("file", FILES)
def test_an_edited_file_is_left_out_by_name_or_says_the_same(file, edit, whole, tmp_path, tried):
    """Thirty edits each: fails for a traceback, and for a number that is not the one that was computed."""
    (computed,) = find_runs(whole.parents[2])[0]
    text = (whole / file).read_bytes()
    for number in range(30):
        changed = edit(text, random.Random(number))
        if changed == text:
            continue
        folder = tmp_path / str(number) / "someone" / "a" / "draw-0"
        shutil.copytree(whole, folder)
        (folder / file).write_bytes(changed)
        runs, left_out = find_runs(tmp_path / str(number))
        if runs:  # white space, or a number written in another way
            assert runs[0].facts == computed.facts
            assert runs[0].metric("accuracy") == computed.metric("accuracy")
            assert runs[0].history == computed.history
        else:
            ((where, reason),) = left_out or [(folder, "no run: facts.json is not there")]
            assert where == folder and len(str(reason).splitlines()) == 1
    tried(f"run folders with an edited {file}", 30, "left out by name, or the same numbers")


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_left_out_by_name(file, whole, tmp_path):
    folder = tmp_path / "someone" / "a" / "draw-0"
    shutil.copytree(whole, folder)
    (folder / file).unlink()
    runs, left_out = find_runs(tmp_path)
    assert runs == []
    assert file == "facts.json" or file in left_out[0][1]
