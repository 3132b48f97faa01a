"""Files from a server that interrupts, redirects and lies: nothing is lost, no part is taken for whole."""

import hashlib
import random

import pytest
from lying_server import Lies, serving

from shared.base import download
from shared.base.download import Remote, fetch
from shared.base.errors import UserError

CONTENT = random.Random(0).randbytes(300_000)
MD5 = hashlib.md5(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(download, "PAUSE", 0.0)


@pytest.fixture
def server():
    lies = Lies(CONTENT)
    with serving(lies) as address:
        yield lies, address


def published(address: str, **known) -> Remote:
    return Remote("file.zip", f"{address}/file.zip", **known)


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_redirected_file_comes_whole_and_once(server, tmp_path):
    """Fails when a redirect ends the fetch, or when a file that is there is fetched again."""
    lies, address = server
    remote = Remote("file.zip", f"{address}/redirect/redirect/file.zip", len(CONTENT), MD5)
    for _ in range(2):
        assert fetch(remote, tmp_path).read_bytes() == CONTENT
    assert [path for path, _ in lies.asked] == [
        "/redirect/redirect/file.zip",
        "/redirect/file.zip",
        "/file.zip",
    ]
    assert names(tmp_path) == ["file.zip"]


@pytest.mark.parametrize("known", [{}, {"md5": MD5}, {"size": len(CONTENT)}])
def test_what_came_before_an_interruption_is_not_asked_for_again(server, tmp_path, known):
    """Fails when an attempt begins anew, or joins its piece at another place."""
    lies, address = server
    lies.cut_after = [100_000, 50_000, 0]
    assert fetch(published(address, **known), tmp_path).read_bytes() == CONTENT
    assert [asked for _, asked in lies.asked] == ["", "bytes=100000-", "bytes=150000-", "bytes=150000-"]
    assert names(tmp_path) == ["file.zip"]


def test_a_fetch_that_gives_up_is_resumed_by_the_next_one(server, tmp_path):
    """Fails when the part is lost at the end of a process, or when it has the name of the file."""
    lies, address = server
    lies.cut_after = [200_000] + [0] * download.TRIES
    with pytest.raises(UserError, match="200 kB are kept: run the same command again"):
        fetch(published(address), tmp_path)
    assert "file.zip" not in names(tmp_path)
    assert fetch(published(address), tmp_path).read_bytes() == CONTENT
    assert lies.asked[-1] == ("/file.zip", "bytes=200000-")


def test_a_server_without_ranges_is_asked_until_one_answer_is_whole(server, tmp_path):
    """Fails when the second answer is put behind what came with the first."""
    lies, address = server
    lies.ranges, lies.cut_after = False, [100_000, 250_000]
    assert fetch(published(address), tmp_path).read_bytes() == CONTENT


def test_another_version_is_not_joined_to_the_part_of_the_first(server, tmp_path):
    """Fails without If-Range: the file would be the first half of one version and the second of the other."""
    lies, address = server
    lies.cut_after = [100_000] + [0] * download.TRIES
    with pytest.raises(UserError):
        fetch(published(address), tmp_path)
    lies.content, lies.tag = CONTENT[::-1], '"2"'
    assert fetch(published(address), tmp_path).read_bytes() == CONTENT[::-1]


def test_halves_of_two_versions_without_a_tag_are_found_by_the_hash_and_fetched_anew(server, tmp_path):
    """Fails when a wrong sum after a resumption ends the fetch although the whole file is to be had."""
    lies, address = server
    lies.content, lies.cut_after = CONTENT[::-1], [100_000] + [0] * download.TRIES
    with pytest.raises(UserError):
        fetch(published(address, md5=MD5), tmp_path)
    lies.content = CONTENT
    assert fetch(published(address, md5=MD5), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("known", [{"md5": MD5}, {"size": len(CONTENT)}])
def test_a_length_that_is_too_short_leaves_no_file(server, tmp_path, known):
    """Fails when the server's word on the length is taken for the file's."""
    lies, address = server
    lies.length_off_by = -1000
    if "size" in known:  # the rest is asked for
        assert fetch(published(address, **known), tmp_path).read_bytes() == CONTENT
        return
    with pytest.raises(UserError, match="MD5"):
        fetch(published(address, **known), tmp_path)
    assert names(tmp_path) == []


def test_a_length_that_is_too_long_is_corrected_by_the_answer_to_the_next_range(server, tmp_path):
    """Fails when the end of such an answer is taken for the end of the file without a question."""
    lies, address = server
    lies.length_off_by = 1000
    assert fetch(published(address), tmp_path).read_bytes() == CONTENT
    assert lies.asked[-1] == ("/file.zip", f"bytes={len(CONTENT)}-")


def test_a_piece_from_another_place_is_refused(server, tmp_path):
    """Fails when 206 alone is believed: its Content-Range tells where the bytes belong."""
    lies, address = server
    lies.cut_after, lies.wrong_piece = [100_000], True
    with pytest.raises(UserError):
        fetch(published(address), tmp_path)
    assert "file.zip" not in names(tmp_path)


def test_a_file_that_fails_its_check_leaves_nothing(server, tmp_path):
    """Fails when what is no archive keeps the archive's name."""
    _, address = server
    with pytest.raises(UserError, match="is a web page; nothing is kept"):
        fetch(published(address), tmp_path, check=lambda path: "is a web page")
    assert names(tmp_path) == []


def test_a_busy_server_is_asked_again_and_a_refusal_is_final(server, tmp_path):
    """Fails when 503 ends a fetch, or when 404 is asked for six times."""
    lies, address = server
    lies.codes = [503, 429]
    assert fetch(published(address), tmp_path).read_bytes() == CONTENT
    lies.asked.clear()
    lies.codes = [404]
    with pytest.raises(UserError, match="answers 404"):
        fetch(Remote("other.zip", f"{address}/other.zip"), tmp_path)
    assert len(lies.asked) == 1
