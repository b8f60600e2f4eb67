"""Decoding of an image file of any mode of Pillow into gray or colour bytes."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

Kind = Literal["8-bit", "integer", "float"]
Span = tuple[float, float]
"""The smallest and the largest value."""
Mode = Literal["L", "RGB"]

GRAY_MODES = ("1", "L", "LA", "La")
PALETTE_MODES = ("P", "PA")
SIDEWAYS = range(5, 9)
"""EXIF orientations that exchange width and height."""
ORIENTATION = 0x0112
SERIES = ("GIF", "PNG", "WEBP", "TIFF")
"""Formats that hold several images of equal rank; the second image in a JPEG file of a phone only supplements the first."""
UNREADABLE = (
    *(
        OSError,
        ValueError,
        SyntaxError,
        ArithmeticError,
        LookupError,
        TypeError,
        AttributeError,
        RuntimeError,
        EOFError,
    ),
    *(struct.error, MemoryError, Image.DecompressionBombError, ImageCms.PyCMSError),
)
"""Exceptions that Pillow raises on a damaged file."""


class UnreadableError(Exception):
    """An image file that cannot be read, with the cause as its message."""


@dataclass(frozen=True, kw_only=True)
class ImageHeader:
    """Properties of an image that are known before its pixels are read."""

    kind: Kind
    colour: bool
    width: int
    height: int
    span: Span | None = None
    """Span of the values of an image that is not 8-bit; None where no value is finite."""
    series: bool = False
    """True if the file holds several images."""


def read_header(path: Path) -> ImageHeader:
    """Read the properties of a file, decoding its pixels only if the header is not sufficient. Raises UnreadableError."""
    try:
        with Image.open(path) as image:
            series = image.format in SERIES and getattr(image, "n_frames", 1) > 1
            kind = kind_of(image)
            sideways = image.getexif().get(ORIENTATION) in SIDEWAYS
            if kind != "8-bit" or image.mode in PALETTE_MODES or sideways:
                image.load()
            span = span_of(np.asarray(image)) if kind != "8-bit" else None
            # Transposing decodes the file.
            upright = ImageOps.exif_transpose(image) if sideways else image
            colour = has_colour(image)
            return ImageHeader(
                kind=kind, colour=colour, width=upright.width, height=upright.height, span=span, series=series
            )
    except UNREADABLE as error:
        raise UnreadableError(cause_of(error)) from None


def read_picture(path: Path, mode: Mode, size: int, background: str, spans: Mapping[Kind, Span]) -> NDArray[np.uint8]:
    """Read the first picture of a file, (height, width, channels), cut and scaled to a square of `size` unless that is 0.

    Values that are not 8-bit are scaled from the span of their kind to 0…255. Raises UnreadableError.
    """
    try:
        with Image.open(path) as image:
            image.load()
            plain = as_bytes(ImageOps.exif_transpose(image), background, spans).convert(mode)
            array = np.asarray(ImageOps.fit(plain, (size, size)) if size else plain)
    except UNREADABLE as error:
        raise UnreadableError(cause_of(error)) from None
    return array if array.ndim == 3 else array[..., None]


def kind_of(image: Image.Image) -> Kind:
    """Return the kind of an image's values."""
    if image.mode == "F":
        return "float"
    return "integer" if image.mode.startswith("I") else "8-bit"


def has_colour(image: Image.Image) -> bool:
    """Return whether an image could show colours; for an image with a palette, whether the entries in use do."""
    if image.mode in PALETTE_MODES:
        palette = np.array(image.getpalette("RGB") or [], np.uint8).reshape(-1, 3)
        used = palette[np.flatnonzero(image.histogram()[: len(palette)])]
        return bool((used != used[:, :1]).any())
    return image.mode not in GRAY_MODES and kind_of(image) == "8-bit"


def span_of(values: NDArray[np.generic]) -> Span | None:
    """Return the span of all finite values."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else None


def as_bytes(image: Image.Image, background: str, spans: Mapping[Kind, Span]) -> Image.Image:
    """Convert an image to 8-bit values without transparency, over a background colour."""
    kind = kind_of(image)
    if kind != "8-bit":
        gray = Image.fromarray(scaled(np.asarray(image), spans.get(kind, (0.0, 0.0))))
        clear = image.info.get("transparency")
        if isinstance(clear, int):
            gray.paste(background, mask=Image.fromarray(np.asarray(image) == clear))
        return gray
    if image.mode == "LAB":
        image = from_lab(image)
    if not image.has_transparency_data:
        return image
    over = Image.new("RGBA", image.size, background)
    return Image.alpha_composite(over, image.convert("RGBA")).convert("RGB")


def scaled(values: NDArray[np.generic], span: Span) -> NDArray[np.uint8]:
    """Scale values from the smallest to the largest of `span` to 0…255; NaN becomes 0."""
    low, high = span
    if high <= low:
        return np.full(values.shape, 255 if high > 0 else 0, np.uint8)
    shares = np.clip((values.astype(np.float64) - low) / (high - low), 0, 1)
    return np.rint(255 * np.nan_to_num(shares)).astype(np.uint8)


def from_lab(image: Image.Image) -> Image.Image:
    """Convert an image of the L*a*b* space, which Pillow does not convert directly, to RGB."""
    lab, rgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, rgb, outputMode="RGB")
    assert converted is not None
    return converted


def cause_of(error: BaseException) -> str:
    """Return the cause for which a file cannot be read, as a clause."""
    if isinstance(error, UnidentifiedImageError):
        return "it is not an image file"
    if isinstance(error, Image.DecompressionBombError):
        return f"it has more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).strip().rstrip(".") or type(error).__name__
