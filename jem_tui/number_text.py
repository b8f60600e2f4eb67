"""Formatting of numbers with exactly the digits that the stored value has."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np

_SINGLE = np.finfo(np.float32)
_LARGEST_WRITTEN_OUT, _SMALLEST_WRITTEN_OUT = 1e15, 1e-4
_SMALLEST_PERCENT = 1e-6
_MIN_DIGITS = Decimal("0.01")


def numeral(value: float) -> str:
    """Return the shortest text that reads back as `value`, in single precision where the value fits, else in double precision."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return _plain(_shortest(value))


def percent(fraction: float) -> str:
    """Format a fraction as per cent with all its digits and at least two decimals; a tiny fraction as a plain number."""
    if not math.isfinite(fraction) or 0 < abs(fraction) < _SMALLEST_PERCENT:
        return numeral(fraction)
    shifted = Decimal(_shortest(fraction)).scaleb(2)
    exponent = shifted.as_tuple().exponent
    digits = shifted.quantize(_MIN_DIGITS) if isinstance(exponent, int) and exponent > -2 else shifted
    return f"{digits:f}%"


def short_percent(fraction: float) -> str:
    """Format a fraction as per cent with two decimals, or with all digits where two decimals would round to a false 0 or 100."""
    text = f"{fraction:.2%}"
    false = text in ("0.00%", "-0.00%", "100.00%") and fraction not in (0.0, 1.0)
    return percent(fraction) if false or not math.isfinite(fraction) else text


def whole_percent(fraction: float) -> str:
    """Format a fraction as per cent without decimals, in at most four columns; a dash for NaN and for numbers that are no fractions."""
    return f"{fraction:.0%}" if 0 <= fraction < 9.995 else "–"


def names_fraction(tag: str) -> bool:
    """Return whether the last word of a tag names a fraction."""
    return tag.endswith("accuracy")


def _shortest(value: float) -> str:
    fits = abs(value) <= float(_SINGLE.max)
    single = np.float32(value) if fits else None
    return str(single) if single is not None and float(single) == value else repr(value)


def _plain(text: str) -> str:
    """Return the digits without an exponent where that is readable."""
    size = abs(float(text))
    if "e" in text and (_SMALLEST_WRITTEN_OUT <= size < _LARGEST_WRITTEN_OUT):
        text = f"{Decimal(text):f}"
    return text.removesuffix(".0")
