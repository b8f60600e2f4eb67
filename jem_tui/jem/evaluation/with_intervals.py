"""Estimates as fields of results: a value, and its interval under the name with `_interval`."""

from __future__ import annotations

from typing import Any

from jem_tui.jem.evaluation.jackknife import Estimate
from jem_tui.jem.evaluation.precision_recall import Overlap


def with_intervals(**estimates: Estimate | None) -> dict[str, Any]:
    """Return values and intervals as fields `name` and `name_interval`, both None where there is no estimate."""
    found: dict[str, Any] = {}
    for name, one in estimates.items():
        found |= {name: one and one.value, f"{name}_interval": one and one.interval}
    return found


def overlap_fields(found: Overlap | None) -> dict[str, Any]:
    """Return the fields of an overlap, None where there is none."""
    names = ("precision", "recall", "density", "coverage")
    return with_intervals(**{name: getattr(found, name) if found else None for name in names})
