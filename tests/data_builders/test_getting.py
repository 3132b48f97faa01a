"""Datasets from a server that interrupts and lies: the folder appears whole or not at all."""

import dataclasses
import hashlib
import io
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest
from lying_server import Lies, serving

from data_builders import catalog, getting, phantom, published, sources, unpacking
from shared.base import download
from shared.base.download import Remote
from shared.base.errors import UserError


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(download, "PAUSE", 0.0)


@pytest.fixture
def server():
    lies = Lies()
    with serving(lies) as address:
        yield lies, address


def packed(folder: Path) -> bytes:
    """A zip of a folder, stored without compression, so that a cut lies inside an image."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return out.getvalue()


def look_alike(name: str, tmp_path: Path) -> bytes:
    phantom.write(name, tmp_path / "published" / "repo", per_class=2, side=24)
    return packed(tmp_path / "published")


def take_from(monkeypatch, name: str, **facts) -> None:
    monkeypatch.setitem(sources.SOURCES, name, dataclasses.replace(sources.SOURCES[name], size=0, **facts))


def images(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.*g")}


def files_of(address: str) -> tuple[Remote, ...]:
    return (Remote("repo.zip", f"{address}/redirect/repo.zip"),)


def test_an_interrupted_archive_ends_as_the_published_tree(server, tmp_path, monkeypatch):
    """Fails when a broken connection costs a file, or when work is left behind."""
    lies, address = server
    lies.content, lies.cut_after = look_alike("covid_ct", tmp_path), [1000, 2000]
    take_from(monkeypatch, "covid_ct", files=files_of(address))
    folder = getting.get("covid_ct", tmp_path / "data")
    assert images(folder) == images(tmp_path / "published") != {}
    assert catalog.missing("covid_ct", tmp_path / "data") is None
    assert [path.name for path in (tmp_path / "data").iterdir() if path.name != getting.WORK] == ["covid_ct"]
    assert list((tmp_path / "data" / getting.WORK).iterdir()) == []
    asked = len(lies.asked)
    getting.get("covid_ct", tmp_path / "data")
    assert len(lies.asked) == asked


@pytest.mark.parametrize("there", [True, False])
def test_a_link_to_a_folder_on_another_disk_is_filled_there(there, server, tmp_path, monkeypatch):
    """Fails when all is fetched onto the small disk, and the last step then fails on the link."""
    lies, address = server
    lies.content = look_alike("covid_ct", tmp_path)
    take_from(monkeypatch, "covid_ct", files=files_of(address))
    large, data = tmp_path / "large" / "mine", tmp_path / "data"
    data.mkdir()
    if there:
        large.mkdir(parents=True)
    (data / "covid_ct").symlink_to(large)
    getting.get("covid_ct", data)
    assert (data / "covid_ct").is_symlink() and images(large) == images(tmp_path / "published") != {}
    assert [path.name for path in data.iterdir()] == ["covid_ct"], "the work was done on the other disk"
    assert catalog.missing("covid_ct", data) is None


def test_an_archive_cut_short_by_a_lie_is_never_a_dataset(server, tmp_path, monkeypatch):
    """Fails when what can be unpacked of half an archive becomes the data folder's dataset."""
    lies, address = server
    lies.content, lies.length_off_by = look_alike("covid_ct", tmp_path), -3000
    take_from(monkeypatch, "covid_ct", files=files_of(address))
    with pytest.raises(UserError, match=r"no archive.*(\n.*)*UCSD-AI4H/COVID-CT into .*covid_ct"):
        getting.get("covid_ct", tmp_path / "data")
    assert catalog.missing("covid_ct", tmp_path / "data")
    lies.length_off_by = 0
    assert images(getting.get("covid_ct", tmp_path / "data")) == images(tmp_path / "published")


def test_an_archive_with_a_wrong_byte_is_removed_and_fetched_again(server, tmp_path, monkeypatch):
    """Fails when the archive's own sums are not checked, or when the damaged one stays for the next call."""
    lies, address = server
    whole = look_alike("covid_ct", tmp_path)
    lies.content = spoilt(whole)
    take_from(monkeypatch, "covid_ct", files=files_of(address))
    with pytest.raises(UserError, match="damaged"):
        getting.get("covid_ct", tmp_path / "data")
    lies.content = whole
    assert images(getting.get("covid_ct", tmp_path / "data")) == images(tmp_path / "published")


def test_a_label_file_is_put_beside_the_images_it_is_of(server, tmp_path, monkeypatch):
    """Fails when the pinned labels are put elsewhere, or when the archive's own are kept."""
    lies, address = server
    lies.content = look_alike("covid_chestxray", tmp_path)
    labels = (tmp_path / "published" / "repo" / "covid_chestxray" / "metadata.csv").read_bytes() + b"\n"
    with serving(Lies(labels)) as other:
        md5 = hashlib.md5(labels).hexdigest()
        csv = Remote("metadata.csv", f"{other}/metadata.csv", len(labels), md5)
        take_from(monkeypatch, "covid_chestxray", files=(*files_of(address), csv))
        getting.get("covid_chestxray", tmp_path / "data")
    root = published.locate("covid_chestxray", tmp_path / "data")
    assert (root / "metadata.csv").read_bytes() == labels
    assert catalog.metadata("covid_chestxray", tmp_path / "data").extra["present"].any()


def test_each_of_several_archives_is_fetched_once_over_two_calls(server, tmp_path, monkeypatch):
    """Fails when an archive that is unpacked is fetched again, as 45 GB would be."""
    lies, address = server
    phantom.write("chest_xray14", tmp_path / "published", per_class=2, side=24)
    root = tmp_path / "published" / "chest_xray14"
    (labels,) = root.glob("Data_Entry*.csv")
    with tarfile.open(tmp_path / "images.tar.gz", "w:gz") as archive:
        archive.add(next(root.rglob("images")), "images")
    lies.content = (tmp_path / "images.tar.gz").read_bytes()
    first = Remote("images_001.tar.gz", f"{address}/1")
    second = Remote("images_002.tar.gz", f"{address}/2")
    with serving(Lies(labels.read_bytes())) as other:
        table = Remote(labels.name, f"{other}/labels")
        take_from(monkeypatch, "chest_xray14", files=(table, first, second))
        lies.cut_after = [len(lies.content), *[0] * 9]
        with pytest.raises(UserError):
            getting.get("chest_xray14", tmp_path / "data")
        lies.cut_after = []
        folder = getting.get("chest_xray14", tmp_path / "data")
    assert [path for path, _ in lies.asked].count("/1") == 1
    assert sorted(path.name for path in folder.iterdir()) == [labels.name, "images_001", "images_002"]


def test_a_folder_of_the_user_is_never_replaced(tmp_path):
    """Fails when files that lie there, or labels without images, are overwritten."""
    (tmp_path / "covid_ct").mkdir()
    (tmp_path / "covid_ct" / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="move it away"):
        getting.get("covid_ct", tmp_path)
    phantom.write("chest_xray14", tmp_path, per_class=2, side=24)
    for images_folder in (tmp_path / "chest_xray14").rglob("images"):
        shutil.rmtree(images_folder)
    with pytest.raises(UserError, match="labels and no image"):
        getting.get("chest_xray14", tmp_path)


@pytest.mark.parametrize("python", ["of today", "3.11.3"])
def test_an_archive_cannot_write_outside_of_its_folder(python, tmp_path, monkeypatch):
    """Fails when a member's name leads upwards, or an early Python ends in a traceback."""
    if python == "3.11.3":
        monkeypatch.delattr(tarfile, "data_filter")
    with tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("../outside.txt")
        archive.addfile(member, io.BytesIO())
    with pytest.raises(UserError, match="damaged"):
        unpacking.unpack(tmp_path / "bad.tar.gz", tmp_path / "inside")
    assert not (tmp_path / "outside.txt").exists()
    with tarfile.open(tmp_path / "good.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("images/a.txt"), io.BytesIO())
    unpacking.unpack(tmp_path / "good.tar.gz", tmp_path / "good")
    assert (tmp_path / "good" / "images" / "a.txt").is_file()


@pytest.fixture
def kaggle_here(server, monkeypatch, tmp_path):
    """Kaggle's client with another address and small blocks; nothing of it is replaced."""
    from kagglehub import clients
    from kagglesdk import kaggle_env

    lies, address = server
    for name in list(kaggle_env.os.environ):
        if name.startswith("KAGGLE"):
            monkeypatch.delenv(name)
    for name in ("KAGGLEHUB_CACHE", "KAGGLEHUB_VERBOSITY", "DISABLE_COLAB_CACHE", "DISABLE_KAGGLE_CACHE"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, f"{address}/redirect")
    monkeypatch.setattr(clients, "CHUNK_SIZE", 500)
    take_from(monkeypatch, "sars_cov2_ct", kaggle="someone/set/versions/2")
    lies.content = look_alike("sars_cov2_ct", tmp_path)
    return lies


@pytest.mark.parametrize(
    "lie",
    [
        {},
        {"cut_after": [1000, 2000]},
        {"cut_after": [1000], "ranges": False},
        {"length_off_by": 500},
        {"cut_after": [1000], "wrong_piece": True},
    ],
    ids=str,
)
def test_kaggles_client_ends_with_the_published_images(kaggle_here, tmp_path, monkeypatch, lie):
    """Fails when a broken transfer ends the fetch, or when a spoilt archive stays in the way."""
    for name, value in lie.items():
        setattr(kaggle_here, name, value)
    folder = getting.get("sars_cov2_ct", tmp_path / "data")
    assert images(folder) == images(tmp_path / "published") != {}


def spoilt(content: bytes) -> bytes:
    return content[:500] + bytes([content[500] ^ 1]) + content[501:]


@pytest.mark.parametrize("lie", [-3000, spoilt])
def test_kaggle_with_a_wrong_length_or_byte_leaves_no_dataset(kaggle_here, tmp_path, lie):
    """Fails when a part is taken for the whole, or stays in the way of an honest answer."""
    honest = kaggle_here.content
    if lie is spoilt:
        kaggle_here.content = spoilt(honest)
    else:
        kaggle_here.length_off_by = lie
    with pytest.raises(UserError, match=r"damaged|broke"):
        getting.get("sars_cov2_ct", tmp_path / "data")
    assert catalog.missing("sars_cov2_ct", tmp_path / "data")
    kaggle_here.length_off_by, kaggle_here.content = 0, honest
    assert images(getting.get("sars_cov2_ct", tmp_path / "data")) == images(tmp_path / "published")


def test_a_refusal_by_kaggle_names_the_page(kaggle_here, tmp_path):
    """Fails when a set that wants a login is asked for in vain, or ends in a traceback."""
    kaggle_here.codes = [403]
    with pytest.raises(
        UserError, match=r"403(.*\n)*.*by hand from https://www.kaggle.com/datasets/plameneduardo"
    ):
        getting.get("sars_cov2_ct", tmp_path / "data")
