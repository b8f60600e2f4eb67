"""Short texts of numbers, of a width that hardly changes from value to value."""

from __future__ import annotations

import math

from jem_tui.minus_sign import minus_signs

VALUE_WIDTH = 7
"""Columns of the longest value, such as −1234.5."""
COMPACT_WIDTH = 6
"""Columns of nearly all compact values, such as −0.471."""
COMPACT_PERCENT_WIDTH = 5
"""Columns of nearly all compact percentages, such as 97.1%."""
_SUFFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def value_text(value: float) -> str:
    """Format a value in at most `VALUE_WIDTH` characters; digits change their column only when the magnitude changes by ten."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else minus_signs(f"{value:+}".replace("inf", "∞").replace("+", ""))
    size = abs(value)
    if size and not 1e-3 <= size < 999_999:
        return minus_signs(exponential(value))
    decimals = next((decimals for limit, decimals in ((1, 4), (10, 3), (100, 2), (9999.95, 1)) if size < limit), 0)
    return minus_signs(f"{value:.{decimals}f}")


def percent_text(value: float) -> str:
    """Format a fraction in percent, in at most `VALUE_WIDTH` characters."""
    percent = 100 * value
    if not math.isfinite(percent):
        return value_text(percent)
    text = minus_signs(f"{percent:.1f} %")
    if text == "100.0 %" and value < 1:
        return f"{min(9999, math.floor(100 * percent)) / 100:.2f} %"
    if len(text) <= VALUE_WIDTH:
        return text
    return (short_label(percent) if abs(percent) < 1e15 else minus_signs(exponential(percent, 0))) + "%"


def compact_value(value: float) -> str:
    """Format a value with about three digits, in at most `COMPACT_WIDTH` characters for usual magnitudes."""
    size = abs(value)
    if not math.isfinite(value) or (size and not 1e-4 <= size < 9999.5):
        return value_text(value) if not math.isfinite(value) or size > 1e15 else _compact_extreme(value)
    decimals = next(
        decimals for limit, decimals in ((0.0995, 4), (0.9995, 3), (9.995, 2), (99.95, 1), (9999.5, 0)) if size < limit
    )
    text = f"{value:.{decimals}f}"
    if len(text) > COMPACT_WIDTH:
        # With a decimal less, −0.0004 would read as zero
        text = exponential(value, 0) if size < 9.5e-4 else f"{value:.{decimals - 1}f}"
    return minus_signs(text)


def compact_percent(value: float) -> str:
    """Format a fraction in percent, in at most `COMPACT_PERCENT_WIDTH` characters for usual magnitudes."""
    percent = 100 * value
    if not math.isfinite(percent):
        return value_text(percent)
    if 99.9 < percent < 100:
        return "99.9%"
    text = f"{percent:.1f}%"
    if len(text) > COMPACT_PERCENT_WIDTH:
        text = f"{percent:.0f}%" if abs(percent) < 9999.5 else short_label(percent) + "%"
    return minus_signs(text)


def _compact_extreme(value: float) -> str:
    return short_label(value) if abs(value) > 1 else minus_signs(exponential(value, 0))


def unit_of(largest: float) -> tuple[float, str]:
    """Return the scale and the suffix of the unit of a magnitude, such as 1000 and k."""
    return next(((scale, suffix) for scale, suffix in _SUFFIXES if largest >= scale), (1.0, ""))


def exponential(value: float, decimals: int = 1) -> str:
    """Format a value as mantissa and exponent in at most `VALUE_WIDTH` characters."""
    mantissa, exponent = f"{value:.{decimals}e}".split("e")
    text = f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    return text if len(text) <= VALUE_WIDTH or not decimals else exponential(value, 0)


def short_label(value: float, digits: int = 3) -> str:
    """Format a single value with `digits` significant digits."""
    if not math.isfinite(value):
        return value_text(value)
    size = abs(value)
    if size and not 1e-3 <= size < 1e15:
        return minus_signs(exponential(value))
    rounded = float(f"{size:.{digits}g}")
    scale, suffix = unit_of(rounded if rounded >= 1e3 else 1.0)
    return minus_signs(f"{value / scale:.{digits}g}{suffix}")
