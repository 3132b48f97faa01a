"""From the bytes of an image file to 8 bits, grey or RGB, upright; or the reason why not."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from data_builders.image_files import File, Refused, why

MAX_PIXELS = 64_000_000  # the largest image of the seven datasets has 27 million
_FORMATS = ("PNG", "JPEG", "BMP", "TIFF")
_EXIF_ORIENTATION = 0x0112
_PNG_END = b"IEND\xaeB`\x82"


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as it is handed on (8 bits, grey or RGB, upright) and its file's facts as found."""

    encoded: bytes
    sha256: str
    format: str
    channels: str
    width: int
    height: int


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
    except Refused:
        raise
    except Exception as error:  # of a damaged header PIL lets through whatever its parser runs into
        raise Refused(f"is damaged ({why(error)})") from error
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
        if _PNG_END not in data:  # verifying stops before the end's own checksum
            raise Refused("is damaged (its last bytes are missing)")
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
