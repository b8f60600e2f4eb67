"""The preview of the selected run: its facts, curves and newest samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE, RunStarted
from jem_tui.number_text import names_fraction
from jem_tui.printable import printable
from jem_tui.raster.plot.chart import Chart
from jem_tui.raster.plot.columns.curves import Curve
from jem_tui.raster.plot.ranges import StableRange
from jem_tui.stream.runs.followed_catalog import CatalogRun
from jem_tui.tui.browser.run_columns import accuracy_text, short_split
from jem_tui.tui.browser.run_preview import HELD_OUT, PreviewCurve, RunPreview
from jem_tui.tui.charts.chart_styles import ChartStyles
from jem_tui.tui.charts.chart_widget import ChartWidget
from jem_tui.tui.preferences.theme import MUTED, Tone
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.samples.tile_grid import TileGrid
from jem_tui.tui.state.text_formats import shorten

TONES = {TOTAL: Tone.TOTAL, NRG: Tone.NRG, XE: Tone.XE, ACCURACY: Tone.ACCURACY, HELD_OUT: Tone.ACCURACY}
CHART_ROWS, CHART_COLUMNS = 8, 30
"""Minimum rows and columns of a chart."""
MOST_CHARTS = 4
READING = "reading the log …"


@contain_failures
class PreviewPane(Container):
    """Pane with facts above charts and samples; a narrow pane has one column of charts."""

    DEFAULT_CSS = """
    PreviewPane { padding: 0 1; }
    #preview-facts { height: auto; max-height: 5; margin-bottom: 1; }
    #preview-charts { layout: grid; grid-gutter: 0 2; height: 3fr; }
    #preview-samples { height: 2fr; margin-top: 1; }
    PreviewPane.-flat {
        #preview-body { layout: horizontal; }
        #preview-charts { width: 3fr; height: 1fr; }
        #preview-samples { width: 2fr; height: 1fr; margin: 0 0 0 2; }
        #preview-facts { max-height: 2; margin-bottom: 0; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._facts = Static(id="preview-facts", markup=False)
        self._charts = ChartStyles(id="preview-charts")
        self._samples = TileGrid(id="preview-samples")
        self._shown: object = None
        self._ranges: dict[str, StableRange] = {}

    def compose(self) -> ComposeResult:
        yield self._facts
        with Vertical(id="preview-body"):
            yield self._charts
            yield self._samples

    def show(self, run: CatalogRun | None, preview: RunPreview | None) -> None:
        """Draw a run as far as its log has been read, unless that is on the screen already."""
        wanted = (run, preview, self.size)
        if wanted == self._shown or not self._charts.is_attached:
            return
        before, self._shown = self._shown, wanted
        if isinstance(before, tuple) and (before[0] and before[0].path) != (run and run.path):
            self._ranges.clear()
        self._facts.update(Content("\n").join(fact_rows(run, preview, self._facts.size.width)))
        self._show_charts(() if preview is None else preview.curves)
        if preview is None or run is None:
            self._samples.show(None, placeholder="" if run is None else READING)
        else:
            names = preview.started.class_names if preview.started is not None else ()
            self._samples.show(preview.samples, names, placeholder=preview.sentence or "no samples")

    def _show_charts(self, curves: Sequence[PreviewCurve]) -> None:
        groups = list(grouped_curves(curves))[: self._fit_charts(len(list(grouped_curves(curves))))]
        widgets = list(self._charts.query_children(ChartWidget))
        for widget in widgets[len(groups) :]:
            widget.remove()
        for _ in range(len(groups) - len(widgets)):
            self._charts.mount(ChartWidget(self._charts))
        for widget, group in zip(self._charts.query_children(ChartWidget), groups, strict=False):
            widget.show(chart_of(group, self._ranges), tone=TONES.get(group[0].tag, Tone.OTHER))

    def _fit_charts(self, wanted: int) -> int:
        """Arrange the grid of charts and return how many fit."""
        flat = self.size.width > 3 * self.size.height
        self.set_class(flat, "-flat")
        width = (3 * self.size.width) // 5 if flat else self.size.width
        height = self.size.height if flat else (3 * self.size.height) // 5
        across = max(1, min(2, width // CHART_COLUMNS))
        down = max(1, min(2, height // CHART_ROWS))
        shown = min(wanted, across * down, MOST_CHARTS)
        self._charts.styles.grid_size_columns = max(1, min(across, shown))
        self._charts.styles.grid_size_rows = max(1, -(-shown // across))
        return shown


def grouped_curves(curves: Sequence[PreviewCurve]) -> Iterator[list[PreviewCurve]]:
    """Yield the curves of each chart: the accuracy of batches together with that on validation images, all others alone."""
    by_tag = {curve.tag: curve for curve in curves}
    for curve in curves:
        if curve.tag == HELD_OUT and ACCURACY in by_tag:
            continue
        held_out = [by_tag[HELD_OUT]] if curve.tag == ACCURACY and HELD_OUT in by_tag else []
        yield [curve, *held_out]


def chart_of(group: Sequence[PreviewCurve], ranges: dict[str, StableRange]) -> Chart:
    """Return the chart of some curves over optimizer steps; the y axis is kept in `ranges` by tag."""
    first = group[0]
    fraction = names_fraction(first.tag) and all(((each.value >= 0) & (each.value <= 1)).all() for each in group)
    limits = ranges.setdefault(first.tag, StableRange((0.0, 1.0) if fraction else None))
    return Chart(
        title=first.tag, curves=[_curve(each) for each in group], y_range=limits, percent=fraction, unit="steps"
    )


def _curve(curve: PreviewCurve) -> Curve:
    label = curve.tag.partition("/")[0] if curve.sparse else "batch"
    return Curve(label=label, x=curve.step, raw=curve.value, smooth=curve.smooth, points=curve.sparse)


def fact_rows(run: CatalogRun | None, preview: RunPreview | None, room: int) -> Iterator[Content]:
    """Yield rows on a run: its path and labels in `room` columns, its settings in a few words, and what cannot be displayed."""
    if run is None:
        return
    found, started = run.found, preview.started if preview is not None else None
    yield _name_row(run, room)
    facts = [found.state, printable(Path(found.data).name), printable(found.preset), *_facts_of(started)]
    if found.accuracy is not None:
        facts.insert(1, f"{short_split(found.accuracy_split) or 'eval'} acc {accuracy_text(found.accuracy)}")
    yield Content.styled(" · ".join(filter(None, facts)), MUTED)
    for sentence in filter(None, [found.reason, *(preview.left_out if preview is not None else ())]):
        yield Content.styled(printable(sentence), "$text-warning")


def _name_row(run: CatalogRun, room: int) -> Content:
    """Return the path of a run and its labels, which have up to half of `room` columns."""
    words = [f"#{tag}" for tag in run.found.tags] + ([run.found.note] if run.found.note else [])
    labels = shorten(printable(" ".join(words)), room // 2)
    path = shorten(printable(str(run.path)), room - (cell_len(labels) + 2 if labels else 0))
    return Content.assemble((path, "bold $foreground"), (f"  {labels}" if labels else "", "$text-secondary"))


def _facts_of(started: RunStarted | None) -> Iterator[str]:
    if started is not None and started.parameters:
        yield f"{started.parameters:,} parameters"
    if started is not None and started.device:
        yield printable(started.device)
