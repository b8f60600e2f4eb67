"""The four charts of a run."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Container

from jem_tui.events import ACCURACY, NRG, TOTAL, XE
from jem_tui.tui.series import Series
from jem_tui.tui.state import Run
from jem_tui.tui.widgets.curve_chart import Curve, CurveChart

ROOM_FOR_NAMES = 60
"""Columns of a chart whose legend has room for the full name of a split."""
TONES = {TOTAL: "total", NRG: "nrg", XE: "xe"}


class CurvesPane(Container):
    """The parts of the loss, and the accuracy on batches and on held-out data."""

    def compose(self) -> ComposeResult:
        for tag, tone in TONES.items():
            yield CurveChart(tag, tone=tone, id=f"chart-{tone}")
        yield CurveChart(ACCURACY, tone="accuracy", percent=True, id="chart-accuracy")

    def show(self, run: Run) -> None:
        """Hand the series of `run` to the charts."""
        for tag, tone in TONES.items():
            self._chart(tone).show(list(_curve(run, tag, tag)), run.marks)
        chart = self._chart("accuracy")
        held_out = _held_out(run, abbreviated=chart.size.width < ROOM_FOR_NAMES)
        chart.show([*_curve(run, ACCURACY, "batch"), *held_out], run.marks)

    def _chart(self, tone: str) -> CurveChart:
        return self.query_one(f"#chart-{tone}", CurveChart)


def _curve(run: Run, tag: str, label: str, *, points: bool = False) -> Iterator[Curve]:
    """One curve, or none while there is nothing to draw."""
    series = run.series.get(tag, Series())
    if len(series):
        smooth = series.raw if points else series.smooth
        yield Curve(label=label, x=series.x, raw=series.raw, smooth=smooth, points=points)


def _held_out(run: Run, *, abbreviated: bool) -> Iterator[Curve]:
    """The accuracy on the validation split, or on the first split that has one."""
    splits = [tag.removesuffix("/accuracy") for tag in run.scores if tag.endswith("/accuracy")]
    for split in sorted(splits, key=lambda split: split != "validation")[:1]:
        yield from _curve(run, f"{split}/accuracy", split[:3] if abbreviated else split, points=True)
