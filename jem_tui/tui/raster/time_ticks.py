"""Round durations for the x axis, and their text."""

from __future__ import annotations

import math

from jem_tui.tui.raster.ticks import nice_step

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


def time_ticks(low: float, high: float, count: int) -> list[float]:
    """Round times in [low, high], in whole seconds, at most about `count` of them."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return []
    wanted = span / max(1, count)
    days = _DAY * nice_step(span / _DAY, count)
    step = next((float(step) for step in _STEPS if step >= wanted), days)
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [index * step for index in range(first, last + 1)]


def time_labels(seconds: list[float]) -> list[str]:
    """Hours and minutes, or minutes and seconds where an hour is not reached; days where they are many."""
    longest = max(seconds, default=0.0)
    return [duration_label(value, longest) for value in seconds]


def duration_label(seconds: float, longest: float | None = None) -> str:
    """A time since the start; `longest` is the one that decides about the units."""
    longest = seconds if longest is None else longest
    whole = round(seconds)
    if longest >= 10 * _DAY:
        return f"{seconds / _DAY:.3g}d"
    if longest >= _HOUR:
        exact = f":{whole % 60:02}" if whole % 60 else ""
        return f"{whole // 3600}:{whole // 60 % 60:02}{exact}" + ("" if exact else "h")
    return f"{whole // 60}:{whole % 60:02}"
