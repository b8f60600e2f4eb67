"""Curves reduced to columns of dots, with the inks in which they are drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.plot.canvas import DOTS_HIGH, Dots, Ink, fill, scatter
from jem_tui.raster.plot.curves import Curve, Envelope, Floats, band_envelope, line_envelope
from jem_tui.raster.plot.scale import Limits
from jem_tui.raster.plot.warp import Warp

_CELLS_PER_MARKER = 3
"""Minimum of average cells per point at which points are drawn as markers, not as dots."""


@dataclass(frozen=True, slots=True)
class BucketedCurve:
    """Curve over the columns of a plot, with warped values."""

    curve: Curve
    raw: Envelope
    smooth: Envelope
    line_ink: Ink
    band_ink: Ink
    hidden: int
    """Number of points within the limits of the x axis that the scale cannot show."""
    within: int
    """Number of points within the limits of the x axis."""

    @property
    def banded(self) -> bool:
        """True if the raw values are drawn as a band."""
        return not self.curve.points and not self.curve.ahead and self.curve.run is None

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
    smooth = line_envelope(curve.x, _without_hidden(curve.smooth, warp)[0], x_axis, width)
    shown, hides = _without_hidden(curve.raw, warp)
    raw = band_envelope(curve.x, shown, x_axis, width)
    hidden = 0
    if hides is not None:
        raw = replace(raw, nan=band_envelope(curve.x, curve.raw, x_axis, width).nan)
        hidden = int(np.count_nonzero(hides[first:last]))
    raw, smooth = raw.mapped(warp.forward), smooth.mapped(warp.forward)
    return BucketedCurve(curve, raw, smooth, *_inks(curve, index), hidden, int(last - first))


def _without_hidden(y: Floats, warp: Warp) -> tuple[Floats, NDArray[np.bool_] | None]:
    """Return the values with NaN in place of those that the scale cannot show, and the mask of the replaced values."""
    hides = warp.hides(y)
    return (y, None) if hides is None else (np.where(hides, np.nan, y), hides)


def _inks(curve: Curve, index: int) -> tuple[Ink, Ink]:
    """Return the inks of the line and of the band."""
    if curve.ahead:
        return Ink.AHEAD, Ink.AHEAD
    if curve.run is not None:
        return Ink(Ink.RUN_0 + curve.run), Ink.BAND
    return (Ink.SECOND_LINE, Ink.SECOND_BAND) if index else (Ink.LINE, Ink.BAND)
