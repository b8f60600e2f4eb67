"""Images from code of the user, as Pillow images, arrays or tensors, converted to the program's uint8 pixels.

Values have one rule: integers are uint8 and stay, floating-point values are in [0, 1] and become the nearest of 0…255, and everything
else is refused, because a wrong guess of the range would train on other images than those that were meant.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from jem_tui.errors import InputError
from jem_tui.jem.data.image_file import as_bytes, has_colour, kind_of

Pixels = NDArray[np.uint8]
ROUNDING = 1e-3
"""Largest excess over [0, 1] that counts as rounding, as bicubic resizing of floating-point images leaves it."""
CHANNELS = (1, 3)
VALUES = "Return uint8 images (0 to 255), or floating-point images in [0, 1]."
FORMS = "An image is a Pillow image, an array (height, width) or (height, width, channels), or a tensor (channels, height, width)."


def pixels_of(image: Any, background: str, where: str) -> Pixels:
    """Return one image as uint8 of shape (height, width, channels), with 1 or 3 channels.

    `background` shows behind transparent pixels of Pillow images. Raises InputError, whose sentence begins with `where`, for anything
    that is not an image or whose values have another range.
    """
    if isinstance(image, Image.Image):
        return picture_pixels(image, background, where)
    array, first = as_array(image, where)
    if array.ndim not in (2, 3) or 0 in array.shape:
        raise InputError(f"{where} has the shape {array.shape}.", FORMS)
    return as_bytes_in_range(channels_last(array, array.ndim, first, where), where)


def stacked_pixels(images: Any, where: str) -> Pixels:
    """Return many images in one array or tensor, (n, height, width) or with an axis of channels, as uint8 (n, height, width, channels).

    Raises InputError, whose sentence begins with `where`, as `pixels_of` does.
    """
    array, first = as_array(images, where)
    if array.ndim not in (3, 4) or 0 in array.shape[1:]:
        raise InputError(
            f"{where} has the shape {array.shape}.",
            "Several images are an array (n, height, width) or (n, height, width, channels), or a tensor (n, channels, height, width).",
        )
    return as_bytes_in_range(channels_last(array, array.ndim - 1, first, where), where)


def picture_pixels(image: Image.Image, background: str, where: str) -> Pixels:
    """Return a Pillow image as gray or colour pixels, over the background where it is transparent."""
    if kind_of(image) != "8-bit":
        raise InputError(f"{where} has the mode {image.mode}, which is not 8-bit.", VALUES)
    mode = "RGB" if has_colour(image) else "L"
    array = np.asarray(as_bytes(image, background, {}).convert(mode))
    return array if array.ndim == 3 else array[..., None]


def as_array(value: Any, where: str) -> tuple[NDArray[Any], bool]:
    """Return a tensor or an array as an array, and whether channels come first if both ends could be channels."""
    if isinstance(value, Tensor):
        detached = value.detach().cpu()
        # numpy has no bfloat16
        return (detached.float() if detached.is_floating_point() else detached).numpy(), True
    if isinstance(value, np.ndarray):
        return value, False
    raise InputError(f"{where} is of type {type(value).__name__}.", FORMS)


def channels_last(array: NDArray[Any], axes: int, first: bool, where: str) -> NDArray[Any]:
    """Return one image or several with the axis of channels at the end, added where an image has two `axes`.

    The axis of channels is the one of length 1 or 3; with both ends of that length, it is the `first` one or the last one.
    """
    if axes == 2:
        return array[..., None]
    begin = array.ndim - 3
    ends = [begin, array.ndim - 1] if first else [array.ndim - 1, begin]
    axis = next((end for end in ends if array.shape[end] in CHANNELS), None)
    if axis is None:
        raise InputError(
            f"{where} has the shape {array.shape}: no axis of channels has the length 1 or 3.",
            "Images are gray (1 channel) or in colour (3 channels).",
        )
    return np.moveaxis(array, axis, -1)


def as_bytes_in_range(array: NDArray[Any], where: str) -> Pixels:
    """Return values as uint8: integers of that type unchanged, floating-point values in [0, 1] scaled to 0…255."""
    if array.dtype == np.uint8:
        return array.astype(np.uint8, copy=False)
    if array.dtype.kind != "f":
        raise InputError(f"{where} holds values of type {array.dtype}.", VALUES)
    low, high = float(array.min()), float(array.max())
    if not np.isfinite([low, high]).all():
        raise InputError(f"{where} holds values that are not finite.", VALUES)
    if low < -ROUNDING or high > 1 + ROUNDING:
        advice = (
            "Leave out the normalisation, such as transforms.Normalize."
            if low < 0
            else "Divide values up to 255 by 255."
        )
        raise InputError(f"{where} holds values from {low:.4g} to {high:.4g}.", f"{VALUES} {advice}")
    scaled: Pixels = np.rint(np.clip(array, 0, 1) * 255).astype(np.uint8)
    return scaled
