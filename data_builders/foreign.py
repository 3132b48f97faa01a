"""Images of anybody, in any place: PNG, JPEG, BMP, TIFF or DICOM, as bytes that every decoder reads alike."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from data_builders.decoding import load
from data_builders.image_files import SUFFIXES, File, Refused, hidden, natural, readable, why
from shared.base.errors import UserError

DICOM_SUFFIXES = (".dcm", ".dicom")
LUNG = (-600.0, 1500.0)
"""Centre and width of the usual lung window in Hounsfield units, for a CT image that names no window."""
DARK = 64
"""Of 255: what 14 bits reach in 16. Many detectors have 12 or 14, and their values are saved as they are."""

Window = tuple[float, float]


@dataclass(frozen=True)
class Foreign:
    """An image as it is handed on, and how it got its grey levels."""

    name: str
    encoded: bytes
    note: str = ""


def read(paths: Iterable[Path], window: Window | None = None) -> Iterator[Foreign]:
    """The images named, and those below folders that are named, in natural order within each."""
    for file in _all_files(paths):
        yield _read(file, window)


def names(paths: Iterable[Path]) -> list[str]:
    """What the images of `read` are called, before the first is read."""
    return [readable(file) for file in _all_files(paths)]


def _all_files(paths: Iterable[Path]) -> list[Path]:
    return [file for path in paths for file in _files(Path(path))]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        if not path.is_file():
            raise UserError(f"{path} is not there: name image files or folders of them")
        return [path]
    below = ((file, file.relative_to(path)) for file in path.rglob("*"))
    found = [(file, own) for file, own in below if not hidden(own.parts) and _is_image(file)]
    if not found:
        raise UserError(f"{path} holds no image: {', '.join((*SUFFIXES, *DICOM_SUFFIXES))} are read")
    return [file for file, _ in sorted(found, key=lambda each: natural(each[1].as_posix()))]


def _is_image(file: Path) -> bool:
    """Whether the file is one by its ending or by DICOM's mark, which the index of a disc has too."""
    if not file.is_file() or file.name.upper() == "DICOMDIR":
        return False
    if file.suffix.lower() in (*SUFFIXES, *DICOM_SUFFIXES):
        return True
    with contextlib.suppress(OSError):  # a file beside the images need not be readable
        return _marked(file)
    return False


def _read(path: Path, window: Window | None) -> Foreign:
    name = readable(path)  # the answers are written under it
    try:
        facts = path.stat()
        file = File(path, "", facts.st_size, facts.st_mtime_ns)
        if path.suffix.lower() in DICOM_SUFFIXES or _marked(path):
            encoded, note = dicom(file.read(), window)
            return Foreign(name, encoded, note)
        picture = load(file)
        if picture.channels == "I":
            _refuse_dark(picture.encoded)
        return Foreign(name, picture.encoded)
    except (Refused, OSError) as error:
        raise UserError(f"{name} {why(error)}: replace the file or leave it out") from error


def _refuse_dark(encoded: bytes) -> None:
    """Refused, not stretched by a guess: the answer to a nearly black image would look like any other."""
    brightest = int(np.asarray(Image.open(io.BytesIO(encoded))).max())
    if brightest <= DARK:
        raise Refused(
            f"has 16 bits or more and would be nearly black, its brightest pixel {brightest} of 255: save it "
            "with its values stretched over all bits, or give the DICOM file"
        )


def _marked(path: Path) -> bool:
    """Whether the file has DICOM's mark: many scanners name their files without an ending."""
    with open(path, "rb") as file:
        return file.read(132)[128:] == b"DICM"


def dicom(data: bytes, window: Window | None = None) -> tuple[bytes, str]:
    """A DICOM image as an 8-bit grey PNG, and in words which window made it so.

    The window that is asked for, else the file's own, else for CT the lung window, else all values.
    """
    import pydicom
    from pydicom.pixels import apply_modality_lut

    try:
        found = pydicom.dcmread(io.BytesIO(data))
        values = np.asarray(apply_modality_lut(found.pixel_array, found), dtype="float64")
    except Exception as error:  # the parser and its plugins raise whatever they run into
        raise Refused(f"cannot be read as DICOM ({why(error)})") from error
    if values.ndim != 2:
        raise Refused(f"holds an array of {values.shape}, not one grey image")
    (low, high), note = _reach(found, values, window)
    if found.get("PhotometricInterpretation") == "MONOCHROME1":  # there the lowest value is white
        low, high = high, low
    grey = np.clip((values - low) / ((high - low) or 1), 0, 1)
    out = io.BytesIO()
    Image.fromarray(np.rint(255 * grey).astype("uint8")).save(out, format="PNG")
    return out.getvalue(), note


def _reach(found, values: np.ndarray, window: Window | None) -> tuple[tuple[float, float], str]:
    """The values that become black and white, and in words why these."""
    named = [found.get(name) for name in ("WindowCenter", "WindowWidth")]
    own = [float(np.atleast_1d(value)[0]) for value in named if value not in (None, "")]
    if window:
        centre, width, note = *window, "the window asked for"
    elif len(own) == 2:
        centre, width, note = *own, "the file's own window"
    elif found.get("Modality") == "CT":
        centre, width, note = *LUNG, "the lung window, since the file names none"
    else:
        return (float(values.min()), float(values.max())), "all values, since the file names no window"
    return (centre - width / 2, centre + width / 2), f"{note} ({centre:g} ± {width / 2:g})"
