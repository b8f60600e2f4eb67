"""Round durations for the x axis, and text of durations."""

from __future__ import annotations

import math

from jem_tui.raster.plot.scales.ticks import ticks

_HOUR, _DAY = 3600.0, 86400.0
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


def time_ticks(low: float, high: float, count: int) -> list[float]:
    """Return about `count` round times in [low, high], in whole seconds."""
    span = high - low
    wanted = span / max(1, count)
    step = next((float(step) for step in _STEPS if step >= wanted), None)
    if step is None or not span > 0:
        return [_DAY * days for days in ticks(low / _DAY, high / _DAY, count)]
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [index * step for index in range(first, last + 1)]


def time_labels(seconds: list[float]) -> list[str]:
    """Return labels in hours and minutes, in minutes and seconds below an hour, or in days from ten days on."""
    longest = max(map(abs, seconds), default=0.0)
    return [duration_label(value, longest) for value in seconds]


def duration_label(seconds: float, longest: float | None = None) -> str:
    """Format the time since the start in the units that suit `longest` seconds."""
    longest = max(abs(seconds), abs(longest or 0.0))
    if not math.isfinite(seconds) or longest >= 10 * _DAY:
        return f"{seconds / _DAY:.3g}d"
    whole = round(abs(seconds))
    sign = "-" if seconds < 0 and whole else ""
    if longest >= _HOUR:
        exact = f":{whole % 60:02}" if whole % 60 else ""
        return f"{sign}{whole // 3600}:{whole // 60 % 60:02}{exact}" + ("" if exact else "h")
    return f"{sign}{whole // 60}:{whole % 60:02}"
