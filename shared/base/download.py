"""A file from the network, whole or not at all: what is interrupted is resumed, what has come is checked.

Until a file is whole and checked it is called `<name>.part`, so that nothing takes a part of it for the file.
"""

from __future__ import annotations

import hashlib
import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

from tqdm import tqdm

from shared.base.claim import claimed
from shared.base.disk import cannot_write, need_room, size
from shared.base.errors import UserError
from shared.base.files import make_folder, sync, write_text

BLOCK = 1 << 20
TRIES = 6
"""Attempts in a row that bring nothing new, before we give up."""
PAUSE = 1.0
"""Seconds after the first such attempt; twice as many after each further one."""
SILENCE = 60.0
"""Seconds without a byte after which a connection counts as broken."""
LATER = (408, 425, 429, 500, 502, 503, 504)
"""Answers that another attempt may change."""

Check = Callable[[Path], str]
"""'' where a file is what it should be, else what is the matter with it."""


@dataclass(frozen=True)
class Remote:
    """A published file: its address, and its size and MD5 where they are known."""

    name: str
    address: str
    size: int = 0
    md5: str = ""
    accept: str = "*/*"


@dataclass(frozen=True)
class Wanted:
    """A dataset: its name, its images, and the bytes that it takes on the disk, about."""

    name: str
    images: int
    to_fetch: int
    """With its archives and what is unpacked of them."""
    built: int
    """The copy that is made of it for training."""


class Interrupted(Exception):
    """The connection ended before the file did; what came is kept."""


def fetch(remote: Remote, folder: Path, check: Check = lambda path: "") -> Path:
    """The file in that folder; there already, it is not fetched again.

    What an interrupted fetch left is continued, by this process or by a later one.
    """
    target = Path(folder) / remote.name
    make_folder(target.parent)
    with claimed(target.with_name(f"{remote.name}.claim")):
        if not target.is_file():
            part = target.with_name(f"{remote.name}.part")
            in_pieces = _complete(remote, part)
            problem = _problem(remote, part, check)
            if problem and in_pieces:  # they do not belong together
                _forget(part)
                _complete(remote, part)
                problem = _problem(remote, part, check)
            if problem:
                _forget(part)
                raise UserError(f"{remote.address}: {problem}; nothing is kept")
            sync(part)
            part.replace(target)
            _forget(part)
    return target


def _complete(remote: Remote, part: Path) -> bool:
    """Attempts until the file has its length; those that bring something new do not count.

    Gives whether the file is made of several pieces.
    """
    most, vain, in_pieces = _length(part), 0, False
    while True:
        in_pieces |= _length(part) > 0
        try:
            _continue(remote, part)
            return in_pieces
        except (Interrupted, OSError, http.client.HTTPException) as error:
            reason = _final(remote, error)
        vain, most = (0, _length(part)) if _length(part) > most else (vain + 1, most)
        if vain == TRIES:
            kept = f"{size(_length(part))} are kept: run the same command again to resume"
            raise UserError(f"{remote.address}: {reason}; {kept}")
        time.sleep(PAUSE * 2 ** max(vain - 1, 0))


def _final(remote: Remote, error: Exception) -> str:
    """The reason of an attempt's end; an answer that no further attempt can change is raised."""
    if isinstance(error, urllib.error.HTTPError) and error.code not in LATER:
        raise UserError(f"{remote.address}: the server answers {error.code} {error.reason}") from error
    return str(getattr(error, "reason", "") or error or type(error).__name__)


def _continue(remote: Remote, part: Path) -> None:
    """One attempt: from where the part ends, if the server can, else from the beginning."""
    request = urllib.request.Request(remote.address, headers=_headers(remote, part))
    try:
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=SILENCE)
    except urllib.error.HTTPError as error:
        if error.code != 416:
            raise
        return _past_the_end(remote, part, error.headers.get("Content-Range", ""))
    with answer:
        start, total = _range(answer, _length(part))
        wanted = remote.size or total
        need_room(part.parent, max((wanted or 0) - start, 0), f"the rest of {remote.name}")
        _keep_tag(part, answer)
        _receive(answer, part, start, wanted)
    if wanted and _length(part) < wanted:
        raise Interrupted(f"the connection ended after {_length(part):,} of {wanted:,} bytes")


def _headers(remote: Remote, part: Path) -> dict[str, str]:
    """Asks for the rest where there is a part; the tag keeps two versions of a file from being joined."""
    headers = {"User-Agent": "covid-reproductions", "Accept": remote.accept, "Accept-Encoding": "identity"}
    if not _length(part):
        return headers
    tag = _tag_file(part).read_text() if _tag_file(part).is_file() else ""
    if not (tag or remote.md5):  # nothing would tell whether both halves are of one file
        return headers
    headers["Range"] = f"bytes={_length(part)}-"
    return headers if remote.md5 else {**headers, "If-Range": tag}


def _range(answer: HTTPResponse, there: int) -> tuple[int, int]:
    """Where the answer's bytes begin, and the length of the whole file (0: not said)."""
    if answer.status == 206:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", "").strip())
        if not found or int(found[1]) != there:
            raise Interrupted("the server sent another part of the file than the one that was asked for")
        return there, int(found[2]) if found[2] != "*" else 0
    return 0, int(answer.headers.get("Content-Length") or 0)


def _past_the_end(remote: Remote, part: Path, content_range: str) -> None:
    """The server has no byte after ours: whole, where it names our length or none at all is known."""
    total = content_range.rpartition("/")[2]
    if total.isdecimal() and int(total) == _length(part) and remote.size in (0, int(total)):
        return
    _forget(part)
    raise Interrupted("the part that was kept is longer than the file")


def _receive(answer: HTTPResponse, part: Path, start: int, wanted: int) -> None:
    """Writes each block as soon as it is here, so that a broken connection loses none."""
    label = part.name.removesuffix(".part")
    whole = {"total": wanted or None, "initial": start}
    with tqdm(desc=label, **whole, unit="B", unit_scale=True, disable=None) as bar:
        if not start:
            _append(part, b"", "wb")
        while block := answer.read1(BLOCK):
            _append(part, block)
            bar.update(len(block))


def _append(part: Path, block: bytes, mode: str = "ab") -> None:
    try:
        with open(part, mode) as file:
            file.write(block)
    except OSError as error:
        raise cannot_write(part, error) from error


def _keep_tag(part: Path, answer: HTTPResponse) -> None:
    """What tells this version of the file from another; a weak ETag cannot."""
    tag = answer.headers.get("ETag", "")
    write_text(_tag_file(part), tag if tag.startswith('"') else answer.headers.get("Last-Modified", ""))


def _tag_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.tag")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _tag_file(part).unlink(missing_ok=True)


def _problem(remote: Remote, path: Path, check: Check) -> str:
    if remote.size and _length(path) != remote.size:
        return f"has {_length(path):,} bytes, published are {remote.size:,}"
    if remote.md5 and md5(path) != remote.md5:
        return f"its MD5 is {md5(path)}, published is {remote.md5}: the file is damaged or was replaced"
    return check(path)


def md5(path: Path) -> str:
    """The MD5 of a file, as servers and Keras publish it."""
    with open(path, "rb") as file:
        found = hashlib.md5(usedforsecurity=False)
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def _length(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
