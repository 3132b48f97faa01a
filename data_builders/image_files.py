"""Image files as people have them: found in folders or zip archives; each can be read or is refused."""

from __future__ import annotations

import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from shared.base.errors import UserError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
MAX_BYTES = 256_000_000


class Refused(Exception):
    """Why a file is not taken, in a few words."""


@dataclass(frozen=True, slots=True)
class File:
    """A file on disk, or a member of a zip archive, as the listing found it."""

    path: Path
    member: str
    size: int
    mtime_ns: int
    real: str = field(default="", compare=False)
    """Where it really is, behind all links."""

    def __str__(self) -> str:
        return f"{self.path}::{self.member}" if self.member else str(self.path)

    @property
    def name(self) -> str:
        return PurePosixPath(self.member or self.path.as_posix()).name

    def read(self) -> bytes:
        """The raw bytes; a file that cannot be read is refused."""
        if self.size > MAX_BYTES:
            raise Refused(f"has {self.size:,} bytes, more than the {MAX_BYTES:,} an image here may have")
        try:
            return self._member() if self.member else self.path.read_bytes()
        except (OSError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
            raise Refused(f"cannot be read ({why(error)})") from error

    def _member(self) -> bytes:
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(self.member)


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that is not taken. Kinds: absent, refused (both stop a complete build), ignored (does not)."""

    file: str
    kind: str
    reason: str


def natural(name: str) -> tuple:
    """Sort key under which 'Covid (2)' comes before 'Covid (10)'."""
    parts = re.split(r"(\d+)", name)
    return tuple(int(part) if i % 2 else part.lower() for i, part in enumerate(parts)), name


def list_folder(folder: Path) -> tuple[list[File], list[Problem]]:
    """All image files below a folder, in natural order, and what else lies there."""
    files: list[File] = []
    problems: list[Problem] = []
    seen = set()
    top = os.path.realpath(folder)
    for where, folders, names in os.walk(folder, followlinks=True, onerror=_unreadable):
        real = os.path.realpath(where)
        if real in seen:  # a link that leads back to where we have been
            folders.clear()
            continue
        if real != top and f"{top}/".startswith(f"{real}/"):
            problems.append(Problem(readable(where), "refused", "is a link to a folder above it: remove it"))
            folders.clear()
            continue
        seen.add(real)
        for name in names:
            path = Path(where, name)
            reason = _not_an_image(path.relative_to(folder).parts)
            if reason:
                problems.append(Problem(readable(path), "ignored", reason))
            else:
                _add(path, real, files, problems)
    files.sort(key=lambda file: natural(file.path.relative_to(folder).as_posix()))
    return files, problems


def list_zip(path: Path) -> tuple[list[File], list[Problem]]:
    """The same for a zip archive, which is read in place; members that could escape a folder are refused."""
    files, problems = [], []
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
        mtime = path.stat().st_mtime_ns
    except (OSError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} is not a readable zip archive ({why(error)}): download it again") from error
    for member in members:
        where = f"{path}::{member.filename}"
        unsafe = _unsafe(member)
        reason = unsafe or _not_an_image(PurePosixPath(member.filename).parts)
        if reason:
            if not member.is_dir() or unsafe:
                problems.append(Problem(where, "refused" if unsafe else "ignored", reason))
        else:
            real = f"{os.path.realpath(path)}::{member.filename}"
            files.append(File(path, member.filename, member.file_size, mtime, real))
    files.sort(key=lambda file: natural(file.member))
    return files, problems


def list_either(folder: Path) -> tuple[list[File], list[Problem]]:
    """The folder's images or, where there is no such folder, those of the archive <folder>.zip."""
    if folder.is_dir():
        return list_folder(folder)
    archive = folder.with_name(f"{folder.name}.zip")
    if not archive.is_file():
        raise UserError(f"{folder} is missing (nor is there {archive.name}): the dataset's tree wants it")
    return list_zip(archive)


def by_name(files: Iterable[File]) -> tuple[dict[str, File], list[Problem]]:
    """The files by their bare name; a name that occurs twice is not taken at all."""
    found: dict[str, File] = {}
    twice: dict[str, Problem] = {}
    for file in files:
        if file.name in found:
            reason = f"the name also occurs at {found[file.name]}: remove one of the two"
            twice[file.name] = Problem(str(file), "refused", reason)
        found.setdefault(file.name, file)
    return {name: file for name, file in found.items() if name not in twice}, list(twice.values())


def _add(path: Path, folder: str, files: list[File], problems: list[Problem]) -> None:
    """The file as it is on disk, or why it is none; `folder` is where its folder really is."""
    try:
        found = path.stat()
    except OSError as error:
        problems.append(Problem(readable(path), "refused", f"cannot be read ({why(error)})"))
        return
    real = os.path.realpath(path) if path.is_symlink() else f"{folder}/{path.name}"
    if not stat.S_ISREG(found.st_mode):  # reading a pipe would wait for ever
        problems.append(Problem(readable(path), "refused", "is not a regular file"))
    elif any(character < " " for character in path.name):
        problems.append(Problem(readable(path), "refused", "its name has a control character: rename it"))
    elif readable(path) != str(path):  # bytes that are no text, in the name or in a folder's
        problems.append(Problem(readable(path), "refused", "its name is not UTF-8: rename it"))
    else:
        files.append(File(path, "", found.st_size, found.st_mtime_ns, real))


def readable(path: Path | str) -> str:
    """A path that can be printed and written, whatever its bytes."""
    text = str(path).encode("utf-8", "backslashreplace").decode()
    return "".join(c if c >= " " else repr(c)[1:-1] for c in text)


def hidden(parts: tuple[str, ...]) -> bool:
    """Whether a file, by its path below the folder that was named, is one that a system keeps for itself."""
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _not_an_image(parts: tuple[str, ...]) -> str:
    if hidden(parts):
        return "a hidden file"
    return "" if parts and parts[-1].lower().endswith(SUFFIXES) else "its name is not that of an image"


def _unsafe(member: zipfile.ZipInfo) -> str:
    """Why a member is refused whatever it holds; nothing is ever extracted, so this is a second lock."""
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"^[A-Za-z]:", member.filename):
        return "its path leads out of the archive"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link"
    return "is encrypted" if member.flag_bits & 1 else ""


def _unreadable(error: OSError) -> None:
    raise UserError(f"{error.filename} cannot be listed ({why(error)}): give yourself the right to read it")


def why(error: BaseException) -> str:
    """A library's message about a failure, in one line."""
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()[0]
