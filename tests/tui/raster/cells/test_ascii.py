from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from jem_tui.tui.app import JemApp
from jem_tui.tui.raster.cells.ascii import Ascii, in_ascii
from jem_tui.tui.raster.cells.cells import BRAILLE_BITS, BRAILLE_BLANK
from jem_tui.tui.state.run_handle import RunHandle
from tests.tui.raster.anything import ODD_TEXTS
from tests.tui.sources import Fake, screen_rows, text_of, until


def braille(*dots: tuple[int, int]) -> str:
    return chr(BRAILLE_BLANK + sum(BRAILLE_BITS[row][column] for row, column in set(dots)))


@pytest.mark.parametrize(
    ("dots", "stand_in"),
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
def test_a_cell_of_dots_looks_like_its_stand_in(dots, stand_in):
    assert in_ascii(braille(*dots)) == stand_in


def test_every_dot_pattern_is_one_column_of_ascii():
    for pattern in range(256):
        stand_in = in_ascii(chr(BRAILLE_BLANK + pattern))
        assert stand_in.isascii() and len(stand_in) == 1
        assert (stand_in == " ") == (pattern == 0)


@pytest.mark.parametrize("text", ["─│╭╮┃━●▶‖…×−·", "Größe Ärger", "漢字", "▀▄█▌▐▘▚▟"])
def test_columns_stay(text):
    assert in_ascii(text).isascii()
    assert len(in_ascii(text)) == cell_len(text)


@given(st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=20)))
def test_columns_stay_whatever_the_script(text):
    shown = "".join(character for character in text if character.isprintable() or not character.isascii())
    assert in_ascii(shown).isascii() and len(in_ascii(shown)) == cell_len(shown)


def test_accents_go_and_combining_marks_take_no_column():
    assert in_ascii("p(y|x̂) Größe") == "p(y|x) Gro?e"


def test_segments_keep_their_styles():
    segments = [Segment("━━", None), Segment("plain", None)]
    assert [segment.text for segment in Ascii().apply(segments, Color(0, 0, 0))] == ["==", "plain"]


async def test_nothing_on_the_screen_is_beyond_ascii():
    source = Fake()
    app = JemApp(RunHandle(source.open, lambda event: None), label="fake", run_dir="runs/a", glyphs=[Ascii()])
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: "TRAINING" in text_of(app, "#headline") and source.step > 50)
        await pilot.pause(0.5)
        rows = screen_rows(app)
        assert all(row.isascii() for row in rows)
        assert any("---" in row for row in rows)
        await pilot.press("question_mark")
        await pilot.pause(0.3)
        assert all(row.isascii() for row in screen_rows(app))
