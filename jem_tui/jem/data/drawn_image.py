"""An image file as the input of a trained model: decoded, cut and scaled as a folder of images is."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from jem_tui.errors import InputError
from jem_tui.jem.data.image_file import UNREADABLE, Mode, UnreadableError, cause_of, read_header, read_picture
from jem_tui.regular_file import open_regular

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
"""Formats that Pillow decodes without other programs."""
MOST_BYTES = 100_000_000
"""Largest size of a file."""


def read_for_model(path: Path, shape: tuple[int, int, int], background: str) -> NDArray[np.uint8]:
    """Read the first picture of a file in a shape (height, width, channels), over a background colour where it is transparent.

    Raises InputError if it cannot be read.
    """
    height, width, channels = shape
    mode: Mode = "L" if channels == 1 else "RGB"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _refuse_other_files(path)
            header = read_header(path)
            spans = {} if header.span is None else {header.kind: header.span}
            whole = read_picture(path, mode, 0, background, spans)
            flat = Image.fromarray(whole[..., 0] if channels == 1 else whole)
            fitted = np.asarray(ImageOps.fit(flat, (width, height)))
    except UnreadableError as error:
        raise _refusal(path, str(error)) from None
    except UNREADABLE as error:
        raise _refusal(path, cause_of(error)) from None
    return fitted.reshape(shape)


def _refuse_other_files(path: Path) -> None:
    """Raise OSError or ValueError unless a path is a regular file of bounded size in one of `FORMATS`."""
    with open_regular(path) as file:
        if file.seek(0, 2) > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES // 1_000_000} MB")
        file.seek(0)
        with Image.open(file, formats=FORMATS):
            pass


def _refusal(path: Path, cause: str) -> InputError:
    return InputError(f"Cannot read the image {path}: {cause}.", f"Choose a file of the kind {', '.join(FORMATS)}.")
