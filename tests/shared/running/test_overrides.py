"""Odd values for every field of every paper: refused in one line, or a config that its field describes."""

import argparse
import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproductions.__main__ import papers
from shared.base import fields
from shared.base.errors import UserError
from shared.running import cli
from shared.running.overrides import override, parse_overrides, settle

ODD = (
    "",
    " ",
    "nonsense",
    "ImageNet",
    "nan",
    "inf",
    "-inf",
    "-1",
    "0",
    "1e400",
    "1e9",
    "9" * 30,
    "0x10",
    "½",
)
ODD += ("1,2,3,4,5,6,7", "../../escape", "x" * 300, "None", "[]", "true", "0.5,nan", "\n", "\x00", "١")
PAPERS = {paper.name: paper for paper in papers()}
FIELDS = {
    (name, field.name): next(row for row in paper.rows if hasattr(row, field.name))
    for name, paper in PAPERS.items()
    for row in paper.rows
    for field in dataclasses.fields(row)
    if field.name != "id"
}


@pytest.mark.corpus
@pytest.mark.parametrize(("paper", "field"), FIELDS)
def test_an_odd_value_is_refused_in_one_line_that_names_the_field(paper, field, tried):
    """Fails for a traceback, a message of several lines, and a value that trains something else silently."""
    row = FIELDS[paper, field]
    for text in ODD:
        try:
            (settled,) = settle(PAPERS[paper], [row], parse_overrides(PAPERS[paper], [f"{field}={text}"]))
        except UserError as error:
            assert field in str(error).partition(":")[0] or f"{field}=" in str(error) or row.id in str(error)
            assert len(str(error).replace(text, "").splitlines()) == 1
            continue
        value, published = getattr(settled, field), getattr(row, field)
        assert isinstance(value, type(published))
        for part in value if isinstance(value, tuple) else (value,):
            assert part == part and abs(part if isinstance(part, float) else 0) < 1e300
            if isinstance(part, str) and not dict(_limits(row))[field].any_text:
                assert part in _known(PAPERS[paper], field)
    tried(
        f"{paper}: odd values for the fields of its configs", len(ODD), "refused in one line, or what it says"
    )


def _limits(row):
    return ((f.name, f.metadata["limits"]) for f in dataclasses.fields(row) if f.name != "id")


def _known(paper, field):
    """The texts that the paper's rows, its demos or the field itself name."""
    found = set()
    for row in paper.rows:
        for each in (row, paper.demo(row)):
            value = getattr(each, field, ())
            found |= set(value if isinstance(value, tuple) else (value,))
        found |= set(dict(_limits(row)).get(field, dict(_limits(paper.rows[0])).get(field)).choices or ())
    return found


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_no_row_of_a_paper_nor_its_demo_is_refused(paper):
    settle(paper, paper.rows, {})
    settle(paper, [paper.demo(row) for row in paper.rows], {})


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize(
    "words",
    [
        *(["--seed", odd] for odd in ("-1", "nan", "9" * 30)),
        *(["--draws", odd] for odd in ("0", "1e3", "1000000")),
    ],
)
def test_an_odd_seed_or_number_of_draws_is_refused_with_the_range(paper, words, capsys):
    with pytest.raises(SystemExit) as left:
        cli.parser(PAPERS[paper]).parse_args(words)
    assert left.value.code == 2
    assert "a whole number from" in capsys.readouterr().err.splitlines()[-1]


def test_more_draws_than_folds_are_refused_before_anything_starts():
    with pytest.raises(UserError, match="vgg16-detl: draws=7, but there are 5 folds"):
        settle(PAPERS["basu"], [PAPERS["basu"].row("vgg16-detl")], {}, draws=7)


@pytest.mark.parametrize(
    ("paper", "row", "settings", "reason"),
    [
        ("elazhari", "ct-vgg16-random", ["modality=xray"], "sars_cov2_ct has no images of modality=xray"),
        ("elazhari", "ct-cnn", ["weights=imagenet"], "nobody published weights"),
        ("elazhari", "ct-cnn", ["test_fraction=0.95"], "leave nothing to train on"),
        ("zebin", "vgg16-v1", ["test=142,60,60"], "leaves nothing to train on"),
        ("zebin", "vgg16-v2", ["gan_side=66"], "a multiple of 4"),
        ("zhao", "bit-m", ["crop=513"], "crop=513 is larger than resize=512"),
        ("zhao", "bit-m", ["schedule=500,3000,2000,9000,10000"], "none smaller than the one before"),
        ("zhao", "bit-m", ["weights=bit-l"], "did you mean bit-s|did you mean bit-m"),
        ("basu", "resnet50-imagenet", ["kernels=3x3"], "ImageNet's weights are of the original kernels"),
        ("basu", "alexnet-data-a", ["weights=imagenet"], "nobody published ImageNet weights"),
        ("basu", "vgg16-data-a", ["warmup_epochs=100"], "fewer than the 100 epochs"),
        ("altaf", "ccd-vgg16-transfer", ["weights=ImageNet"], "did you mean imagenet"),
        ("altaf", "ccd-vgg16-transfer", ["sied=3"], "did you mean side"),
        ("altaf", "ccd-vgg16-transfer", ["side=300", "side=301"], "given twice"),
    ],
)  # fmt: skip
def test_values_that_cannot_be_together_are_named(paper, row, settings, reason):
    chosen = PAPERS[paper]
    with pytest.raises(UserError, match=reason):
        settle(chosen, [chosen.row(row)], parse_overrides(chosen, settings))


def test_a_setting_that_no_training_can_follow_is_named_with_the_whole_message_in_a_file(tmp_path, capsys):
    """Fails with a traceback where Keras refuses a shape that every single check has let pass."""

    def run(args: argparse.Namespace, settings: list[str]) -> int:
        with cli.naming_the_settings(settings, tmp_path):
            raise ValueError("Computed output size would be negative\nand more")

    assert cli.guarded(lambda: run(argparse.Namespace(), ["side=64"])) == 2
    line = capsys.readouterr().err
    assert line.startswith("error: with side=64 this cannot run (ValueError: Computed output size")
    assert len(line.splitlines()) == 1
    assert "and more" in (tmp_path / "error.txt").read_text()
    with pytest.raises(ValueError, match="Computed"):
        cli.guarded(lambda: run(argparse.Namespace(), []))


KINDS = st.sampled_from(sorted(FIELDS))
PART = {
    bool: st.booleans(),
    int: st.integers(-(10**12), 10**12),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: st.text(st.characters(categories=["L", "Nd", "Pd"]), min_size=1, max_size=9),
}


@given(KINDS, st.data())
def test_a_value_is_read_as_it_is_shown(field, data):
    """Fails when a number loses a digit between `--set` and the config, or a tuple its parts."""
    paper, name = field
    row = FIELDS[field]
    value = getattr(row, name)
    if isinstance(value, tuple):
        part = PART[type(value[0])] if value else PART[str]
        given_value = tuple(data.draw(st.lists(part, min_size=1, max_size=5)))
    else:
        given_value = data.draw(PART[type(value)])
    again = override(row, parse_overrides(PAPERS[paper], [f"{name}={fields.shown(given_value)}"]))
    assert getattr(again, name) == given_value
    assert dataclasses.replace(again, **{name: value}) == row


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False), ("FALSE", False)])
def test_a_switch_is_what_its_word_says(text, value):
    """Fails when every word that is not empty means yes."""
    row = papers(["basu"])[0].row("alexnet-detl")
    for start in (True, False):
        found = override(dataclasses.replace(row, flip=start), {"flip": text})
        assert found.flip is value
