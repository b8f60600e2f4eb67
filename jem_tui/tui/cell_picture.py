"""Pictures of the screen as PNG: cells drawn with Pillow and DejaVu Sans Mono, the font that comes with Matplotlib.

Blocks, quadrants and braille are drawn as rectangles and dots, because fonts leave gaps between them or lack them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

FONT_SIZE = 20
WIDTH, HEIGHT = 12, 24
"""Pixels of a cell."""
BRAILLE = range(0x2800, 0x2900)
_BRAILLE_PLACES = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of the dot of each bit."""
_QUADRANT_PARTS = {
    "▖": (2,),
    "▗": (3,),
    "▘": (0,),
    "▙": (0, 2, 3),
    "▚": (0, 3),
    "▛": (0, 1, 2),
    "▜": (0, 1, 3),
    "▝": (1,),
    "▞": (1, 2),
    "▟": (1, 2, 3),
    "▀": (0, 1),
    "▄": (2, 3),
    "▌": (0, 2),
    "▐": (1, 3),
    "█": (0, 1, 2, 3),
}
"""Covered quarters: upper left, upper right, lower left, lower right."""
_EIGHTHS = "▁▂▃▄▅▆▇"
"""Lower eighths of a cell."""
_LEFT_EIGHTHS = "▉▊▋▌▍▎▏"
"""Left eighths of a cell, from seven down to one."""
Rgb = tuple[int, int, int]


def png_of_rows(rows: Sequence[Iterable[Segment]], columns: int, ink: Rgb, paper: Rgb) -> bytes:
    """Draw rows of styled text on `paper`, in `ink` where a style has no colour, and return a PNG file."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (columns * WIDTH, len(rows) * HEIGHT), paper)
    draw = ImageDraw.Draw(image)
    for y, row in enumerate(rows):
        column = 0
        for segment in row:
            if segment.control:
                continue
            column = _draw_text(draw, segment.text, segment.style or Style.null(), column, y, (ink, paper))
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw_text(draw: ImageDraw, text: str, style: Style, column: int, row: int, default: tuple[Rgb, Rgb]) -> int:
    """Draw a text from a column on, and return the column after it."""
    ink, paper = _colours(style, default)
    width = cell_len(text)
    if not width:
        return column
    left, top = column * WIDTH, row * HEIGHT
    draw.rectangle((left, top, left + width * WIDTH - 1, top + HEIGHT - 1), fill=paper)
    for character in text:
        if character.isprintable() and not character.isspace():
            _draw_character(draw, character, column * WIDTH, top, ink, bold=bool(style.bold))
        column += cell_len(character)
    if style.underline:
        draw.line((left, top + HEIGHT - 3, left + width * WIDTH - 1, top + HEIGHT - 3), fill=ink)
    return column


def _draw_character(draw: ImageDraw, character: str, left: int, top: int, ink: Rgb, *, bold: bool) -> None:
    if ord(character) in BRAILLE:
        bits = ord(character) - BRAILLE.start
        for bit, (x, y) in enumerate(_BRAILLE_PLACES):
            if bits >> bit & 1:
                across, down = left + x * WIDTH // 2 + 1, top + y * HEIGHT // 4 + 1
                draw.rectangle((across, down, across + WIDTH // 2 - 3, down + HEIGHT // 4 - 3), fill=ink)
    elif character in _QUADRANT_PARTS:
        for part in _QUADRANT_PARTS[character]:
            across, down = left + part % 2 * WIDTH // 2, top + part // 2 * HEIGHT // 2
            draw.rectangle((across, down, across + WIDTH // 2 - 1, down + HEIGHT // 2 - 1), fill=ink)
    elif character in _EIGHTHS:
        height = (_EIGHTHS.index(character) + 1) * HEIGHT // 8
        draw.rectangle((left, top + HEIGHT - height, left + WIDTH - 1, top + HEIGHT - 1), fill=ink)
    elif character in _LEFT_EIGHTHS:
        width = (7 - _LEFT_EIGHTHS.index(character)) * WIDTH // 8
        draw.rectangle((left, top, left + max(1, width) - 1, top + HEIGHT - 1), fill=ink)
    else:
        draw.text((left, top), character, fill=ink, font=_font(bold=bold))


def _colours(style: Style, default: tuple[Rgb, Rgb]) -> tuple[Rgb, Rgb]:
    """Return the colours of text and ground."""
    ink, paper = _rgb(style.color, default[0]), _rgb(style.bgcolor, default[1])
    if style.reverse:
        ink, paper = paper, ink
    if style.dim:
        red, green, blue = ((one + other) // 2 for one, other in zip(ink, paper, strict=True))
        ink = red, green, blue
    return ink, paper


def _rgb(colour: Color | None, default: Rgb) -> Rgb:
    if colour is None or colour.is_default:
        return default
    red, green, blue = colour.get_truecolor()
    return red, green, blue


@cache
def _font(*, bold: bool) -> FreeTypeFont | Any:
    """Return the font, or Pillow's own where Matplotlib has no fonts."""
    from PIL import ImageFont

    found = find_spec("matplotlib")
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
        path = folder / f"DejaVuSansMono{'-Bold' if bold else ''}.ttf"
        if path.exists():
            return ImageFont.truetype(str(path), FONT_SIZE, layout_engine=ImageFont.Layout.BASIC)
    return ImageFont.load_default(FONT_SIZE)
