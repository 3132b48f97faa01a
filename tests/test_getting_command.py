"""`python -m reproductions get`: what a name stands for, what is asked, what is left alone."""

import dataclasses
import importlib
import io
import zipfile

import pytest
from lying_server import Lies, serving

from data_builders import phantom, sources
from data_builders.published import DATASETS
from reproductions import PAPERS, getting
from reproductions.__main__ import parser
from reproductions.papers import papers
from shared.base import download
from shared.base.errors import UserError
from shared.paper import Need
from shared.training import imagenet, weight_files
from shared.training.backbones import BACKBONES, find_weights, weights_missing


def run(*words: str) -> int:
    return getting.get(parser().parse_args(["get", *words]))


def needs() -> list[Need]:
    return [need for paper in papers() for row in paper.rows for need in paper.needs(row)]


def test_what_a_row_waits_for_can_be_fetched():
    """Fails when a need names no dataset and no file, or one without a source."""
    for need in needs():
        assert bool(need.datasets) != bool(need.weights), need.what
        assert {each.name for each in need.datasets} <= sources.SOURCES.keys()
    assert sources.SOURCES.keys() == DATASETS.keys()


@pytest.mark.parametrize("name", BACKBONES)
def test_addresses_of_weights_are_those_that_keras_asks(name):
    """Fails when a network's file is asked for in another's folder: the path is Keras' own."""
    module = {"resnet50": "resnet", "resnet_v2": "resnet"}.get(BACKBONES[name].module, BACKBONES[name].module)
    keras_own = vars(importlib.import_module(f"keras.src.applications.{module}"))
    folders = {value.rpartition("/")[0] for key, value in keras_own.items() if key.endswith("WEIGHTS_PATH")}
    for top in (False, True):
        folder, _, file = imagenet.remote(name, top).address.rpartition("/")
        assert folder in folders
        assert file in weight_files.PUBLISHED_MD5


def test_weights_in_keras_own_cache_are_found_and_a_part_of_them_is_not(tmp_path, monkeypatch):
    """Fails when weights must be copied, or when a broken download of Keras counts as the file."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    file = BACKBONES["efficientnetb0"].weight_files(top=False)[0]
    cached = tmp_path / "keras" / "models" / file
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"part")
    assert weights_missing(tmp_path, "efficientnetb0")
    monkeypatch.setitem(weight_files.PUBLISHED_MD5, file, download.md5(cached))
    assert find_weights(tmp_path, "efficientnetb0") == cached
    assert weights_missing(tmp_path, "efficientnetb0") is None
    (tmp_path / file).touch()  # the user's own choice comes first
    assert find_weights(tmp_path, "efficientnetb0") == tmp_path / file


def test_only_missing_weights_are_fetched_and_each_once(tmp_path):
    """Fails when the weights of several rows are fetched several times."""
    files = [remote.name for remote in getting.weights_of(["weights"], tmp_path)]
    assert len(files) == len(set(files)) > 8
    assert {remote.name for need in needs() for remote in need.weights} == set(files)
    for paper in PAPERS:
        assert {remote.name for remote in getting.weights_of([paper], tmp_path)} <= set(files)
    (tmp_path / files[0]).touch()
    assert files[0] not in [remote.name for remote in getting.weights_of(["weights"], tmp_path)]


@pytest.fixture
def ccd(tmp_path, monkeypatch):
    """A dataset on a server here."""
    phantom.write("covid_ct", tmp_path / "published", per_class=2, side=24)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in (tmp_path / "published").rglob("*.*"):
            archive.write(path, path.relative_to(tmp_path / "published"))
    lies = Lies(out.getvalue())
    with serving(lies) as address:
        remote = download.Remote("ccd.zip", f"{address}/ccd.zip")
        about = dataclasses.replace(sources.SOURCES["covid_ct"], size=0, files=(remote,))
        monkeypatch.setitem(sources.SOURCES, "covid_ct", about)
        yield lies


def test_nothing_is_fetched_before_somebody_agrees(ccd, tmp_path, monkeypatch, capsys):
    """Fails when the question comes after the first byte, or when a pipe counts as consent."""
    words = ("covid_ct", "--data-dir", str(tmp_path / "data"), "--weights-dir", str(tmp_path / "weights"))
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(UserError, match="--yes"):
        run(*words)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: "")
    assert run(*words) == 1
    assert not ccd.asked
    monkeypatch.setattr("builtins.input", lambda question: "y")
    assert run(*words) == 0
    printed = capsys.readouterr().out
    assert sources.SOURCES["covid_ct"].licence in printed
    assert "4 images" in printed
    assert run(*words) == 0
    assert len(ccd.asked) == 1


def test_a_name_that_is_none_is_answered_with_the_known(capsys):
    with pytest.raises(UserError, match=r"covid_ct, .*weights"):
        run("covidct")
    assert run() == 0
    printed = capsys.readouterr().out
    assert all(about.page in printed for about in sources.SOURCES.values())
