"""Curves by columns of dots: what of each is drawn, where, and in which ink."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jem_tui.tui.raster.curves import Curve, Envelope, Floats, band, line
from jem_tui.tui.raster.plot import DOTS_HIGH, Dots, Ink, fill, scatter
from jem_tui.tui.raster.scale import Limits
from jem_tui.tui.raster.warp import Warp

_CELLS_PER_MARKER = 3
"""Points that are closer than this on average are dots."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A curve over the columns of a plot; values are warped."""

    curve: Curve
    raw: Envelope
    smooth: Envelope
    line_ink: Ink
    band_ink: Ink
    hidden: int
    """Points within the plot that its scale cannot show."""

    @property
    def banded(self) -> bool:
        """Whether the raw values are drawn, too."""
        return not self.curve.points and not self.curve.ahead and self.curve.run is None

    def marked(self, columns: int) -> bool:
        """Whether the curve is points that do not run into one another as markers."""
        return self.curve.points and len(self.curve.x) * _CELLS_PER_MARKER <= columns

    def dots(self, x_axis: Limits, y_axis: Limits, warp: Warp, size: tuple[int, int]) -> Dots:
        """The smoothed line, or points by themselves, on `size` (columns, rows) cells; none for what has markers."""
        if not self.curve.points:
            return fill(self.smooth, y_axis, size[1] * DOTS_HIGH)
        shown = slice(0, 0 if self.marked(size[0]) else None)
        return scatter(self.curve.x[shown], warp.forward(self.curve.smooth[shown]), x_axis, y_axis, size)


def measure(curve: Curve, index: int, x_axis: Limits, width: int, warp: Warp) -> Measured:
    """Bucket a curve into `width` columns of dots; warping only what is left of it is the same and much cheaper."""
    shown, hidden = _shown(curve, curve.raw, x_axis, warp)
    smooth = line(*_shown(curve, curve.smooth, x_axis, warp)[0], x_axis, width).mapped(warp.forward)
    raw = smooth if curve.points else band(*shown, x_axis, width).mapped(warp.forward)
    return Measured(curve, raw, smooth, *_inks(curve, index), hidden)


def _shown(curve: Curve, y: Floats, x_axis: Limits, warp: Warp) -> tuple[tuple[Floats, Floats], int]:
    """The points that the scale can show, and how many within the plot it cannot."""
    hides = warp.hides(y)
    if hides is None:
        return (curve.x, y), 0
    within = hides & (curve.x >= x_axis[0]) & (curve.x <= x_axis[1])
    return (curve.x[~hides], y[~hides]), int(np.count_nonzero(within))


def _inks(curve: Curve, index: int) -> tuple[Ink, Ink]:
    """Of the line and of the band."""
    if curve.ahead:
        return Ink.AHEAD, Ink.AHEAD
    if curve.run is not None:
        return Ink(Ink.RUN_0 + curve.run), Ink.BAND
    return (Ink.SECOND_LINE, Ink.SECOND_BAND) if index else (Ink.LINE, Ink.BAND)
