"""Events as plain data, ready for JSON."""

from __future__ import annotations

from typing import Any

from jem_tui.events.run import Event, Samples
from jem_tui.json_values import plain


def to_plain(event: Event) -> dict[str, Any]:
    """`event` (its class name), `step`, `images`, `time`, then its own fields; of a sample's tiles only the shape."""
    values = {name: getattr(event, name) for name in field_names(type(event))}
    if isinstance(event, Samples):
        values["tiles"] = event.tiles.shape
    return {"event": type(event).__name__, **{name: plain(value) for name, value in values.items()}}


def field_names(kind: type[Event]) -> tuple[str, ...]:
    """Names of the fields of an event class, `step`, `images` and `time` first."""
    return tuple(kind.__dataclass_fields__)
