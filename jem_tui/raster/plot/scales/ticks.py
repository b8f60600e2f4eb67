"""Round numbers for axes, and their labels."""

from __future__ import annotations

import math
from collections.abc import Sequence

from jem_tui.minus_sign import minus_signs
from jem_tui.raster.plot.scales.value_texts import exponential, short_label, unit_of, value_text

LABEL_WIDTH = 6
"""Columns for a tick label, such as −12.5k; longer labels are not drawn."""
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
        return ["0" if abs(value) < step / 2 else minus_signs(exponential(value)) for value in values]
    scale, suffix = unit_of(largest if step >= 100 else 1.0)
    decimals = max(0, -math.floor(math.log10(step / scale) + 1e-9))
    if decimals > LABEL_WIDTH:
        return [minus_signs(exponential(value)) for value in values]
    return ["0" if abs(value) < step / 2 else minus_signs(f"{value / scale:.{decimals}f}{suffix}") for value in values]


def distinct_labels(values: Sequence[float]) -> list[str]:
    """Return labels of unequally spaced values, with three significant digits or as many as distinguish them, at most five."""
    several = [[short_label(value, digits) for value in values] for digits in (3, 4, 5)]
    return next((labels for labels in several if len(set(labels)) == len(set(values))), several[0])


def percent_labels(values: Sequence[float]) -> list[str]:
    """Return labels of fractions in percent."""
    return [label + "%" for label in tick_labels([100 * value for value in values])]
