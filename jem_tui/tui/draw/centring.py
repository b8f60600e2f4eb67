"""The preprocessing of MNIST: strokes scaled to 20 of 28 pixels, with their centre of mass in the centre."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jem_tui.tui.draw.drawing_canvas import PenPoint, Pixels

BOX = 20 / 28
"""Share of an image's side that the longer side of the strokes takes (http://yann.lecun.com/exdb/mnist)."""
FAINTEST = 8
"""Smallest difference from the paper that counts as part of a stroke."""


def ink_of(pixels: Pixels, paper: int) -> NDArray[np.float32]:
    """Return the difference of each pixel from the paper, shape (height, width)."""
    ink: NDArray[np.float32] = np.abs(pixels.astype(np.float32) - paper).mean(axis=2)
    return ink


def centre_of_mass(pixels: Pixels, paper: int) -> PenPoint | None:
    """Return the centre of mass of the strokes; None for an empty drawing."""
    ink = ink_of(pixels, paper)
    total = float(ink.sum())
    if ink.max(initial=0) < FAINTEST:
        return None
    height, width = ink.shape
    x = float(ink.sum(axis=0) @ (np.arange(width) + 0.5)) / total
    return PenPoint(x, float(ink.sum(axis=1) @ (np.arange(height) + 0.5)) / total)


def off_centre(pixels: Pixels, paper: int) -> float:
    """Return the distance in pixels from the centre of mass of the strokes to the centre of the image; 0 for an empty drawing."""
    centre = centre_of_mass(pixels, paper)
    height, width, _ = pixels.shape
    return 0.0 if centre is None else float(np.hypot(centre.x - width / 2, centre.y - height / 2))


def magnification(pixels: Pixels, paper: int) -> float:
    """Return the factor by which `centred` scales the strokes; 1 for an empty drawing."""
    strokes = _strokes(pixels, paper)
    return BOX * min(pixels.shape[:2]) / max(strokes.shape[:2]) if strokes.size else 1.0


def centred(pixels: Pixels, paper: int) -> Pixels:
    """Return a drawing with its strokes scaled and centred as in MNIST; an empty drawing is returned unchanged."""
    strokes = _strokes(pixels, paper)
    if not strokes.size:
        return pixels
    scaled = _scaled(strokes, magnification(pixels, paper))
    centre = centre_of_mass(scaled, paper) or PenPoint(scaled.shape[1] / 2, scaled.shape[0] / 2)
    height, width, _ = pixels.shape
    top = _place(height / 2 - centre.y, scaled.shape[0], height)
    left = _place(width / 2 - centre.x, scaled.shape[1], width)
    found = np.full_like(pixels, paper)
    found[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled
    return found


def _strokes(pixels: Pixels, paper: int) -> Pixels:
    """Return the smallest part of a drawing that contains all strokes, shape (0, 0, channels) for an empty drawing."""
    ink = ink_of(pixels, paper) >= FAINTEST
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else pixels[:0, :0]


def _scaled(strokes: Pixels, factor: float) -> Pixels:
    from PIL import Image

    height, width = (max(1, round(side * factor)) for side in strokes.shape[:2])
    image = Image.fromarray(strokes[..., 0] if strokes.shape[2] == 1 else strokes)
    resized = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))
    return resized if resized.ndim == 3 else resized[..., None]


def _place(start: float, size: int, room: int) -> int:
    """Return the whole position of strokes of `size` pixels that keeps all of them in `room` pixels."""
    return max(0, min(round(start), room - size))
