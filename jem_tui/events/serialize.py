"""Conversion of events to JSON-compatible values."""

from __future__ import annotations

from typing import Any

from jem_tui.events.run import Event, RealImages, Samples
from jem_tui.json_values import plain


def to_plain(event: Event) -> dict[str, Any]:
    """Convert an event to `event` (its written name), `step`, `images`, `time` and the fields of its class; tiles become their shape."""
    values = {name: getattr(event, name) for name in field_names(type(event))}
    if isinstance(event, Samples | RealImages):
        values["tiles"] = event.tiles.shape
    return {"event": type(event).__name__, **{name: plain(value) for name, value in values.items()}}


def field_names(kind: type[Event]) -> tuple[str, ...]:
    """Return the names of the fields of an event class, `step`, `images` and `time` first."""
    return tuple(kind.__dataclass_fields__)
