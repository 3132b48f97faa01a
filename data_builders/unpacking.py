"""Archives become folders that appear whole or not at all."""

from __future__ import annotations

import lzma
import os
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from shared.base.errors import UserError
from shared.base.files import make_folder

DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, RuntimeError)


def unpack(archive: Path, folder: Path) -> None:
    """The archive's content as that folder; the archive is removed, be it unpacked or damaged."""
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    make_folder(part)
    try:
        _extract(archive, part)
        for inner in sorted(part.glob("*.zip")):  # of an archive of archives
            _extract(inner, part)
            inner.unlink()
    except DAMAGE as error:
        shutil.rmtree(part, ignore_errors=True)
        archive.unlink(missing_ok=True)
        raise UserError(f"{archive} is damaged ({error}) and is removed: run the command again") from error
    os.replace(part, folder)
    archive.unlink()


def _extract(archive: Path, folder: Path) -> None:
    """Both kinds check their sums as they are read; neither may write outside of the folder."""
    if tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tar:
            if hasattr(tarfile, "data_filter"):
                tar.extractall(folder, filter="data")
            else:  # before Python 3.10.12 and 3.11.4
                tar.extractall(folder, _inside(tar, folder.resolve()))
    else:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)


def _inside(tar: tarfile.TarFile, folder: Path) -> Iterator[tarfile.TarInfo]:
    """The members, which are files and folders inside of this one, or an error."""
    for member in tar:
        whole = member.isfile() or member.isdir()
        if not whole or not (folder / member.name).resolve().is_relative_to(folder):
            raise tarfile.TarError(f"{member.name} leads outside")
        yield member


def not_an_archive(path: Path) -> str:
    """'' where a file is an archive, else what it is instead."""
    if zipfile.is_zipfile(path) or tarfile.is_tarfile(path):
        return ""
    with open(path, "rb") as file:
        page = file.read(512).lstrip().startswith(b"<")
    return f"is {'a web page' if page else 'damaged or cut off'} and no archive"
