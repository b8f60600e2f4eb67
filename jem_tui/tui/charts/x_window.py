"""The part of the x axis that is looked at: everything, a stretch that moves with the newest point, or one that stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jem_tui.raster.plot.ranges import least_width, nonempty_limits, x_limits
from jem_tui.raster.plot.scale import Limits

_CLOSEST = 1e-5
"""Share of everything that is the narrowest stretch."""
_ALMOST = 0.75
"""Share of everything from which viewport at more is viewport at everything: a run has grown since it was zoomed in."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What there is on an x axis."""

    first: float
    newest: float
    """Where the run is."""
    last: float
    """Where its recording ends; the newest while training."""

    @property
    def whole(self) -> Limits:
        """Round limits around all of it."""
        return x_limits(self.first, self.last)


@dataclass(frozen=True, slots=True)
class XWindow:
    """`width` None: everything; `end` None: anchored to the newest point."""

    width: float | None = None
    end: float | None = None

    def limits(self, extent: Extent) -> Limits:
        """What the x axis spans."""
        if self.width is None:
            return extent.whole
        end = extent.newest if self.end is None else self.end
        return nonempty_limits(end - self.width, end)

    def zoomed(self, factor: float, extent: Extent, at: float | None = None) -> XWindow:
        """`factor` times as wide around `at`; without it, around the newest point or the middle."""
        low, high = self.limits(extent)
        whole = extent.whole[1] - extent.whole[0]
        width = max(whole * _CLOSEST, least_width(low, high), (high - low) * factor)
        if width >= whole * (_ALMOST if factor > 1 else 1):
            return XWindow()
        if at is None and self.end is None:
            return XWindow(width)
        at = (low + high) / 2 if at is None else at
        return XWindow(width, at + (high - at) * width / (high - low)).anchored(extent)

    def panned(self, share: float, extent: Extent) -> XWindow:
        """So many widths to the right, as far as there is something; everything has nowhere to go."""
        if self.width is None:
            return self
        end = self.limits(extent)[1] + share * self.width
        return XWindow(self.width, end).anchored(extent)

    def anchored(self, extent: Extent) -> XWindow:
        """Kept within what there is, and tied to the newest point where that is the end of everything."""
        if self.width is None or self.end is None:
            return self
        if self.end >= extent.last == extent.newest:
            return XWindow(self.width)
        return XWindow(self.width, min(extent.last, max(self.end, extent.first + self.width)))

    def follow_newest(self) -> XWindow:
        """Back to the newest point; everything if that is where it was."""
        return XWindow() if self.end is None else XWindow(self.width)

    def converted(self, extent: Extent, to: Callable[[float], float]) -> XWindow:
        """The same stretch on another axis."""
        if self.width is None:
            return self
        low, high = (to(place) for place in self.limits(extent))
        return XWindow(high - low, None if self.end is None else high) if high > low else XWindow()
