"""Containment of exceptions in widgets."""

from __future__ import annotations

from functools import wraps
from typing import Any

import pytest
from textual.widget import Widget

from jem_tui.tui.charts.chart_widget import ChartWidget
from jem_tui.tui.charts.charts_pane import ChartsPane
from jem_tui.tui.charts.charts_status import ChartsStatus
from jem_tui.tui.panes.distributions_pane import DistributionsPane
from jem_tui.tui.panes.header import RunHeader
from jem_tui.tui.panes.notes_pane import NoteList
from jem_tui.tui.panes.status_line import StatusLine
from jem_tui.tui.samples.chain_pane import ChainPane
from jem_tui.tui.samples.samples_pane import SamplesPane
from jem_tui.tui.samples.tile_grid import TileGrid
from tests.tui.sources import FakeSource, jem_app, screen_rows, shows, text_of, until
from tests.wait_until import PATIENCE

SIZE = (180, 50)
INNER = {
    "chain pane": (ChainPane, "draw"),
    "chart": (ChartWidget, "show"),
    "rows of a chart": (ChartWidget, "_draw"),
    "line above the curves": (ChartsStatus, "show"),
    "curves": (ChartsPane, "draw"),
    "distributions": (DistributionsPane, "_rows"),
    "header": (RunHeader, "show"),
    "notes": (NoteList, "draw"),
    "samples": (SamplesPane, "show"),
    "frame of the samples": (SamplesPane, "describe"),
    "rows of the samples": (TileGrid, "_draw"),
    "places of the samples": (TileGrid, "_fit_layout"),
    "status": (StatusLine, "show"),
}

QUICK = (
    "chart",
    "rows of a chart",
    "curves",
    "distributions",
    "header",
    "frame of the samples",
    "places of the samples",
)
"""Parts that stand for all in the fast tests: one of each method that is contained."""


def break_part(monkeypatch: pytest.MonkeyPatch, owner: type[Widget], name: str) -> list[bool]:
    """Make a method of a widget raise until the returned list is empty."""
    broken = [True]
    method = getattr(owner, name)
    whole = getattr(method, "__wrapped__", method)

    @wraps(whole)
    def failing(self: Widget, *args: Any, **kwargs: Any) -> Any:
        if broken:
            raise IndexError("index 28 is out of bounds")
        return whole(self, *args, **kwargs)

    if method is not whole:
        from jem_tui.tui.repaint.containment import _wrap_take

        failing = _wrap_take(failing)
    monkeypatch.setattr(owner, name, failing)
    return broken


@pytest.mark.parametrize(
    "part", [part if part in QUICK else pytest.param(part, marks=pytest.mark.slow) for part in INNER]
)
async def test_a_failed_widget_displays_a_message_and_recovers(monkeypatch, part):
    kept = []
    source = FakeSource()
    app = jem_app(source)
    app.keep_details = lambda failure: kept.append(failure) or "Details: here"
    broken = break_part(monkeypatch, *INNER[part])
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: any("Could not" in row for row in screen_rows(app)))
        others = [("header", "TRAINING"), ("curves", "JEM/total"), ("notes", "notes")]
        for name, text in others:
            if not part.startswith((name, "chart", "rows of a chart")):
                await until(pilot, lambda text=text: shows(app, text))
        step = source.step
        await until(pilot, lambda: source.step > step + 20)
        assert 1 <= len(kept) <= 3, "a failure is written down once for each place"
        broken.clear()
        # the notes and the distributions of this source have no later data, but they can get another size
        await pilot.resize_terminal(SIZE[0] + 6, SIZE[1] + 3)
        await until(pilot, lambda: not any("Could not" in row for row in screen_rows(app)))
        await until(pilot, lambda: "TRAINING" in text_of(app, "#header"))
    assert app.failure is None


async def test_a_failed_widget_ends_an_app_that_records_no_failures(monkeypatch):
    break_part(monkeypatch, NoteList, "draw")
    app = jem_app(FakeSource())
    with pytest.raises(IndexError):
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: app.failure is not None)
            assert app.failure is not None and "IndexError" in app.failure.cause
    assert app.run_handle.start().close(PATIENCE)
