"""Lossless conversion of sample tiles to one PNG image and back, and decoding of images of other programs."""

from __future__ import annotations

import io
import math
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import summary_pb2

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 1 << 24
"""Maximum number of pixels of a decoded image."""

_FAR_TOO_MANY = f"more than {MAX_PIXELS:,} pixels are too many to be drawn"
_FORMATS = ("PNG", "GIF", "JPEG", "BMP", "WEBP")
"""Formats that are tried on untrusted bytes: none of them starts another program or reads another file."""
_PNG = b"\x89PNG"
_ENDINGS = {_PNG: "png", b"GIF8": "gif", b"\xff\xd8": "jpg", b"BM": "bmp", b"RIFF": "webp"}
"""File endings by the first bytes of an image file."""
_MODES = {1: "L", 3: "RGB"}


def encode_grid(tiles: NDArray[np.uint8]) -> summary_pb2.Summary.Image:
    """Encode `tiles` (n ≥ 1, height, width, channels 1 or 3) as one image, row by row in a near-square grid with black empty cells."""
    from PIL import Image

    n, height, width, channels = tiles.shape
    rows, columns = _grid_of(n)
    cells = np.zeros((rows * columns, height, width, channels), dtype=np.uint8)
    cells[:n] = tiles
    grid = cells.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    picture = grid.reshape(rows * height, columns * width, channels)
    buffer = io.BytesIO()
    Image.fromarray(picture[..., 0] if channels == 1 else picture, _MODES[channels]).save(buffer, "PNG")
    return summary_pb2.Summary.Image(
        height=rows * height, width=columns * width, colorspace=channels, encoded_image_string=buffer.getvalue()
    )


def decode_grid(encoded: bytes, shape: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """Decode the tiles of an image from `encode_grid`, read-only. Raises ValueError or OSError for any other image."""
    n, height, width = shape[:3]
    if min(shape) == 0:
        tiles = np.zeros(shape, dtype=np.uint8)
    else:
        rows, columns = _grid_of(n)
        picture = decode_picture(encoded)
        if picture.shape[:2] != (rows * height, columns * width):
            raise ValueError("an image of another size")
        cells = picture.reshape(rows, height, columns, width, -1)
        tiles = cells.swapaxes(1, 2).reshape(rows * columns, height, width, -1)[:n].copy()
    tiles.flags.writeable = False
    return tiles


def check_grid(encoded: bytes, shape: tuple[int, int, int, int]) -> None:
    """Raise ValueError where the first bytes show that `decode_grid` would fail; nothing is decoded."""
    n, height, width = shape[:3]
    if min(shape) == 0:
        return
    if not encoded.startswith(tuple(_ENDINGS)):
        raise ValueError("no picture")
    found = int.from_bytes(encoded[20:24], "big"), int.from_bytes(encoded[16:20], "big")
    rows, columns = _grid_of(n)
    if encoded.startswith(_PNG) and found != (rows * height, columns * width):
        raise ValueError("an image of another size")


def _grid_of(n: int) -> tuple[int, int]:
    """Return rows and columns of the near-square grid of n ≥ 1 tiles."""
    columns = math.ceil(math.sqrt(n))
    return math.ceil(n / columns), columns


class TooManyPixelsError(ValueError):
    """An image with more than `MAX_PIXELS` pixels."""


def decode_picture(encoded: bytes) -> NDArray[np.uint8]:
    """Decode an image, or the first frame of an animation, as (height, width, 1 or 3). Raises ValueError where it is none, TooManyPixelsError."""
    from PIL import Image

    try:
        with _opened(encoded) as picture:
            if flaw := _too_many(*picture.size):
                raise TooManyPixelsError(flaw)
            pixels = np.asarray(_gray_or_colour(picture))
    except Image.DecompressionBombError:
        raise TooManyPixelsError(_FAR_TOO_MANY) from None
    # Pillow raises these for damaged images
    except (SyntaxError, OSError, MemoryError, struct.error, EOFError) as error:
        raise ValueError(str(error)) from error
    return pixels.reshape(pixels.shape[0], pixels.shape[1], -1)


def inspect_picture(encoded: bytes) -> tuple[str, str]:
    """Return the ending of an image file, and the reason why the image is too large to be drawn or ""; nothing is decoded.

    Raises ValueError where the file is damaged or no image.
    """
    from PIL import Image

    ending = next((ending for start, ending in _ENDINGS.items() if encoded.startswith(start)), "")
    if not ending:
        raise ValueError("no picture")
    try:
        with _opened(encoded) as picture:
            flaw = _too_many(*picture.size)
            picture.verify()
    except Image.DecompressionBombError:
        return ending, _FAR_TOO_MANY
    except (SyntaxError, OSError, struct.error, EOFError) as error:
        raise ValueError(str(error)) from error
    return ending, flaw


def _too_many(width: int, height: int) -> str:
    return f"{width}×{height} pixels are too many to be drawn" if width * height > MAX_PIXELS else ""


@contextmanager
def _opened(encoded: bytes) -> Iterator[Image]:
    """Open an image without decoding pixels before its size is known."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(encoded), formats=_FORMATS) as picture:
            yield picture


def _gray_or_colour(picture: Image) -> Image:
    """Convert to eight bits a channel, with transparent pixels over white."""
    from PIL import Image

    if picture.mode.startswith("I"):
        sixteen_bits = np.asarray(picture).astype(np.int64) // 257
        return Image.fromarray(sixteen_bits.clip(0, 255).astype(np.uint8), "L")
    if picture.has_transparency_data:
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture.convert("RGBA"))
        return ground.convert("L" if picture.mode == "LA" else "RGB")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")
