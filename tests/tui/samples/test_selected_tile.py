"""The selected tile: its frame, a click, and a double click."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from jem_tui.events.run import Event, Wait
from jem_tui.tui.app import JemApp
from jem_tui.tui.samples.samples_pane import SamplesPane
from tests.tui.sources import FakeSource, jem_app, run_started, screen_rows, shows, until
from tests.tui.sources import samples as noise

pytestmark = pytest.mark.usefixtures("true_colour_terminal")


class Ordered(FakeSource):
    """Source of chains whose energies fall from row to row."""

    def events(self) -> Generator[Event | Wait, None, None]:
        yield run_started()
        yield replace(noise(0, count=20), energy=-np.arange(20, dtype=np.float32), predicted=np.arange(20) % 10)


def pane_of(app: JemApp) -> SamplesPane:
    return app.screen.query_one("#samples", SamplesPane)


def corners(app: JemApp) -> list[tuple[int, int]]:
    """Return the cells at the upper left corners of frames."""
    return [(y, x) for y, row in enumerate(screen_rows(app)) for x, glyph in enumerate(row) if glyph == "▛"]


async def clicked(pilot: Pilot[Any], app: JemApp, place: int, times: int = 1) -> None:
    """Click the middle of a displayed tile."""
    grid = pane_of(app).grid
    layout = grid.scaled_layout[1]
    top, left = layout.corners[place].tolist()
    await pilot.click(grid, offset=(left + layout.tile_columns // 2, top + layout.tile_rows // 2), times=times)


async def test_a_click_selects_a_tile_and_a_frame_shows_it():
    app = jem_app(Ordered())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "replay buffer"))
        await pilot.press("o")
        await clicked(pilot, app, 2)
        await until(pilot, lambda: pane_of(app).has_focus and len(corners(app)) > 0)
        # The lowest energy comes first: the last row of the samples.
        assert pane_of(app).selection.row == 17
        grid = pane_of(app).grid
        top, left = grid.scaled_layout[1].corners[2].tolist()
        assert (grid.region.y + top, grid.region.x + left) in corners(app)
        await pilot.press("left")
        assert pane_of(app).selection.row == 18


async def test_a_double_click_enlarges_a_tile_and_another_restores_the_grid():
    app = jem_app(Ordered())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "replay buffer"))
        await clicked(pilot, app, 1, times=2)
        await until(pilot, lambda: pane_of(app).enlarged and shows(app, "chain 2 of"))
        await until(pilot, lambda: bool(app.screen.query("#enlarged-state")) and shows(app, "film"))
        await pilot.click("#enlarged-state", offset=(4, 4), times=2)
        await until(pilot, lambda: not pane_of(app).enlarged)
        assert pane_of(app).selection.row == 1


async def test_a_click_between_tiles_changes_nothing():
    app = jem_app(Ordered())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "replay buffer"))
        grid = pane_of(app).grid
        layout = grid.scaled_layout[1]
        top, left = layout.corners[0].tolist()
        await pilot.click(grid, offset=(left + layout.tile_columns, top))
        assert pane_of(app).selection.row == 0
        assert not pane_of(app).enlarged
