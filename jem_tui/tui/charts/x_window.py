"""Visible part of the x axis: the whole axis, a part that follows the newest point, or a fixed part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jem_tui.raster.plot.ranges import minimum_width, nonempty_limits, x_limits
from jem_tui.raster.plot.scales.scale import Limits

_CLOSEST = 1e-5
"""Width of the narrowest part, as a share of the whole axis."""
_ALMOST = 0.75
"""Minimum share of the axis at which zooming out shows the whole axis, which has grown since the user zoomed in."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Positions of the data on an x axis."""

    first: float
    newest: float
    """Position of the newest point."""
    last: float
    """End of the recording; equal to `newest` while training."""

    @property
    def whole(self) -> Limits:
        """Round limits around all data."""
        return x_limits(self.first, self.last)


@dataclass(frozen=True, slots=True)
class XWindow:
    """Visible part of the x axis: the whole axis if `width` is None, anchored to the newest point if `end` is None."""

    width: float | None = None
    end: float | None = None

    def limits(self, extent: Extent) -> Limits:
        """Return the limits of the x axis."""
        if self.width is None:
            return extent.whole
        end = extent.newest if self.end is None else self.end
        return nonempty_limits(end - self.width, end)

    def zoomed(self, factor: float, extent: Extent, at: float | None = None) -> XWindow:
        """Return a window `factor` times as wide, around `at`, else the newest point if anchored, else the middle."""
        low, high = self.limits(extent)
        whole = extent.whole[1] - extent.whole[0]
        width = max(whole * _CLOSEST, minimum_width(low, high), (high - low) * factor)
        if width >= whole * (_ALMOST if factor > 1 else 1):
            return XWindow()
        if at is None and self.end is None:
            return XWindow(width)
        at = (low + high) / 2 if at is None else at
        return XWindow(width, at + (high - at) * width / (high - low)).anchored(extent)

    def panned(self, share: float, extent: Extent) -> XWindow:
        """Return a window moved to the right by `share` of its width, within the data; the whole axis stays."""
        if self.width is None:
            return self
        end = self.limits(extent)[1] + share * self.width
        return XWindow(self.width, end).anchored(extent)

    def anchored(self, extent: Extent) -> XWindow:
        """Return a window within the data, anchored to the newest point if it reaches that point and no later data exist."""
        if self.width is None or self.end is None:
            return self
        if self.end >= extent.last == extent.newest:
            return XWindow(self.width)
        return XWindow(self.width, min(extent.last, max(self.end, extent.first + self.width)))

    def follow_newest(self) -> XWindow:
        """Return a window anchored to the newest point, or the whole axis if it is anchored already."""
        return XWindow() if self.end is None else XWindow(self.width)

    def converted(self, extent: Extent, to: Callable[[float], float]) -> XWindow:
        """Return the window converted to another axis by the function `to`."""
        if self.width is None:
            return self
        low, high = (to(place) for place in self.limits(extent))
        return XWindow(high - low, None if self.end is None else high) if high > low else XWindow()
