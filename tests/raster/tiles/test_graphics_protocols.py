"""Pictures in graphics protocols, read back by small decoders of the three protocols."""

from __future__ import annotations

import io
import re
import zlib
from base64 import b64decode

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from jem_tui.raster.tiles.graphics_protocols import (
    PLACEHOLDER,
    Pixels,
    at_cell,
    enlarge,
    iterm2,
    kitty,
    placeholders,
    sixel,
)

GRAY = np.arange(28 * 28, dtype=np.uint32).reshape(28, 28, 1).astype(np.uint8)
COLOUR = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def as_rgb(picture: Pixels) -> Pixels:
    return np.broadcast_to(picture, (*picture.shape[:2], 3))


@pytest.mark.parametrize("picture", [GRAY, COLOUR])
def test_kitty_receives_chunks_without_sending_an_answer(picture):
    emitted = kitty(picture, 77, 14, 7)
    chunks = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", emitted)
    assert "".join(f"\x1b_G{keys};{data}\x1b\\" for keys, data in chunks) == emitted
    assert all(len(data) <= 4096 and "q=2" in keys for keys, data in chunks)
    assert [keys.endswith("m=1") for keys, _ in chunks] == [True] * (len(chunks) - 1) + [False]
    keys = dict(pair.split("=") for pair in chunks[0][0].split(","))
    assert (keys["i"], keys["U"], keys["c"], keys["r"], keys["a"]) == ("77", "1", "14", "7", "T")
    pixels = np.frombuffer(zlib.decompress(b64decode("".join(data for _, data in chunks))), np.uint8)
    expected = enlarge(as_rgb(picture))
    assert (pixels.reshape(int(keys["v"]), int(keys["s"]), 3) == expected).all() and expected.shape[0] >= 224


def test_placeholders_number_rows_by_combining_marks():
    first = [
        "\u0305",
        "\u030d",
        "\u030e",
        "\u0310",
        "\u0312",
        "\u033d",
        "\u033e",
        "\u033f",
        "\u0346",
        "\u034a",
        "\u034b",
    ]
    assert [placeholders(row, 1) for row in range(11)] == [PLACEHOLDER + sign for sign in first]
    assert placeholders(30, 3) == PLACEHOLDER + "\u0483" + PLACEHOLDER * 2 and placeholders(69, 1)[1] == "\u06d6"
    with pytest.raises(ValueError, match="more than 90 rows"):
        placeholders(90, 1)


def sixels(emitted: str) -> NDArray[np.int_]:
    """Decode the pixels of a Sixel picture."""
    height_width = re.match(r'\x1bP0;1;0q"1;1;(\d+);(\d+)', emitted)
    assert height_width is not None
    width, height = int(height_width[1]), int(height_width[2])
    body = emitted[height_width.end() : -2]
    palette = {}
    for ink, *parts in re.findall(r"#(\d+);2;(\d+);(\d+);(\d+)", body):
        palette[int(ink)] = [round(int(part) * 2.55) for part in parts]
    body = re.sub(r"#\d+;2;\d+;\d+;\d+", "", body)
    pixels = np.full((height + 6, width, 3), -1, int)
    for band, line in enumerate(body.split("-")):
        for part in line.split("$"):
            ink, codes = re.findall(r"#(\d+)(.*)", part)[0]
            column = 0
            for count, sign in re.findall(r"(?:!(\d+))?([?-~])", codes):
                for bit in range(6):
                    if ord(sign) - 63 >> bit & 1:
                        pixels[band * 6 + bit, column : column + int(count or 1)] = palette[int(ink)]
                column += int(count or 1)
            assert column == width
    return pixels[:height]


def test_sixel_shows_every_pixel_scaled_to_the_cells():
    picture = (np.indices((28, 28)).sum(axis=0) % 8 * 36).astype(np.uint8)[..., None]
    shown = sixels(sixel(picture, 140, 146))
    fitted = picture[np.arange(146) * 28 // 146][:, np.arange(140) * 28 // 140]
    assert shown.min() >= 0, "no pixel is left out"
    assert np.abs(shown - as_rgb(fitted)).max() <= 3


def test_iterm2_receives_a_png_with_its_size_in_cells():
    emitted = iterm2(COLOUR, 32, 16)
    keys, data = re.fullmatch(r"\x1b\]1337;File=([^:]*):([^\a]*)\a", emitted).groups()
    assert "inline=1;width=32;height=16;" in keys and "doNotMoveCursor=1" in keys
    assert (np.asarray(Image.open(io.BytesIO(b64decode(data)))) == enlarge(COLOUR)).all()


def test_drawing_at_a_cell_restores_the_cursor():
    assert at_cell(0, 9, "X") == "\x1b7\x1b[1;10HX\x1b8"
