"""Round numbers for axes, and short text of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from jem_tui.minus_sign import minus_signs

LABEL_WIDTH = 6
"""Columns for a tick label, such as −12.5k; longer labels are not drawn."""
VALUE_WIDTH = 7
"""Columns of the longest value, such as −1234.5."""
COMPACT_WIDTH = 6
"""Columns of nearly all compact values, such as −0.471."""
COMPACT_PERCENT_WIDTH = 5
"""Columns of nearly all compact percentages, such as 97.1%."""
_SUFFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
SMALLEST, LARGEST = 1e-290, 1e290
"""Range of magnitudes that charts distinguish: twice or a tenth of any such number is still a normal double."""
_LIMITS = (1e-300, 1e308)
"""Smallest and largest power of ten in steps."""
_EXACT = 1e-14
"""Relative difference below which doubles do not distinguish ticks."""
_EXTENTS = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)


def nice_step(span: float, count: int) -> float:
    """Return the smallest of 1, 2 or 5 times a power of ten that divides `span` into at most `count` steps."""
    rough = _bounded(span / max(1, count))
    power = 10.0 ** math.floor(math.log10(rough))
    return next((power * factor for factor in (1, 2, 5) if power * factor >= rough * (1 - 1e-9)), power * 10)


def nice_extent(value: float) -> float:
    """Return the next larger round number, at most a quarter larger: an axis that ends on a round number moves rarely."""
    value = _bounded(value)
    power = 10.0 ** math.floor(math.log10(value))
    return next((power * factor for factor in _EXTENTS if power * factor >= value * (1 - 1e-9)), power * 10)


def _bounded(size: float) -> float:
    return 1.0 if math.isnan(size) else min(_LIMITS[1], max(_LIMITS[0], size))


def ticks(low: float, high: float, count: int) -> list[float]:
    """Return about `count` round values in [low, high]; none if the range is empty or not finite."""
    span = high - low
    if not (0 < span < math.inf) or span <= _EXACT * max(abs(low), abs(high)):
        return []
    step = nice_step(span, count)
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [index * step for index in range(first, last + 1)]


def tick_labels(values: Sequence[float]) -> list[str]:
    """Return short labels of equally spaced values, in one unit, with as many decimals as the spacing needs."""
    if not values:
        return []
    if not all(map(math.isfinite, values)):
        return [value_text(value) for value in values]
    step = (abs(values[1] - values[0]) if len(values) > 1 else abs(values[0])) or 1.0
    largest = max(abs(value) for value in values)
    if not 1e-2 <= largest < 1e15:
        return ["0" if abs(value) < step / 2 else minus_signs(_exponential(value)) for value in values]
    scale, suffix = _unit(largest if step >= 100 else 1.0)
    decimals = max(0, -math.floor(math.log10(step / scale) + 1e-9))
    if decimals > LABEL_WIDTH:
        return [minus_signs(_exponential(value)) for value in values]
    return ["0" if abs(value) < step / 2 else minus_signs(f"{value / scale:.{decimals}f}{suffix}") for value in values]


def distinct_labels(values: Sequence[float]) -> list[str]:
    """Return labels of unequally spaced values, with three significant digits or as many as distinguish them, at most five."""
    several = [[short_label(value, digits) for value in values] for digits in (3, 4, 5)]
    return next((labels for labels in several if len(set(labels)) == len(set(values))), several[0])


def short_label(value: float, digits: int = 3) -> str:
    """Format a single value with `digits` significant digits."""
    if not math.isfinite(value):
        return value_text(value)
    size = abs(value)
    if size and not 1e-3 <= size < 1e15:
        return minus_signs(_exponential(value))
    rounded = float(f"{size:.{digits}g}")
    scale, suffix = _unit(rounded if rounded >= 1e3 else 1.0)
    return minus_signs(f"{value / scale:.{digits}g}{suffix}")


def percent_labels(values: Sequence[float]) -> list[str]:
    """Return labels of fractions in percent."""
    return [label + "%" for label in tick_labels([100 * value for value in values])]


def value_text(value: float) -> str:
    """Format a value in at most `VALUE_WIDTH` characters; digits change their column only when the magnitude changes by ten."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else minus_signs(f"{value:+}".replace("inf", "∞").replace("+", ""))
    size = abs(value)
    if size and not 1e-3 <= size < 999_999:
        return minus_signs(_exponential(value))
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
    return (short_label(percent) if abs(percent) < 1e15 else minus_signs(_exponential(percent, 0))) + "%"


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
        text = _exponential(value, 0) if size < 9.5e-4 else f"{value:.{decimals - 1}f}"
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
    return short_label(value) if abs(value) > 1 else minus_signs(_exponential(value, 0))


def _unit(largest: float) -> tuple[float, str]:
    return next(((scale, suffix) for scale, suffix in _SUFFIXES if largest >= scale), (1.0, ""))


def _exponential(value: float, decimals: int = 1) -> str:
    """Format a value as mantissa and exponent in at most `VALUE_WIDTH` characters."""
    mantissa, exponent = f"{value:.{decimals}e}".split("e")
    text = f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    return text if len(text) <= VALUE_WIDTH or not decimals else _exponential(value, 0)
