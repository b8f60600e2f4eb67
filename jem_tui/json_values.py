"""Conversion of values to and from JSON-compatible values.

JSON has no NaN and no infinity: a number that is not finite becomes one of the strings "NaN", "Infinity", "-Infinity". Where a
number is expected, these strings are read as numbers, as Python's `float` and JavaScript's `Number` do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def plain(value: Any) -> Any:
    """Replace tuples, sets, mappings, arrays and non-finite numbers by lists, dicts, strings and finite numbers."""
    if isinstance(value, float):
        return value if math.isfinite(value) else _spell(value)
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(entry) for entry in value)
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return str(value)


def restored(value: Any) -> Any:
    """Invert `plain` for nested lists and dicts; tuples and sets stay lists."""
    if isinstance(value, str):
        return _NOT_FINITE.get(value, value)
    if isinstance(value, list):
        return [restored(entry) for entry in value]
    if isinstance(value, dict):
        return {key: restored(entry) for key, entry in value.items()}
    return value


def _spell(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
