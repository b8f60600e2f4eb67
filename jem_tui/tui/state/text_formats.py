"""Numbers and paths as the screen writes them."""

from __future__ import annotations

import math
from time import localtime, strftime

from rich.cells import cell_len, set_cell_size

UNKNOWN = "–"
_NO_CLOCK = "--:--:--"
_MOST_DAYS = 1_000_000
"""Longest time that counts as a forecast."""
_MOST_RATE = 1e15
"""Largest rate that is written without an exponent."""


def count(number: int) -> str:
    """Write a whole number with commas."""
    return f"{number:,}"


def of_total(number: int, total: int) -> str:
    """Write `number/total` in a width that the total alone decides; the number alone if the total is unknown (0)."""
    if total <= 0:
        return count(number)
    whole = count(total)
    return f"{count(number):>{len(whole)}}/{whole}"


def rate(per_second: float | None) -> str:
    """Write a rate in six columns."""
    if per_second is None or not math.isfinite(per_second):
        return f"{UNKNOWN:>6}"
    if abs(per_second) >= _MOST_RATE:
        return f"{per_second:6.0e}"
    return f"{per_second:6,.1f}" if abs(per_second) < 100 else f"{per_second:6,.0f}"


def duration(seconds: float | None) -> str:
    """Write hours, minutes and seconds in eight columns, days if need be."""
    if seconds is None or not abs(seconds) < _MOST_DAYS * 86400:
        return f"{UNKNOWN:<8}"
    minutes, left = divmod(round(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    sign = "-" if seconds < 0 and hours + minutes + left else ""
    if hours >= 100:
        return f"{sign}{hours // 24:,} days".ljust(8)
    text = f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
    return (sign + text).ljust(8)


def clock(time: float) -> str:
    """Write the local time of day of Unix seconds in eight columns; dashes where no calendar reaches."""
    try:
        return strftime("%H:%M:%S", localtime(time))
    except (OverflowError, ValueError, OSError):
        return _NO_CLOCK


def shorten(text: str, width: int) -> str:
    """Cut from the middle to `width` columns."""
    if cell_len(text) <= width:
        return text
    if width < 2:
        return "…"[: max(0, width)]
    tail = width // 2
    return cut(text, width - 1 - tail) + "…" + _end(text, tail)


def cut(text: str, width: int) -> str:
    """Keep what fits into `width` columns; half of a wide character is left out."""
    if text.isascii():
        return text[: max(0, width)]
    return set_cell_size(text, min(max(0, width), cell_len(text)))


def _end(text: str, width: int) -> str:
    """Keep the end that fits into `width` columns."""
    start = max(0, len(text) - width)
    while cell_len(text[start:]) > width:
        start += 1
    return text[start:]


def fitted(text: str, width: int) -> str:
    """Write `text` in exactly `width` columns: cut from the middle, or filled up with spaces."""
    short = shorten(text, width)
    return short + " " * (width - cell_len(short))


def times(factor: float) -> str:
    """Write a multiple: "×8", "×¼"."""
    fractions = {0.25: "¼", 0.5: "½"}
    return f"×{fractions.get(factor, f'{factor:g}')}"
