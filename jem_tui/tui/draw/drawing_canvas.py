"""The drawing as an array of pixels: strokes of a round pen, and their undo."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import partial
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""An image of shape (height, width, channels)."""

MIDDLE = 128
"""The lowest gray level of light paper."""
MOST_UNDONE = 200
"""Number of changes that can be undone."""
MOST_BYTES = 32 << 20
"""Bytes of the images that are kept for undo and redo."""


class PenPoint(NamedTuple):
    """A position on the drawing in pixels; the centre of the upper left pixel is (0.5, 0.5)."""

    x: float
    y: float


class DrawingCanvas:
    """A drawing of fixed size. A stroke is one change for undo, of any length."""

    def __init__(self, shape: tuple[int, int, int], paper: int = 0) -> None:
        """Start with an empty drawing of `shape` (height, width, channels) in the gray level `paper`."""
        self.paper = paper
        self._pixels: Pixels = np.full(shape, paper, np.uint8)
        kept = min(MOST_UNDONE, max(2, MOST_BYTES // max(1, self._pixels.nbytes)))
        self._undone: deque[Pixels] = deque(maxlen=kept)
        self._redone: deque[Pixels] = deque(maxlen=kept)
        self._base = self._pixels
        """The drawing before the current stroke."""
        self._coverage: NDArray[np.float32] | None = None
        """The share of each pixel that the current stroke covers, shape (height, width); None between strokes."""
        self._last = PenPoint(0, 0)
        self.revision = 0
        """The number of changes, which distinguishes two drawings."""

    @property
    def pixels(self) -> Pixels:
        """The drawing; read-only."""
        view = self._pixels.view()
        view.flags.writeable = False
        return view

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        height, width, channels = self._pixels.shape
        return height, width, channels

    @property
    def is_blank(self) -> bool:
        """True if nothing is drawn."""
        return bool((self._pixels == self.paper).all())

    @property
    def pressed(self) -> bool:
        """True during a stroke."""
        return self._coverage is not None

    def press(self, at: PenPoint, radius: float, ink: Sequence[int]) -> None:
        """Begin a stroke with a dot."""
        self.release()
        self._remember()
        self._base = self._pixels
        self._coverage = np.zeros(self._pixels.shape[:2], np.float32)
        self._last = at
        self.move(at, radius, ink)

    def move(self, to: PenPoint, radius: float, ink: Sequence[int]) -> None:
        """Continue the stroke in a straight line; without a stroke, nothing is drawn."""
        if self._coverage is None:
            return
        np.maximum(self._coverage, line_coverage(self.shape[:2], self._last, to, radius), out=self._coverage)
        share = self._coverage[..., None]
        mixed = self._base * (1 - share) + np.asarray(ink, np.float32) * share
        self._pixels = np.rint(mixed).clip(0, 255).astype(np.uint8)
        self._last = to
        self.revision += 1

    def release(self) -> None:
        """Complete the stroke. A stroke that changed nothing cannot be undone."""
        if self._coverage is not None and self._undone and np.array_equal(self._undone[-1], self._pixels):
            self._undone.pop()
        self._coverage = None

    def replace(self, pixels: Pixels) -> None:
        """Replace the whole drawing, as one change."""
        self.release()
        if not np.array_equal(pixels, self._pixels):
            self._remember()
            self._pixels = pixels.copy()
            self.revision += 1

    def clear(self) -> None:
        """Remove everything that is drawn, as one change."""
        self.replace(np.full_like(self._pixels, self.paper))

    def invert(self) -> None:
        """Exchange dark and light, as one change."""
        self.replace(255 - self._pixels)

    def change_paper(self, paper: int) -> None:
        """Change the gray level of the paper, also of drawings that can be undone; strokes stay darker or lighter than the paper."""
        if paper == self.paper:
            return
        self.release()
        moved = partial(_on_paper, old=self.paper, new=paper)
        self._pixels, self.paper = moved(self._pixels), paper
        for kept in (self._undone, self._redone):
            changed = [moved(pixels) for pixels in kept]
            kept.clear()
            kept.extend(changed)
        self.revision += 1

    def undo(self) -> bool:
        """Undo the last change, and return whether there was one."""
        return self._swap(self._undone, self._redone)

    def redo(self) -> bool:
        """Repeat the change that was undone last, and return whether there was one."""
        return self._swap(self._redone, self._undone)

    def _remember(self) -> None:
        self._undone.append(self._pixels)
        self._redone.clear()

    def _swap(self, source: deque[Pixels], target: deque[Pixels]) -> bool:
        self.release()
        if not source:
            return False
        target.append(self._pixels)
        self._pixels = source.pop()
        self.revision += 1
        return True


def empty_canvas(shape: Sequence[int] | None) -> DrawingCanvas | None:
    """Return an empty drawing of a recorded shape (height, width, channels) on dark paper; None if no image can have the shape."""
    match shape:
        case (int(height), int(width), 1 | 3 as channels) if min(height, width) > 0:
            fits = height * width * channels <= MOST_BYTES
            return DrawingCanvas((height, width, channels)) if fits else None
    return None


def _on_paper(pixels: Pixels, old: int, new: int) -> Pixels:
    """Return a drawing on paper of the gray level `new`; between dark and light paper, its strokes exchange dark and light."""
    flips = (old < MIDDLE) != (new < MIDDLE)
    strokes, paper = (255 - pixels, 255 - old) if flips else (pixels, old)
    strokes = strokes.astype(np.float32)
    bare = 1 - np.abs(strokes - paper) / max(paper, 255 - paper)
    return np.rint(strokes + (new - paper) * bare).clip(0, 255).astype(np.uint8)


def line_coverage(size: tuple[int, int], start: PenPoint, end: PenPoint, radius: float) -> NDArray[np.float32]:
    """Return the share of each pixel of an image of `size` (height, width) that a line with round ends covers.

    The share falls from 1 to 0 over one pixel around the distance `radius` from the line.
    """
    y, x = np.ogrid[: size[0], : size[1]]
    across, down = x + 0.5 - start.x, y + 0.5 - start.y
    dx, dy = end.x - start.x, end.y - start.y
    length = dx * dx + dy * dy
    along = np.clip((across * dx + down * dy) / length, 0, 1) if length else 0.0
    distance = np.hypot(across - along * dx, down - along * dy)
    return np.clip(radius + 0.5 - distance, 0, 1).astype(np.float32)


def png_of(pixels: Pixels) -> bytes:
    """Return an image as a PNG file of its own size."""
    from PIL import Image

    file = BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(file, "PNG")
    return file.getvalue()
