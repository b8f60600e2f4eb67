"""The four charts of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from textual.app import ComposeResult
from textual.containers import Container

from jem_tui.events import ACCURACY, NRG, TOTAL, XE
from jem_tui.tui.lineup import Entrant
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

    def show(self, run: Run, lineup: Sequence[Entrant] = ()) -> None:
        """Hand the series of `run` to the charts; in a `lineup` of several, the lines of all of them over one another."""
        for tag, tone in TONES.items():
            self._chart(tone).show(
                [*_curves(run, tag, tag, lineup), *_ahead(run, tag)],
                [mark.images for mark in run.marks if mark.kind != "epoch"],
            )
        chart = self._chart("accuracy")
        held_out = _held_out(run, abbreviated=chart.size.width < ROOM_FOR_NAMES)
        chart.show(
            [*_curves(run, ACCURACY, "batch", lineup), *held_out, *_ahead(run, ACCURACY)],
            [mark.images for mark in run.marks if mark.kind != "epoch"],
        )

    def _chart(self, tone: str) -> CurveChart:
        return self.query_one(f"#chart-{tone}", CurveChart)


def _curves(run: Run, tag: str, label: str, lineup: Sequence[Entrant]) -> Iterator[Curve]:
    """The curve of one run, or a line for each run of several."""
    if not lineup:
        yield from _curve(run, tag, label)
    for entrant in lineup:
        for curve in _curve(entrant.run, tag, entrant.name):
            yield replace(curve, run=entrant.place)


def _curve(run: Run, tag: str, label: str, *, points: bool = False) -> Iterator[Curve]:
    """One curve, or none while there is nothing to draw."""
    series = run.series.get(tag, Series())
    if len(series):
        smooth = series.values if points else series.smoothed(0.95)
        yield Curve(label=label, x=series.images, raw=series.values, smooth=smooth, points=points)


def _ahead(run: Run, tag: str) -> Iterator[Curve]:
    """What a recording has still to tell of a metric."""
    whole = run.ahead.get(tag)
    if whole is not None and whole.images[-1] > run.images:
        rest = whole[int(np.searchsorted(whole.images, run.images)) :]
        yield Curve(label=tag, x=rest.images.astype(np.float64), raw=rest.values, smooth=rest.values, ahead=True)


def _held_out(run: Run, *, abbreviated: bool) -> Iterator[Curve]:
    """The accuracy on the validation split, or on the first split that has one."""
    splits = [tag.removesuffix("/accuracy") for tag in run.scores if tag.endswith("/accuracy")]
    for split in sorted(splits, key=lambda split: split != "validation")[:1]:
        yield from _curve(run, f"{split}/accuracy", split[:3] if abbreviated else split, points=True)
