"""Numbers and paths as the screen writes them."""

from __future__ import annotations

from time import localtime, strftime

UNKNOWN = "–"


def count(number: int) -> str:
    return f"{number:,}"


def of_total(number: int, total: int) -> str:
    """`number/total` in a width that the total alone decides; the number alone if the total is unknown (0)."""
    if total <= 0:
        return count(number)
    whole = count(total)
    return f"{count(number):>{len(whole)}}/{whole}"


def rate(per_second: float | None) -> str:
    """Six columns."""
    if per_second is None:
        return f"{UNKNOWN:>6}"
    return f"{per_second:6,.1f}" if per_second < 100 else f"{per_second:6,.0f}"


def duration(seconds: float | None) -> str:
    """Hours, minutes and seconds in eight columns, days if need be."""
    if seconds is None:
        return f"{UNKNOWN:<8}"
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 100:
        return f"{hours // 24:,} days".ljust(8)
    return f"{hours}:{minutes:02}:{left:02}".ljust(8) if hours else f"{minutes}:{left:02}".ljust(8)


def clock(time: float) -> str:
    """Local time of day of Unix seconds."""
    return strftime("%H:%M:%S", localtime(time))


def shorten(text: str, width: int) -> str:
    """Cut from the middle to `width` columns."""
    if len(text) <= width:
        return text
    if width < 2:
        return "…"[:width]
    tail = width // 2
    return text[: width - 1 - tail] + "…" + text[len(text) - tail :]


def times(factor: float) -> str:
    """A multiple: "×8", "×¼"."""
    fractions = {0.25: "¼", 0.5: "½"}
    return f"×{fractions.get(factor, f'{factor:g}')}"
