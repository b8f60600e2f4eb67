"""Encoder of cells as ANSI escape sequences, a whole picture in a few numpy calls.

A Rich `Style` costs about 20 µs, and a coloured frame has ten thousand styles. Here each cell has a row in a matrix of bytes,
and a mask selects the bytes that are needed: no code for a colour that the cell to the left has already set.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.cells.cells import Cells

Depth = Literal["truecolor", "256"]
_Part = tuple[NDArray[np.uint8], NDArray[np.bool_]]
"""Columns of bytes, and the mask of the bytes that are written."""

_RESET = "\x1b[0m"
_DIGITS = np.array([list(f"{value:03d}".encode()) for value in range(256)], dtype=np.uint8)
_NEEDED = np.array([[value >= 100, value >= 10, True] for value in range(256)])
"""Mask of the digits of each byte value, without leading zeros; shape (256, 3)."""
_INTRODUCERS: dict[Depth, tuple[bytes, bytes]] = {"truecolor": (b"38;2", b"48;2"), "256": (b"38;5", b"48;5")}


def encode_rows(cells: Cells, depth: Depth) -> list[str]:
    """Return one string of text and colour codes for each row of a single picture; each begins and ends without colour."""
    rows, columns = cells.glyphs.shape
    if not columns:
        return [""] * rows
    encoded, kept = _matrix(cells, depth)
    data = encoded[kept].tobytes()
    ends = np.cumsum(kept.reshape(rows, -1).sum(axis=1)).tolist()
    starts = [0, *ends[:-1]]
    return [data[start:end].decode(errors="replace") + _RESET for start, end in zip(starts, ends, strict=True)]


def _matrix(cells: Cells, depth: Depth) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return all bytes that could be written, and the mask of those that are; both of shape (cells, bytes per cell)."""
    fg, bg = (_components(colours, depth) for colours in (cells.fg, cells.bg))
    new_fg, new_bg = _changes(fg), _changes(bg)
    either, both = new_fg | new_bg, new_fg & new_bg
    fg_intro, bg_intro = _INTRODUCERS[depth]
    parts = [
        _constant(b"\x1b[", either),
        _constant(fg_intro, new_fg),
        *_numbers(fg, new_fg),
        _constant(b";", both),
        _constant(bg_intro, new_bg),
        *_numbers(bg, new_bg),
        _constant(b"m", either),
        _utf8(cells.glyphs.reshape(-1)),
    ]
    return np.concatenate([part for part, _ in parts], axis=1), np.concatenate([kept for _, kept in parts], axis=1)


def _components(colours: NDArray[np.uint8], depth: Depth) -> NDArray[np.uint8]:
    """Return the numbers that select a colour; shape (rows, columns, 3 or 1)."""
    return colours if depth == "truecolor" else eight_bit(colours)[..., None]


def _changes(colours: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return the mask of cells that differ from the cell to their left or begin a row; shape (cells,)."""
    changed = np.ones(colours.shape[:2], dtype=np.bool_)
    changed[:, 1:] = (colours[:, 1:] != colours[:, :-1]).any(axis=-1)
    return changed.reshape(-1)


def _constant(text: bytes, wanted: NDArray[np.bool_]) -> _Part:
    shape = (len(wanted), len(text))
    return np.broadcast_to(np.frombuffer(text, dtype=np.uint8), shape), np.broadcast_to(wanted[:, None], shape)


def _numbers(colours: NDArray[np.uint8], wanted: NDArray[np.bool_]) -> list[_Part]:
    """Return `;` and up to three digits for each component of a colour."""
    parts = []
    for component in range(colours.shape[-1]):
        values = colours[..., component].reshape(-1)
        parts += [_constant(b";", wanted), (_DIGITS[values], _NEEDED[values] & wanted[:, None])]
    return parts


def _utf8(code_points: NDArray[np.uint32]) -> _Part:
    """Encode code points below U+10000 in UTF-8: one, two or three bytes."""
    lead = np.where(code_points < 0x800, 0xC0 | code_points >> 6, 0xE0 | code_points >> 12)
    middle = 0x80 | code_points >> 6 & 0x3F
    last = np.where(code_points < 0x80, code_points, 0x80 | code_points & 0x3F)
    kept = np.stack([code_points >= 0x80, code_points >= 0x800, np.ones(len(code_points), dtype=np.bool_)], axis=1)
    return np.stack([lead, middle, last], axis=1).astype(np.uint8), kept


def eight_bit(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Convert to the 256-colour palette as Rich does: 24 grays where the saturation is low, else a 6 × 6 × 6 cube."""
    channels = colours.astype(np.float64)
    steps = np.where(channels < 95, channels / 95, 1 + (channels - 95) / 40)
    cube = 16 + np.rint(steps) @ np.array([36.0, 6.0, 1.0])
    high, low = channels.max(axis=-1) / 255, channels.min(axis=-1) / 255
    gray = np.rint((high + low) / 2 * 25)
    grays = np.select([gray == 0, gray == 25], [16, 231], 231 + gray)
    return np.where(_saturation(high, low) < 0.15, grays, cube).astype(np.uint8)


def _saturation(high: NDArray[np.float64], low: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the HLS saturation from the largest and the smallest channel, both in [0, 1]."""
    spread = high - low
    scale = np.where(high + low <= 1, high + low, 2 - high - low)
    return np.divide(spread, scale, out=np.zeros_like(spread), where=spread > 0)
