"""Formatting of a figure with its confidence interval, for tables."""

from __future__ import annotations

from collections.abc import Sequence

UNEVEN = 0.25
"""Largest difference between both halves of an interval, as a share of its length, at which it is still shown as ±."""


def with_interval(value: float, interval: Sequence[float] | None, decimals: int, scale: float = 1.0) -> str:
    """Format a figure with its interval: `98.10 ± .60`, or `98.10 (97.20 to 98.30)` where its halves differ.

    A fraction becomes per cent with `scale` 100. Without an interval, only the figure is formatted.
    """
    if interval is None:
        return f"{value * scale:.{decimals}f}"
    low, high = (end * scale for end in interval)
    below, above = value * scale - low, high - value * scale
    if abs(above - below) <= max(UNEVEN * (above + below), 10.0**-decimals):
        return with_margin(value, interval, decimals, scale)
    return with_both_ends(value, interval, decimals, scale)


def with_both_ends(value: float, interval: Sequence[float], decimals: int, scale: float = 1.0) -> str:
    """Format a figure with both ends of its interval: `98.1 (97.2 to 98.3)`."""
    low, high = (end * scale for end in interval)
    return f"{value * scale:.{decimals}f} ({low:.{decimals}f} to {high:.{decimals}f})"


def with_margin(value: float, interval: Sequence[float], decimals: int, scale: float = 1.0) -> str:
    """Format a figure with the larger half of its interval, for columns that are too narrow for both ends."""
    half = max(value - interval[0], interval[1] - value) * scale
    return f"{value * scale:.{decimals}f} ± {without_zero(half, decimals)}"


def both_ends(interval: Sequence[float], decimals: int = 3) -> str:
    """Format an interval by its ends, such as `0.912 … 0.934`."""
    low, high = interval
    return f"{low:.{decimals}f} … {high:.{decimals}f}"


def without_zero(value: float, decimals: int) -> str:
    """Format a number without the zero before its decimal point, such as `.60`."""
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("0.") else text
