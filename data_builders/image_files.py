"""Image files as people have them: found in folders or zip archives, then read or refused."""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, ImageOps

from shared.base.errors import UserError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
MAX_PIXELS = 64_000_000  # the largest image of the seven datasets has 27 million
MAX_BYTES = 256_000_000
_FORMATS = ("PNG", "JPEG", "BMP", "TIFF")
_EXIF_ORIENTATION = 0x0112


class Refused(Exception):
    """Why a file is not taken, in a few words."""


@dataclass(frozen=True, slots=True)
class File:
    """A file on disk, or a member of a zip archive, as the listing found it."""

    path: Path
    member: str
    size: int
    mtime_ns: int

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
            raise Refused(f"cannot be read ({_why(error)})") from error

    def _member(self) -> bytes:
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(self.member)


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that is not taken. Kinds: absent, refused (both stop a complete build), ignored (does not)."""

    file: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as it is handed on (8 bits, grey or RGB, upright) and its file's facts as found."""

    encoded: bytes
    sha256: str
    format: str
    channels: str
    width: int
    height: int


def natural(name: str) -> tuple:
    """Sort key under which 'Covid (2)' comes before 'Covid (10)'."""
    parts = re.split(r"(\d+)", name)
    return tuple(int(part) if i % 2 else part.lower() for i, part in enumerate(parts)), name


def list_folder(folder: Path) -> tuple[list[File], list[Problem]]:
    """All image files below a folder, in natural order, and what else lies there."""
    files, problems, seen = [], [], set()
    for where, folders, names in os.walk(folder, followlinks=True, onerror=_unreadable):
        real = os.path.realpath(where)
        if real in seen:  # a link that leads back to where we have been
            folders.clear()
            continue
        seen.add(real)
        for name in names:
            path = Path(where, name)
            reason = _not_an_image(path.relative_to(folder).parts)
            if reason:
                problems.append(Problem(str(path), "ignored", reason))
            else:
                _add(path, files, problems)
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
        raise UserError(f"{path} is not a readable zip archive ({_why(error)}): download it again") from error
    for member in members:
        where = f"{path}::{member.filename}"
        unsafe = _unsafe(member)
        reason = unsafe or _not_an_image(PurePosixPath(member.filename).parts)
        if reason:
            if not member.is_dir() or unsafe:
                problems.append(Problem(where, "refused" if unsafe else "ignored", reason))
        else:
            files.append(File(path, member.filename, member.file_size, mtime))
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
    """The files by their bare name; a name that stands twice is taken from nowhere."""
    found: dict[str, File] = {}
    twice: dict[str, Problem] = {}
    for file in files:
        if file.name in found:
            reason = f"the name stands also at {found[file.name]}: remove one of the two"
            twice[file.name] = Problem(str(file), "refused", reason)
        found.setdefault(file.name, file)
    return {name: file for name, file in found.items() if name not in twice}, list(twice.values())


def load(file: File) -> Picture:
    """The picture in a file, or Refused."""
    data = file.read()
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        image = _open(data)
        width, height = image.size
        image.load()
        facts = (image.format, "".join(image.getbands()), width, height)
        encoded = data if _is_right(image, data) else _as_png(_eight_bits(image))
    except (OSError, SyntaxError, ValueError, EOFError, zlib.error, Image.DecompressionBombError) as error:
        raise Refused(f"is damaged ({_why(error)})") from error
    return Picture(encoded, sha256, *facts)


def _open(data: bytes) -> Image.Image:
    """The image with only its header read, after what the header alone can tell against it."""
    if not data:
        raise Refused("is empty")
    if data.lstrip()[:1] == b"<":
        raise Refused("is a web page or other text, not an image: download it again")
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.UnidentifiedImageError:
        raise Refused("is not a PNG, JPEG, BMP or TIFF image") from None
    except Image.DecompressionBombError:
        raise Refused(f"is larger than {MAX_PIXELS:,} pixels by its header") from None
    if image.width * image.height > MAX_PIXELS:
        raise Refused(f"is {image.width}×{image.height} by its header, more than {MAX_PIXELS:,} pixels")
    if image.format == "TIFF" and image.n_frames > 1:
        raise Refused(f"holds {image.n_frames} images in one file")
    if image.format == "PNG":  # decoding looks at no checksum, verifying at nothing else
        Image.open(io.BytesIO(data)).verify()
    return image


def _is_right(image: Image.Image, data: bytes) -> bool:
    """Whether every decoder makes the same 8-bit, upright, grey or RGB pixels of the bytes as they are."""
    if image.mode not in ("L", "RGB") or image.getexif().get(_EXIF_ORIENTATION, 1) != 1:
        return False
    if image.format == "PNG":
        bits, colour = data[24], data[25]  # the header's bit depth and colour type
        return bits == 8 and colour in (0, 2) and "transparency" not in image.info
    return image.format == "JPEG"


def _eight_bits(image: Image.Image) -> Image.Image:
    """8 bits, grey or RGB, upright, whatever was stored; alpha is dropped, not blended."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        image = _scaled(image)
    elif image.mode in ("1", "LA", "La"):
        image = image.convert("L")
    elif image.mode not in ("L", "RGB"):
        if image.mode not in ("RGBA", "RGBX", "P", "PA", "CMYK", "YCbCr", "LAB", "HSV"):
            raise Refused(f"has pixels of a kind this cannot show ({image.mode})")
        image = image.convert("RGB")
    return image


def _scaled(image: Image.Image) -> Image.Image:
    """16-bit grey brought to 8 bits by scale (65535 becomes 255), where a plain conversion would cut off."""
    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65535:
        raise Refused("has values outside 16 bits")
    return Image.fromarray(((values + 128) // 257).astype(np.uint8))


def _as_png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.asarray(image)).save(
        out, format="PNG", compress_level=1
    )  # the pixels and nothing else
    return out.getvalue()


def _add(path: Path, files: list[File], problems: list[Problem]) -> None:
    try:
        found = path.stat()
    except OSError as error:
        problems.append(Problem(str(path), "refused", f"cannot be read ({_why(error)})"))
    else:
        files.append(File(path, "", found.st_size, found.st_mtime_ns))


def _not_an_image(parts: tuple[str, ...]) -> str:
    if any(part.startswith(".") or part == "__MACOSX" for part in parts):
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
    raise UserError(f"{error.filename} cannot be listed ({_why(error)}): give yourself the right to read it")


def _why(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()[0]
