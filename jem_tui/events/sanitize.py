"""Escaping of control characters in recorded events, so that no file can control the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from jem_tui.events.run import Event
from jem_tui.printable import printable


def sanitized(event: Event) -> Event:
    """Return the event, or a copy in which control characters of texts, names and tags are escaped."""
    changes = {}
    for field in fields(event):
        value = getattr(event, field.name)
        safe = _safe(value)
        if safe is not value:
            changes[field.name] = safe
    return replace(event, **changes) if changes else event


def _safe(value: Any) -> Any:
    """Escape texts at any depth; return the same object where nothing needs escaping."""
    if isinstance(value, str):
        return value if value.isprintable() else printable(value)
    if isinstance(value, Mapping):
        pairs = [(key, entry, _safe(key), _safe(entry)) for key, entry in value.items()]
        changed = any(key is not name or entry is not safe for key, entry, name, safe in pairs)
        return {name: safe for _, _, name, safe in pairs} if changed else value
    if isinstance(value, tuple | list):
        entries = [_safe(entry) for entry in value]
        changed = any(safe is not entry for safe, entry in zip(entries, value, strict=True))
        return type(value)(entries) if changed else value
    return value
