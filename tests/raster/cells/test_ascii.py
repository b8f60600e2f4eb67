from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jem_tui.raster.cells.ascii import in_ascii
from jem_tui.raster.cells.glyphs import BRAILLE_BITS, BRAILLE_BLANK
from tests.raster.anything import ODD_TEXTS


def braille(*dots: tuple[int, int]) -> str:
    return chr(BRAILLE_BLANK + sum(BRAILLE_BITS[row][column] for row, column in set(dots)))


@pytest.mark.parametrize(
    ("dots", "substitute"),
    [
        ([], " "),
        ([(0, 0), (0, 1)], "'"),
        ([(1, 0), (1, 1)], "-"),
        ([(3, 0), (3, 1)], "_"),
        ([(0, 0), (1, 0), (2, 0), (3, 0)], "|"),
        ([(3, 0), (2, 0), (1, 1), (0, 1)], "/"),
        ([(0, 0), (1, 0), (2, 1), (3, 1)], "\\"),
        ([(row, column) for row in range(4) for column in range(2)], "@"),
    ],
)
def test_braille_dots_resemble_their_ascii_substitute(dots, substitute):
    assert in_ascii(braille(*dots)) == substitute


def test_every_braille_pattern_becomes_one_ascii_column():
    for pattern in range(256):
        substitute = in_ascii(chr(BRAILLE_BLANK + pattern))
        assert substitute.isascii() and len(substitute) == 1
        assert (substitute == " ") == (pattern == 0)


@pytest.mark.parametrize("text", ["─│╭╮┃━●▶‖…×−·", "Größe Ärger", "漢字", "▀▄█▌▐▘▚▟"])
def test_ascii_text_keeps_its_width(text):
    assert in_ascii(text).isascii()
    assert len(in_ascii(text)) == cell_len(text)


@given(st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=20)))
def test_ascii_text_keeps_its_width_in_any_script(text):
    shown = "".join(character for character in text if character.isprintable() or not character.isascii())
    assert in_ascii(shown).isascii() and len(in_ascii(shown)) == cell_len(shown)


def test_accents_are_dropped_and_combining_marks_take_no_column():
    assert in_ascii("p(y|x̂) Größe") == "p(y|x) Gro?e"
