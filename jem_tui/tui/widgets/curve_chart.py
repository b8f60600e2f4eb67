"""A chart of one or more series: smoothed lines over the raw band, rasterised by numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from textual.widget import Widget


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One series of a chart: equal lengths, `x` ascending."""

    label: str
    x: NDArray[np.float64]
    raw: NDArray[np.float64]
    smooth: NDArray[np.float64]
    points: bool = False
    """Few, sparse values: markers joined by a line rather than a band."""


class CurveChart(Widget):
    """The curves of one metric over the images seen."""

    def __init__(
        self, title: str, *, tone: str, percent: bool = False, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.last_paint = 0.0
        """Seconds that the last rasterising took."""
        self._title = title
        self._tone = tone
        self._percent = percent
        self._curves: tuple[Curve, ...] = ()
        self._marks: tuple[float, ...] = ()

    def show(self, curves: Sequence[Curve], marks: Sequence[float] = ()) -> None:
        """Take new data, with events marked at the x positions `marks`, and repaint once."""
        self._curves = tuple(curves)
        self._marks = tuple(marks)
        self.refresh()
