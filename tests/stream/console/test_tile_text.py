"""Tiles as printed text: braille dots, letters and half-blocks."""

from __future__ import annotations

import numpy as np
import pytest

from jem_tui.stream.console.tile_text import picture_lines
from tests.stream.text_console import Ascii, console, text


def bars(n: int = 20) -> np.ndarray:
    """Make tiles of 28×28 that are white in their left half."""
    tiles = np.zeros((n, 28, 28, 1), dtype=np.uint8)
    tiles[:, :, :14] = 255
    return tiles


def test_braille_tiles_without_colour():
    lines, shown = picture_lines(bars(), console(80))
    assert (len(lines), shown) == (21, 15)
    assert lines[0].plain == " ".join(["⣿" * 7 + "⠀" * 7] * 5).replace(" ", "⠀")


def test_letters_without_unicode():
    lines, shown = picture_lines(bars(), console(80, file=Ascii()))
    assert (len(lines), shown) == (21, 15)
    assert lines[0].plain.rstrip() == (" " * 8).join(["@" * 7] * 5)


def test_half_blocks_carry_two_pixels_in_true_colour():
    tiles = np.zeros((1, 2, 2, 3), dtype=np.uint8)
    tiles[0, 0, 0], tiles[0, 1, 0] = (255, 0, 0), (0, 0, 255)
    shown = console(80, color_system="truecolor", force_terminal=True)
    (line,), count = picture_lines(tiles, shown)
    shown.print(line)
    assert count == 1
    assert text(shown).startswith("\x1b[38;2;255;0;0;48;2;0;0;255m▀")


def test_no_colour_means_braille():
    lines, _ = picture_lines(bars(1), console(80, color_system="truecolor", force_terminal=True, no_color=True))
    assert "⣿" in lines[0].plain


@pytest.mark.parametrize("shape", [(1, 600, 800, 3), (3, 1, 1, 1), (9, 32, 32, 3), (2, 5, 90, 1), (0, 28, 28, 1)])
@pytest.mark.parametrize("width", [10, 40, 200])
@pytest.mark.parametrize("colours", [None, "truecolor"])
def test_tiles_of_any_size_fit(shape: tuple[int, ...], width: int, colours: str | None):
    shown = console(width, color_system=colours, force_terminal=True)
    lines, count = picture_lines(np.zeros(shape, dtype=np.uint8), shown)
    assert all(line.cell_len <= width for line in lines)
    assert (count > 0) == (shape[0] > 0)
