"""Curves by columns of dots: what of each is drawn, where, and in which ink."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.plot.canvas import DOTS_HIGH, Dots, Ink, fill, scatter
from jem_tui.raster.plot.curves import Curve, Envelope, Floats, band_envelope, line_envelope
from jem_tui.raster.plot.scale import Limits
from jem_tui.raster.plot.warp import Warp

_CELLS_PER_MARKER = 3
"""Points that are closer than this on average are dots."""


@dataclass(frozen=True, slots=True)
class BucketedCurve:
    """A curve over the columns of a plot; values are warped."""

    curve: Curve
    raw: Envelope
    smooth: Envelope
    line_ink: Ink
    band_ink: Ink
    hidden: int
    """Points within the plot that its scale cannot show."""
    within: int
    """Points between the ends of the x axis."""

    @property
    def banded(self) -> bool:
        """Whether the raw values are drawn, too."""
        return not self.curve.points and not self.curve.ahead and self.curve.run is None

    def marked(self, columns: int) -> bool:
        """Return whether the curve is points that do not run into one another as markers."""
        return self.curve.points and self.within * _CELLS_PER_MARKER <= columns

    def dots(self, x_axis: Limits, y_axis: Limits, warp: Warp, size: tuple[int, int]) -> Dots:
        """The smoothed line, or points by themselves, on `size` (columns, rows) cells; none for what has markers."""
        if not self.curve.points:
            return fill(self.smooth, y_axis, size[1] * DOTS_HIGH)
        shown = slice(0, 0 if self.marked(size[0]) else None)
        return scatter(self.curve.x[shown], warp.forward(self.curve.smooth[shown]), x_axis, y_axis, size)


def bucket_curve(curve: Curve, index: int, x_axis: Limits, width: int, warp: Warp) -> BucketedCurve:
    """Bucket a curve into `width` columns of dots; warping only what is left of it is the same and much cheaper."""
    first, last = np.searchsorted(curve.x, x_axis[0]), np.searchsorted(curve.x, x_axis[1], side="right")
    smooth = line_envelope(curve.x, _shown(curve.smooth, warp)[0], x_axis, width)
    shown, hides = _shown(curve.raw, warp)
    raw = band_envelope(curve.x, shown, x_axis, width)
    hidden = 0
    if hides is not None:
        raw = replace(raw, nan=band_envelope(curve.x, curve.raw, x_axis, width).nan)
        hidden = int(np.count_nonzero(hides[first:last]))
    raw, smooth = raw.mapped(warp.forward), smooth.mapped(warp.forward)
    return BucketedCurve(curve, raw, smooth, *_inks(curve, index), hidden, int(last - first))


def _shown(y: Floats, warp: Warp) -> tuple[Floats, NDArray[np.bool_] | None]:
    """Return the values with NaN for those that the scale cannot show, and which these are."""
    hides = warp.hides(y)
    return (y, None) if hides is None else (np.where(hides, np.nan, y), hides)


def _inks(curve: Curve, index: int) -> tuple[Ink, Ink]:
    """Of the line and of the band."""
    if curve.ahead:
        return Ink.AHEAD, Ink.AHEAD
    if curve.run is not None:
        return Ink(Ink.RUN_0 + curve.run), Ink.BAND
    return (Ink.SECOND_LINE, Ink.SECOND_BAND) if index else (Ink.LINE, Ink.BAND)
