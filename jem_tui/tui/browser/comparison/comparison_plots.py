"""The curves of compared runs in common charts, above their samples side by side."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Static

from jem_tui.number_text import names_fraction
from jem_tui.raster.plot.chart import Chart
from jem_tui.raster.plot.columns.curves import Curve
from jem_tui.raster.plot.ranges import StableRange
from jem_tui.tui.browser.comparison.comparison_reading import ReadComparison
from jem_tui.tui.browser.comparison.comparison_table import SIGN, run_title
from jem_tui.tui.browser.preview_pane import CHART_COLUMNS, CHART_ROWS, TONES
from jem_tui.tui.browser.run_preview import PreviewCurve
from jem_tui.tui.charts.chart_styles import ChartStyles
from jem_tui.tui.charts.chart_widget import ChartWidget
from jem_tui.tui.preferences.theme import Tone
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.samples.tile_grid import TileGrid
from jem_tui.tui.state.comparison import PALETTE
from jem_tui.tui.state.text_formats import shorten

MOST_CHARTS, MOST_GRIDS = 6, 6
GRID_COLUMNS = 16
"""Minimum columns of the samples of a run."""


@contain_failures
class ComparisonPlots(Container):
    """Pane with as many charts and samples as fit."""

    DEFAULT_CSS = """
    ComparisonPlots { padding: 0 1; }
    #compared-charts { layout: grid; grid-gutter: 0 2; height: 3fr; }
    #compared-samples { layout: horizontal; height: 2fr; margin-top: 1; }
    .compared-run { width: 1fr; height: 1fr; margin-right: 1; }
    .compared-run Static { height: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._charts = ChartStyles(id="compared-charts")
        self._samples = Container(id="compared-samples")
        self._shown: object = None

    def compose(self) -> ComposeResult:
        yield self._charts
        yield self._samples

    def show(self, found: ReadComparison) -> None:
        """Draw the comparison, unless it is on the screen in this size already."""
        wanted = (found, self.size)
        if wanted == self._shown or not self._charts.is_attached or not self.size:
            return
        self._shown = wanted
        self._show_charts(found)
        self._show_samples(found)

    def _show_charts(self, found: ReadComparison) -> None:
        tags = compared_tags(found)
        across = max(1, min(2, self.size.width // CHART_COLUMNS))
        down = max(1, min(3, (3 * self.size.height // 5) // CHART_ROWS))
        shown = tags[: min(MOST_CHARTS, across * down)]
        self._charts.styles.grid_size_columns = max(1, min(across, len(shown)))
        self._charts.styles.grid_size_rows = max(1, -(-len(shown) // across))
        widgets = list(self._charts.query_children(ChartWidget))
        for widget in widgets[len(shown) :]:
            widget.remove()
        for _ in range(len(shown) - len(widgets)):
            self._charts.mount(ChartWidget(self._charts))
        for widget, tag in zip(self._charts.query_children(ChartWidget), shown, strict=False):
            widget.show(compared_chart(tag, found), tone=TONES.get(tag, Tone.OTHER))

    def _show_samples(self, found: ReadComparison) -> None:
        """Draw the newest samples of each run, as many runs as have room."""
        count = max(1, min(MOST_GRIDS, len(found.names), self.size.width // GRID_COLUMNS))
        room = self.content_size.width // count - len(f"{SIGN}  ") - 1
        self._samples.remove_children()
        for at in range(count):
            preview, grid = found.previews[at], TileGrid()
            names = preview.started.class_names if preview.started is not None else ()
            title = Static(run_title(shorten(found.names[at], room), at), markup=False)
            self._samples.mount(Vertical(title, grid, classes="compared-run"))
            grid.show(preview.samples, names, placeholder="no samples")


def compared_tags(found: ReadComparison) -> list[str]:
    """Return the tags of all charts: those of the first run first."""
    return list(dict.fromkeys(curve.tag for preview in found.previews for curve in preview.curves))


def compared_chart(tag: str, found: ReadComparison) -> Chart:
    """Return the chart of one metric with a curve for each run that logs it, over optimizer steps."""
    pairs = [(at, curve) for at, preview in enumerate(found.previews) for curve in preview.curves if curve.tag == tag]
    fraction = names_fraction(tag) and all(_is_fraction(curve) for _, curve in pairs)
    curves = [_curve(found.names[at], curve, at) for at, curve in pairs]
    return Chart(
        title=tag, curves=curves, y_range=StableRange((0.0, 1.0) if fraction else None), percent=fraction, unit="steps"
    )


def _is_fraction(curve: PreviewCurve) -> bool:
    return bool(((curve.value >= 0) & (curve.value <= 1)).all())


def _curve(name: str, curve: PreviewCurve, at: int) -> Curve:
    return Curve(
        label=name, x=curve.step, raw=curve.value, smooth=curve.smooth, points=curve.sparse, run=at % len(PALETTE)
    )
