from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import Literal

import numpy as np
import pyte
import pytest
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from textual.color import Color as TextualColor
from textual.filter import ANSIToTruecolor, Monochrome, NoColor
from textual.strip import Strip

from jem_tui.raster.cells.ansi import eight_bit
from jem_tui.raster.cells.cells import Cells, write_text
from jem_tui.raster.cells.segments import _cell_style
from jem_tui.raster.tiles.encode import Encoding, encode_tiles
from jem_tui.tui.repaint.cell_strips import CellRows, CellStrip, styled_strip

ColorName = Literal["truecolor", "256", "standard"]
SYSTEMS: list[ColorName] = ["truecolor", "256", "standard"]
GRAY = TextualColor(18, 18, 18)


def console(system: ColorName) -> Console:
    return Console(file=StringIO(), color_system=system, force_terminal=True)


@pytest.fixture(autouse=True)
def fresh_styles() -> None:
    """Clear cached styles: a Rich style keeps the codes of the first colour system in which it is rendered."""
    _cell_style.cache_clear()


def plain(strip: Strip) -> Strip:
    """Return an ordinary strip with equal text and styles."""
    segments = [Segment(text, style and Style(color=style.color, bgcolor=style.bgcolor)) for text, style, _ in strip]
    return Strip(segments, strip.cell_length)


def on_screen(strips: Sequence[Strip], system: ColorName, columns: int = 40) -> list[list[tuple[str, str, str]]]:
    """Return the character and the colours of each cell of a terminal."""
    screen = pyte.Screen(columns, max(1, len(strips)))
    pyte.Stream(screen).feed("\r\n".join(strip.render(console(system)) for strip in strips))
    return [
        [(cell.data, cell.fg, cell.bg) for cell in (screen.buffer[row][column] for column in range(columns))]
        for row in range(len(strips))
    ]


def noise(encoding: Encoding, channels: int = 3, seed: int = 0) -> Cells:
    tile = np.random.default_rng(seed).integers(0, 256, (1, 12, 30, channels), dtype=np.uint8)
    tile[:, :4, 5:20] = 0
    cells = encode_tiles(tile, encoding)
    return Cells(cells.glyphs[0].copy(), cells.fg[0].copy(), cells.bg[0].copy())


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("encoding", ["half-block", "quadrant", "braille", "dithered"])
def test_cell_strips_render_like_plain_strips(encoding, channels, system):
    cells = noise(encoding, channels)
    write_text(cells, 1, 3, "7é 98 %")
    strips = CellRows(cells).strips()
    assert on_screen(strips, system) == on_screen([plain(strip) for strip in strips], system)
    assert on_screen(strips, system)[1][3:10] != on_screen(strips, system)[0][3:10]


@pytest.mark.parametrize("system", SYSTEMS)
def test_cropped_cell_strips_render_like_cropped_plain_strips(system):
    strip = CellRows(noise("half-block")).strips()[2]
    for start, end in [(0, 30), (0, 7), (7, 30), (3, 4), (-2, 99), (8, 8), (40, 50)]:
        part, expected = strip.crop(start, end), plain(strip).crop(start, end)
        assert part.cell_length == expected.cell_length
        assert on_screen([part], system) == on_screen([expected], system)
    parts, expected = strip.divide([4, 11, 30]), plain(strip).divide([4, 11, 30])
    assert [on_screen([part], system) for part in parts] == [on_screen([part], system) for part in expected]


def test_dividing_at_the_end_gives_the_strip_itself():
    strip = CellRows(noise("half-block")).strips()[0]
    assert list(strip.divide([30])) == [strip] and isinstance(strip.divide([4, 30])[1], CellStrip)


@pytest.mark.parametrize(
    "change",
    [
        lambda strip: strip.apply_style(Style(bold=True, bgcolor="red")),
        lambda strip: strip.apply_filter(Monochrome(), GRAY),
        lambda strip: strip.apply_filter(NoColor(), GRAY),
        lambda strip: strip.adjust_cell_length(35, Style(bgcolor="blue")),
        lambda strip: strip.adjust_cell_length(12),
        lambda strip: strip.extend_cell_length(33, Style()),
        lambda strip: strip.crop_extend(2, 36, Style(bgcolor="green")),
        lambda strip: strip.apply_offsets(1, 2),
        lambda strip: strip.simplify().discard_meta(),
        lambda strip: Strip.join([strip, Strip.blank(3, Style(bgcolor="red"))]),
        lambda strip: strip + strip.crop(0, 5),
    ],
)
def test_modified_cell_strips_render_like_modified_plain_strips(change):
    strip = CellRows(noise("half-block")).strips()[1]
    assert on_screen([change(strip)], "truecolor") == on_screen([change(plain(strip))], "truecolor")


def test_true_colours_pass_the_terminal_theme_filter():
    strip = CellRows(noise("half-block")).strips()[0]
    assert strip.apply_filter(ANSIToTruecolor(DEFAULT_TERMINAL_THEME), GRAY) is strip


def test_cell_strips_have_text_and_styled_segments():
    strip = CellRows(noise("quadrant")).strips()[0]
    assert bool(strip) and strip.cell_count == strip.cell_length == len(strip.text) == 15
    assert strip == plain(strip)
    assert all(segment.style is not None for segment in strip)


def test_unchanged_colours_are_not_repeated():
    flat = Cells(
        np.full((1, 50), ord("▀"), np.uint32), np.full((1, 50, 3), 7, np.uint8), np.full((1, 50, 3), 9, np.uint8)
    )
    rendered = CellRows(flat).strips()[0].render(console("truecolor"))
    assert rendered == "\x1b[38;2;7;7;7;48;2;9;9;9m" + "▀" * 50 + "\x1b[0m"


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (3, 0)])
def test_empty_pictures_render_as_empty_text(shape):
    cells = Cells(np.zeros(shape, np.uint32), np.zeros((*shape, 3), np.uint8), np.zeros((*shape, 3), np.uint8))
    assert (
        "".join(strip.render(console("truecolor")) for strip in CellRows(cells).strips()).replace("\x1b[0m", "") == ""
    )


def test_256_colours_match_the_choice_of_rich():
    colours = np.random.default_rng(1).integers(0, 256, (3000, 3), dtype=np.uint8)
    colours[:256] = np.arange(256, dtype=np.uint8)[:, None]
    expected = [Color.from_rgb(*rgb).downgrade(ColorSystem.EIGHT_BIT).number for rgb in colours.tolist()]
    assert eight_bit(colours).tolist() == expected


def test_inked_strips_join_equal_inks():
    styles = [Style(), Style(color="red")]
    strip = styled_strip(np.array([97, 98, 99, 100], np.uint32), np.array([0, 1, 1, 0], np.uint8), styles)
    assert [(segment.text, segment.style) for segment in strip] == [
        ("a", styles[0]),
        ("bc", styles[1]),
        ("d", styles[0]),
    ]
