"""Settings of any kind, reduced to what JSON and the screen can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from jem_tui.printable import printable

DEEPEST, LONGEST, MOST = 6, 500, 200
"""Maximum depth of nested settings, characters of a text, and entries of a list or mapping."""
NAMESPACES = ("Namespace", "SimpleNamespace")
"""Classes of nested settings that are neither mappings nor dataclasses."""


def plain_settings(config: Any) -> dict[str, Any]:
    """Return a mapping, namespace, dataclass or other object with attributes as nested dicts of JSON values.

    Anything else within is described in a text of at most `LONGEST` characters. Raises TypeError where `config` has no names.
    """
    if config is None:
        return {}
    named = _named(config)
    if named is None:
        raise TypeError(f"config must be a mapping, a namespace or a dataclass, not of type {type(config).__name__}.")
    return _table(named, 0)


def _named(value: Any) -> Mapping[Any, Any] | None:
    """Return the names and values of a mapping or of an object with attributes; None for other values."""
    if isinstance(value, Mapping):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    attributes = getattr(value, "__dict__", None)
    if isinstance(value, type) or callable(value) or attributes is None:
        return None
    return {name: entry for name, entry in attributes.items() if not name.startswith("_")}


def _table(named: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    return {printable(str(name))[:LONGEST]: _plain(value, depth + 1) for name, value in list(named.items())[:MOST]}


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 1 << 63 else str(value)[:LONGEST]
    if isinstance(value, str):
        return value[:LONGEST]
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return _plain(value.item(), DEEPEST)
    if depth < DEEPEST:
        if isinstance(value, Mapping) or is_dataclass(value) or type(value).__name__ in NAMESPACES:
            named = _named(value)
            return _described(value) if named is None else _table(named, depth)
        if isinstance(value, list | tuple | set | frozenset):
            return [_plain(entry, depth + 1) for entry in list(value)[:MOST]]
    return _described(value)


def _described(value: Any) -> str:
    """Return a value in words; for an array or tensor with several elements, its type and shape."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"{type(value).__name__} of shape {tuple(shape)}"
    try:
        return str(getattr(value, "__name__", value))[:LONGEST]
    except Exception:
        return type(value).__name__
