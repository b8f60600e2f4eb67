"""Sample tiles as image files: a PNG sheet, and a GIF of moving chains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

GAP = 2
"""Pixels between tiles, before scaling."""
TILE_WANTED = 56
"""Side in pixels up to which small tiles are enlarged, by a whole factor."""
LONGEST_SIDE = 512
"""Maximum side of a frame in pixels; larger images are scaled down."""
FRAMES = 48
FRAME_MS, FIRST_MS, LAST_MS = 70, 700, 2500
GRAYS = 32
_GRAY_ROUNDED = [round(round(v * (GRAYS - 1) / 255) * 255 / (GRAYS - 1)) for v in range(256)]
_BACKGROUND = 24
_QUICKLY_PACKED = 1 << 22
"""Maximum size of an image, in numbers, that gets the slow, best PNG compression."""


def sheet(tiles: Pixels, columns: int = 0) -> Pixels:
    """Arrange tiles (n ≥ 1, h, w, channels) row by row as one image (height, width, channels), near-square without `columns`."""
    n, height, width, channels = tiles.shape
    columns = columns or math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    cells = np.full((rows * columns, height + GAP, width + GAP, channels), _BACKGROUND, np.uint8)
    cells[:n, GAP:, GAP:] = tiles
    grid = cells.reshape(rows, columns, height + GAP, width + GAP, channels).swapaxes(1, 2)
    picture = grid.reshape(rows * (height + GAP), columns * (width + GAP), channels)
    framed = np.pad(picture, ((0, GAP), (0, GAP), (0, 0)), constant_values=_BACKGROUND)
    scale = max(1, round(TILE_WANTED / max(height, width)))
    return framed.repeat(scale, 0).repeat(scale, 1)


def save_png(path: Path, tiles: Pixels) -> None:
    """Write a sheet as PNG. Raises OSError."""
    picture = sheet(tiles)
    _image(picture).save(path, "PNG", optimize=picture.size <= _QUICKLY_PACKED)


def save_gif(path: Path, frames: Sequence[Pixels]) -> None:
    """Write sheets of tiles as an endless animation. Raises OSError."""
    animate(path, [_image(sheet(tiles)) for tiles in frames])


def animate(path: Path, frames: Sequence[Image.Image]) -> None:
    """Write frames (n ≥ 1) as an endless animation with longer first and last frames. Raises OSError.

    Frames of different sizes are centred on a common background. All frames share one palette. Grays are rounded to `GRAYS`
    levels, because most of such an animation is noise, which does not compress.
    """
    images = _alike(frames)
    if images[0].mode == "L":
        images = [image.point(_GRAY_ROUNDED) for image in images]
    else:
        palette = _image(np.vstack([np.asarray(image)[::2, ::2] for image in images[::4] + images[-1:]])).quantize(256)
        images = [image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG) for image in images]
    middle = [FRAME_MS] * (len(images) - 2)
    durations = [FIRST_MS, *middle, LAST_MS][-len(images) :]
    images[0].save(path, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0, optimize=False)


def frame_of(tiles: Pixels) -> Image.Image:
    """Return a sheet of tiles as one frame of an animation, no side longer than `LONGEST_SIDE`."""
    image = _image(sheet(tiles))
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return image


def _alike(frames: Sequence[Image.Image]) -> list[Image.Image]:
    """Convert all frames to one size and one mode."""
    mode = "L" if all(frame.mode == "L" for frame in frames) else "RGB"
    width, height = max(frame.width for frame in frames), max(frame.height for frame in frames)
    ground = _BACKGROUND if mode == "L" else (_BACKGROUND,) * 3
    alike = []
    for frame in frames:
        image = Image.new(mode, (width, height), ground)
        image.paste(frame.convert(mode), ((width - frame.width) // 2, (height - frame.height) // 2))
        alike.append(image)
    return alike


def frame_steps(steps: int) -> list[int]:
    """Return the SGLD steps to draw, from 0 to `steps`: all of a few, else denser at the start, where chains move most."""
    if steps < FRAMES:
        return list(range(steps + 1))
    return sorted({round(steps * (i / (FRAMES - 1)) ** 1.5) for i in range(FRAMES)})


def _image(picture: Pixels) -> Image.Image:
    gray = picture.shape[2] == 1
    return Image.fromarray(np.ascontiguousarray(picture[..., 0] if gray else picture), "L" if gray else "RGB")
