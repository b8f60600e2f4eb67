from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from rich.style import Style
from textual.app import App, ComposeResult

from jem_tui.raster.plot.canvas import Ink
from jem_tui.raster.plot.chart import Chart
from jem_tui.raster.plot.columns.curves import Curve
from jem_tui.raster.plot.ranges import StableRange
from jem_tui.tui.charts.chart_styles import ChartStyles
from jem_tui.tui.charts.chart_widget import ChartWidget
from jem_tui.tui.preferences.theme import THEMES, Tone, readable_theme
from jem_tui.tui.repaint.fast_strips import is_undecorated
from tests.tui.sources import until

pytestmark = pytest.mark.usefixtures("true_colour_terminal")


class Charts(App[None]):
    """App with one chart in a border with padding, as on the screen."""

    CSS = "ChartWidget { border: round red; padding: 0 1; }"

    def __init__(self, percent: bool = False, tone: Tone = Tone.XE) -> None:
        super().__init__()
        self.inks = ChartStyles()
        self.chart = ChartWidget(self.inks)
        self.percent, self.tone, self.y_range = percent, tone, StableRange()

    def get_css_variables(self) -> dict[str, str]:
        self.theme_variables = readable_theme(self.current_theme, super().get_css_variables())
        return self.theme_variables

    def compose(self) -> ComposeResult:
        with self.inks:
            yield self.chart

    def on_mount(self) -> None:
        self.show([])

    def show(self, curves: Sequence[Curve]) -> None:
        chart = Chart(title="JEM/xe", curves=curves, y_range=self.y_range, percent=self.percent)
        self.chart.show(chart, tone=self.tone)

    def rows(self) -> list[str]:
        """Return the rows of the chart within its border and padding."""
        width, height = self.chart.size
        return [self.chart.render_line(row).text for row in range(height)] if width else []

    def styles_of(self, row: int) -> dict[str, Style | None]:
        return {segment.text.strip(): segment.style for segment in self.chart.render_line(row)}


def curve(length: int, value: float = 1.0, points: bool = False) -> Curve:
    x = 64.0 * np.arange(1, length + 1)
    y = np.linspace(2 * value, value, length)
    return Curve(label="batch", x=x, raw=y + 0.01, smooth=y, points=points)


async def test_a_chart_without_data_displays_a_message():
    app = Charts()
    async with app.run_test(size=(60, 14)) as pilot:
        assert app.rows()[6].strip() == "waiting for the first step"
        app.show([curve(100)])
        await pilot.pause()
        rows = app.rows()
        assert rows[0] == "JEM/xe" + " " * 27 + "avg   1.000 raw   1.010" and rows[-1].endswith("images")
        assert app.chart.last_paint > 0
        app.show([])
        await pilot.pause()
        assert app.rows()[6].strip() == "waiting for the first step"


async def test_data_is_drawn_once_and_again_on_resize():
    app = Charts()
    async with app.run_test(size=(60, 14)) as pilot:
        app.show([curve(10)])
        await pilot.pause()
        first = app.chart.render_line(3)
        app.chart.refresh()
        await pilot.pause()
        assert app.chart.render_line(3) is first
        await pilot.resize_terminal(80, 20)
        await pilot.pause()
        assert len(app.rows()) == 18 and {len(row) for row in app.rows()} == {76}


@pytest.mark.parametrize("new", [True, False])
async def test_a_resized_chart_is_cut_until_it_is_drawn_once(monkeypatch, new):
    app = Charts()
    drawn, seen = [], []
    draw, settle = ChartWidget._draw, ChartWidget._redraw_resized

    def settled(chart):
        seen.append(app.rows())
        if new:
            app.show([curve(11)])
        settle(chart)

    async with app.run_test(size=(60, 14)) as pilot:
        app.show([curve(10)])
        await pilot.pause()
        old = app.rows()
        monkeypatch.setattr(ChartWidget, "_draw", lambda chart: (drawn.append(chart.size), draw(chart)))
        monkeypatch.setattr(ChartWidget, "_redraw_resized", settled)
        app.chart.styles.height, app.chart.styles.width = 10, 50
        await until(pilot, lambda: drawn)
        await pilot.pause()
        assert seen[0] == [row[:46] for row in old[:8]]
        assert drawn == [(46, 8)] == [app.chart._drawing.size]


async def test_unchanged_styles_do_not_redraw_a_chart():
    app = Charts()
    async with app.run_test(size=(60, 14)) as pilot:
        app.show([curve(10)])
        await pilot.pause()
        first = app.chart.render_line(3)
        app.inks.add_class("anything")
        app.chart.notify_style_update()
        await pilot.pause()
        assert app.chart.render_line(3) is first


async def test_rows_of_an_undecorated_chart_bypass_styling():
    app = Charts()
    app.CSS = ""
    async with app.run_test(size=(60, 14)) as pilot:
        app.show([curve(10)])
        await pilot.pause()
        chart = app.chart
        rows = chart.render_lines(chart.size.region)
        assert [row.text for row in rows] == app.rows() and is_undecorated(chart)
        chart.styles.padding = (0, 1)
        await pilot.pause()
        assert not is_undecorated(chart) and {
            row.cell_length for row in chart.render_lines(chart.outer_size.region)
        } == {60}


@pytest.mark.parametrize("size", [(28, 7), (20, 4), (5, 3), (4, 2), (3, 1)])
async def test_a_chart_widget_of_any_size_is_drawn(size):
    app = Charts(percent=True)
    async with app.run_test(size=size) as pilot:
        app.show([curve(50, 0.4), curve(3, 0.5, points=True)])
        await pilot.pause()
        assert {len(row) for row in app.rows()} <= {app.chart.size.width}


async def test_line_raw_value_and_axis_have_their_component_styles_in_every_theme():
    app = Charts()
    async with app.run_test(size=(60, 14)) as pilot:
        app.show([curve(100)])
        seen = set()
        for theme in ("textual-dark", "textual-light", "nord"):
            app.theme = theme
            await pilot.pause()
            styles = app.styles_of(0)
            assert styles["1.000"] == app.inks.get_component_rich_style("chart--line-xe")
            assert styles["1.010"] == app.inks.get_component_rich_style("chart--raw-xe")
            assert styles["JEM/xe"].bold and len({str(style.color) for style in styles.values()}) == 4
            seen.add(styles["1.000"])
        assert len(seen) == 3


@pytest.mark.parametrize("tone", Tone)
async def test_each_tone_has_its_colours_in_every_theme(tone):
    app = Charts(tone=tone)
    async with app.run_test(size=(60, 14)) as pilot:
        for theme in THEMES:
            app.register_theme(theme)
            app.theme = theme.name
            app.show([curve(100)])
            await pilot.pause()
            assert len(app.chart._styles) == len(Ink)
            line, band = app.chart._styles[Ink.LINE], app.chart._styles[Ink.BAND]
            expected = tone.value[THEMES.index(theme)] if tone.value else theme.primary
            assert line.color is not None and line.color.name == expected
            assert band.color not in (None, line.color)


def test_each_tone_has_one_colour_for_each_theme():
    assert {len(tone.value) for tone in Tone if tone.value} == {len(THEMES)}


async def test_no_color_draws_charts_in_gray(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = Charts()
    async with app.run_test(size=(60, 14)) as pilot:
        app.show([curve(100)])
        await pilot.pause()
        colours = {segment.style.color for strip in app.screen._compositor.render_strips() for segment in strip}
        triplets = [colour.triplet for colour in colours if colour is not None]
        assert triplets and all(red == green == blue for red, green, blue in triplets)
