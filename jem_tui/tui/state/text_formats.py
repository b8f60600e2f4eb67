"""Formats of numbers, times and paths on the screen."""

from __future__ import annotations

import math
from time import localtime, strftime

from rich.cells import cell_len, set_cell_size

UNKNOWN = "–"
_NO_CLOCK = "--:--:--"
_MOST_DAYS = 1_000_000
"""Days beyond which a forecast is displayed as unknown."""
_MOST_RATE = 1e15
"""Smallest rate that is displayed with an exponent."""


def count(number: int) -> str:
    """Format a whole number with commas."""
    return f"{number:,}"


def of_total(number: int, total: int) -> str:
    """Format `number/total` in a width that depends on the total alone; the number alone if the total is unknown (0)."""
    if total <= 0:
        return count(number)
    whole = count(total)
    return f"{count(number):>{len(whole)}}/{whole}"


def rate(per_second: float | None) -> str:
    """Format a rate in six columns."""
    if per_second is None or not math.isfinite(per_second):
        return f"{UNKNOWN:>6}"
    if abs(per_second) >= _MOST_RATE:
        return f"{per_second:6.0e}"
    return f"{per_second:6,.1f}" if abs(per_second) < 100 else f"{per_second:6,.0f}"


def duration(seconds: float | None) -> str:
    """Format hours, minutes and seconds in eight columns; from 100 hours, days."""
    if seconds is None or not abs(seconds) < _MOST_DAYS * 86400:
        return f"{UNKNOWN:<8}"
    minutes, left = divmod(round(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    sign = "−" if seconds < 0 and hours + minutes + left else ""
    if hours >= 100:
        return f"{sign}{hours // 24:,} days".ljust(8)
    text = f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
    return (sign + text).ljust(8)


def clock(time: float) -> str:
    """Format Unix seconds as local time of day in eight columns; dashes for times beyond the calendar."""
    try:
        return strftime("%H:%M:%S", localtime(time))
    except (OverflowError, ValueError, OSError):
        return _NO_CLOCK


def shorten(text: str, width: int) -> str:
    """Shorten a text to `width` columns by an ellipsis in the middle."""
    if cell_len(text) <= width:
        return text
    if width < 2:
        return "…"[: max(0, width)]
    tail = width // 2
    return truncate(text, width - 1 - tail) + "…" + _end(text, tail)


def truncate(text: str, width: int) -> str:
    """Truncate a text to `width` columns, without half of a wide character."""
    if text.isascii():
        return text[: max(0, width)]
    return set_cell_size(text, min(max(0, width), cell_len(text)))


def _end(text: str, width: int) -> str:
    """Return the end of a text that fits into `width` columns."""
    start = max(0, len(text) - width)
    while cell_len(text[start:]) > width:
        start += 1
    return text[start:]


def fitted(text: str, width: int) -> str:
    """Return `text` in exactly `width` columns, shortened in the middle or padded with spaces."""
    short = shorten(text, width)
    return short + " " * (width - cell_len(short))


def times(factor: float) -> str:
    """Format a multiple, such as "×8" or "×¼"."""
    fractions = {0.25: "¼", 0.5: "½"}
    return f"×{fractions.get(factor, f'{factor:g}')}"
