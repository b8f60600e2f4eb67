"""Numbers of charts, tiles, captions and notes that a terminal of each usual size displays, with any panes hidden."""

from __future__ import annotations

import math
import re
from collections.abc import Generator, Iterator
from itertools import combinations
from typing import Any

import pytest
from textual.pilot import Pilot

from jem_tui.events.commands import Command, SampleNow
from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE, Event, Note, ReportProgress, StepDone, Wait
from jem_tui.tui.app import JemApp
from jem_tui.tui.charts.chart_grid import ChartGrid
from jem_tui.tui.charts.chart_widget import ChartWidget
from jem_tui.tui.panes.notes_pane import NoteList
from jem_tui.tui.panes.workspace import Workspace
from jem_tui.tui.preferences.pane_layout import PaneLayout, PaneName
from jem_tui.tui.samples.tile_grid import TileGrid
from tests.tui.sources import BATCH, jem_app, run_started, samples, shows, text_of, until

pytestmark = pytest.mark.usefixtures("true_colour_terminal")

STEPS, CHAINS = 200, 64
CAPTION = re.compile(r"\b0 +100 ?%")
"""Caption of every chain of `samples`."""
HIDDEN: tuple[PaneName, ...] = ("curves", "samples", "distributions", "notes")
SUBSETS = [subset for count in range(len(HIDDEN)) for subset in combinations(HIDDEN, count)]


class FilledRun:
    """Source of a run that fills every pane: eight metrics vary, one is constant, and one has a single point."""

    def open(self, report: ReportProgress) -> FilledRun:
        return self

    def events(self) -> Generator[Event | Wait, None, None]:
        yield run_started(total=1000, config={"buffer": {"size": 10_000}, "sgld": {"steps": 20}})
        for step in range(1, STEPS + 1):
            names = (TOTAL, NRG, XE, "JEM/energy_data", "JEM/energy_samples", "sgld/gradient", "optimizer/rate")
            metrics = {name: math.sin(step / (20 + place)) for place, name in enumerate(names)}
            once = {"extra/once": 1.0} if step == STEPS // 2 else {}
            metrics |= {ACCURACY: step / STEPS, "extra/constant": 3.0, **once}
            yield StepDone(step=step, images=step * BATCH, time=float(step), epoch=0, metrics=metrics)
            if step % 50 == 0:
                yield Note(step=step, images=step * BATCH, time=float(step), text=f"note at {step}", kind="info")
        yield samples(STEPS, CHAINS)
        while True:
            yield Wait(math.inf)

    def apply(self, command: Command) -> Iterator[Event]:
        if isinstance(command, SampleNow):
            yield samples(STEPS, CHAINS, requested=True)


async def filled(pilot: Pilot[Any], app: JemApp) -> None:
    await until(pilot, lambda: bool(app.screen.query(TileGrid)) and captions_of(app) > 0 and shows(app, "JEM/total"))
    await drawn(pilot, app)


async def drawn(pilot: Pilot[Any], app: JemApp) -> None:
    """Wait for the layout, and draw all panes."""
    await pilot.pause()
    app.screen.draw_everything()
    await pilot.pause()


def captions_of(app: JemApp) -> int:
    """Return the number of captions below tiles."""
    return len(CAPTION.findall(text_of(app, "#grid")))


def titles_of(app: JemApp) -> list[str]:
    """Return the first word in the header of each displayed chart."""
    charts = [chart for chart in app.screen.query(ChartWidget) if chart.is_on_screen]
    return [chart.render_line(0).text.split()[0] for chart in charts]


def tiles_of(app: JemApp) -> tuple[int, int]:
    """Return rows and columns of the displayed tiles."""
    layout = app.screen.query_one(TileGrid).scaled_layout[1]
    return layout.down, layout.across


def check_rows(app: JemApp) -> None:
    """Check that no row of a displayed column is without a pane, and that no row of charts is empty."""
    workspace = app.screen.query_one(Workspace)
    columns = [column for column in workspace.query("#left, #right") if column.display and column.region]
    assert columns
    for column in columns:
        found = column.query("#left > *, #right > *, #lower > *").exclude("#lower")
        panes = [pane.region for pane in found if pane.display]
        covered = {row for region in panes for row in range(region.y, region.bottom)}
        assert covered >= set(range(column.region.y, column.region.bottom)), column.id
    grid = app.screen.query_one(ChartGrid)
    if grid.region and grid.is_on_screen:
        tops = {chart.region.y for chart in grid.query(ChartWidget) if chart.display}
        heights = [chart.region.height for chart in grid.query(ChartWidget) if chart.display]
        assert len(tops) * max(heights) >= grid.region.height - len(tops)


@pytest.mark.parametrize(("size", "charts"), [((60, 20), 2), ((80, 24), 2)])
async def test_a_small_terminal_shows_two_charts_and_two_rows_of_captioned_tiles(size, charts):
    app = jem_app(FilledRun())
    async with app.run_test(size=size) as pilot:
        await filled(pilot, app)
        assert titles_of(app) == ["JEM/total", "JEM/nrg"][:charts]
        assert tiles_of(app) == (2, 3)
        assert captions_of(app) == 6
        check_rows(app)


async def test_a_usual_terminal_shows_six_charts_sixteen_captioned_tiles_a_histogram_and_three_notes():
    app = jem_app(FilledRun())
    async with app.run_test(size=(120, 35)) as pilot:
        await filled(pilot, app)
        assert len(titles_of(app)) == 6
        down, across = tiles_of(app)
        assert down >= 4 and across >= 4
        assert captions_of(app) == down * across
        assert "energy of 64 chains" in text_of(app, "#distributions") and "█" in text_of(app, "#distributions")
        assert app.screen.query_one(NoteList).size.height == 3
        assert all(shows(app, f"note at {step}") for step in (100, 150, 200))


async def test_a_large_terminal_shows_no_panel_that_is_constant_or_has_one_point():
    app = jem_app(FilledRun())
    async with app.run_test(size=(200, 60)) as pilot:
        await filled(pilot, app)
        titles = titles_of(app)
        assert {"JEM/total", "JEM/nrg", "JEM/xe", "JEM/accuracy", "energy"} <= set(titles)
        assert not {"extra/constant", "extra/once"} & set(titles)
        assert captions_of(app) >= 16
        check_rows(app)


@pytest.mark.parametrize(
    ("size", "subsets"),
    [
        ((120, 35), SUBSETS[: len(HIDDEN) + 1]),
        *(
            pytest.param(size, SUBSETS, marks=pytest.mark.slow)
            for size in ((200, 60), (120, 35), (100, 26), (80, 24), (60, 20))
        ),
    ],
)
async def test_hidden_panes_cost_no_caption_and_leave_no_empty_row(size, subsets):
    app = jem_app(FilledRun())
    async with app.run_test(size=size) as pilot:
        await filled(pilot, app)
        workspace = app.screen.query_one(Workspace)
        for hidden in subsets:
            workspace.arrangement = PaneLayout(chosen=dict.fromkeys(hidden, False))
            workspace.apply_layout()
            await drawn(pilot, app)
            check_rows(app)
            if "samples" in workspace.shown:
                down, across = tiles_of(app)
                assert 0 < captions_of(app) == min(CHAINS, down * across), hidden
