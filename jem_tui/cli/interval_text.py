"""Formatting of a figure with its confidence interval, for tables."""

from __future__ import annotations

from collections.abc import Sequence

UNEVEN = 0.25
"""Largest difference between both halves of an interval, as a share of its length, at which it is still shown as ±."""


def with_interval(value: float, interval: Sequence[float] | None, decimals: int, scale: float = 1.0) -> str:
    """Format a figure with its interval: `98.10 ± .60`, or `98.10 (97.20 to 98.30)` where its halves differ.

    A fraction becomes per cent with `scale` 100. Without an interval, only the figure is formatted.
    """
    shown = f"{value * scale:.{decimals}f}"
    if interval is None:
        return shown
    low, high = interval
    below, above = (value - low) * scale, (high - value) * scale
    if abs(above - below) <= max(UNEVEN * (above + below), 10.0**-decimals):
        return f"{shown} ± {without_zero(max(above, below), decimals)}"
    return f"{shown} ({low * scale:.{decimals}f} to {high * scale:.{decimals}f})"


def without_zero(value: float, decimals: int) -> str:
    """Format a number without the zero before its decimal point, such as `.60`."""
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("0.") else text
