"""Fast rendering of rows compared with rendering by Textual."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.geometry import Region

from jem_tui.tui.charts import chart_widget
from jem_tui.tui.preferences.theme import THEMES
from jem_tui.tui.repaint import fast_strips
from jem_tui.tui.repaint.fast_strips import BareContainer, is_undecorated, is_unframed
from jem_tui.tui.screens import run_screen
from tests.tui.sources import FakeSource, jem_app, text_of, until

Cell = tuple[str, ColorTriplet | None, tuple[ColorTriplet | None, bool | None] | None]
"""Glyph, background, and foreground with boldness of a cell."""


def drawn(app: App[Any]) -> list[list[Cell]]:
    """Return the glyph and the colours of every cell; a blank cell has its background only."""
    app.screen.refresh(layout=True)
    app.screen._compositor._dirty_regions.clear()
    rows = app.screen._compositor.render_strips()
    return [[cell for segment in row for cell in cells(segment)] for row in rows]


def cells(segment: Segment) -> Iterator[Cell]:
    style = segment.style or Style.null()
    ground = style.bgcolor.triplet if style.bgcolor else None
    for glyph in segment.text:
        yield glyph, ground, None if glyph == " " else (style.color.triplet if style.color else None, style.bold)


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}], ids=["colours", "NO_COLOR"])
async def test_fast_rendering_equals_rendering_by_textual(monkeypatch, environment):
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot, lambda: "TRAINING" in text_of(app, "#header"))
        await pilot.press("p", "tab")
        await until(pilot, lambda: "PAUSED" in text_of(app, "#header"))
        for theme in THEMES:
            app.theme = theme.name
            await pilot.pause()
            short = drawn(app)
            with monkeypatch.context() as patch:
                patch.setattr(fast_strips, "is_unframed", lambda widget: False)
                patch.setattr(run_screen, "is_unframed", lambda widget: False)
                patch.setattr(chart_widget, "is_undecorated", lambda widget: False)
                long = drawn(app)
            different = np.argwhere(
                [[one != other for one, other in zip(*rows, strict=True)] for rows in zip(short, long, strict=True)]
            )
            assert not len(different), (
                different[0],
                short[different[0][0]][different[0][1]],
                long[different[0][0]][different[0][1]],
            )


async def test_decorated_widgets_are_rendered_by_textual():
    class Rooms(App[None]):
        def compose(self):
            yield BareContainer(id="room")

    app = Rooms()
    async with app.run_test(size=(20, 5)) as pilot:
        room = app.query_one(BareContainer)
        assert is_undecorated(room)
        room.styles.padding = 1
        assert is_unframed(room) and not is_undecorated(room)
        assert {strip.cell_length for strip in room.render_lines(Region(2, 0, 9, 5))} == {9}
        room.styles.border = ("round", "red")
        await pilot.pause()
        assert not is_unframed(room)
        assert room.render_lines(Region(0, 0, 20, 5))[0].text == "╭" + "─" * 18 + "╮"
