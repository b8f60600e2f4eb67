"""Curves reduced to columns of dots, with the inks in which they are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jem_tui.raster.plot.canvas import DOTS_HIGH, Dots, Ink, fill, scatter
from jem_tui.raster.plot.columns.curves import Curve, Envelope, curve_envelopes
from jem_tui.raster.plot.scales.scale import Limits
from jem_tui.raster.plot.scales.warp import Warp

_CELLS_PER_MARKER = 3
"""Minimum of average cells per point at which points are drawn as markers, not as dots."""


@dataclass(frozen=True, slots=True)
class CurveInks:
    """Inks of the parts of a curve."""

    line: Ink
    band: Ink
    envelope: Ink


@dataclass(frozen=True, slots=True)
class BucketedCurve:
    """Curve over the columns of a plot, with warped values."""

    curve: Curve
    raw: Envelope
    """Smallest and largest raw values."""
    middle: Envelope
    """10th to 90th percentile of the raw values."""
    smooth: Envelope
    inks: CurveInks
    hidden: int
    """Number of points within the limits of the x axis that the scale cannot show."""
    within: int
    """Number of points within the limits of the x axis."""

    def marked(self, columns: int) -> bool:
        """Return whether the curve is drawn as markers: points with enough room on `columns` cells."""
        return self.curve.points and self.within * _CELLS_PER_MARKER <= columns

    def dots(self, x_axis: Limits, y_axis: Limits, warp: Warp, size: tuple[int, int]) -> Dots:
        """Return the dots of the smoothed line or of points, on `size` (columns, rows) cells; none for a curve with markers."""
        if not self.curve.points:
            return fill(self.smooth, y_axis, size[1] * DOTS_HIGH)
        shown = slice(0, 0 if self.marked(size[0]) else None)
        return scatter(self.curve.x[shown], warp.forward(self.curve.smooth[shown]), x_axis, y_axis, size)


def bucket_curve(curve: Curve, index: int, x_axis: Limits, width: int, warp: Warp) -> BucketedCurve:
    """Reduce a curve to `width` columns of dots, and warp the bucketed values: warping all points costs more."""
    first, last = np.searchsorted(curve.x, x_axis[0]), np.searchsorted(curve.x, x_axis[1], side="right")
    found = curve_envelopes(curve, x_axis, width, warp)
    raw, middle, smooth = (each.mapped(warp.forward) for each in (found.extremes, found.middle, found.line))
    return BucketedCurve(curve, raw, middle, smooth, _inks(curve, index), found.hidden, int(last - first))


def _inks(curve: Curve, index: int) -> CurveInks:
    if curve.ahead:
        return CurveInks(Ink.AHEAD, Ink.AHEAD, Ink.AHEAD)
    if curve.run is not None:
        return CurveInks(Ink(Ink.RUN_0 + curve.run), Ink.BAND, Ink.ENVELOPE)
    if index:
        return CurveInks(Ink.SECOND_LINE, Ink.SECOND_BAND, Ink.SECOND_ENVELOPE)
    return CurveInks(Ink.LINE, Ink.BAND, Ink.ENVELOPE)
