"""Fields of the settings: their documentation and range, names of plug-ins, and tables of keyword arguments."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import field
from typing import Any

from jem_tui.errors import InputError
from jem_tui.json_values import plain, restored
from jem_tui.message_text import shown
from jem_tui.plugins.kinds import PluginKind

LARGEST = 1 << 63
DEEPEST = 16
"""Maximum depth of lists and tables in an argument."""


def setting(default: Any, doc: str, low: float | None = None, high: float | None = None, former: Any = None) -> Any:
    """Return a dataclass field with its documentation and, for numbers, its closed range.

    `former` is the value in runs that were recorded before the setting existed, where that is not the default.
    """
    return field(default=default, metadata={"doc": doc, "low": low, "high": high, "former": former})


def plugin_setting(default: str, doc: str, kind: PluginKind, built_in: Sequence[str] | None = None) -> Any:
    """Return a dataclass field for the name of one of the `built_in` choices or of a plug-in; with None, any text is a name.

    A run that is opened from its folder asks for a repetition of each name of this kind of field that is code.
    """
    metadata = {"doc": doc, "low": None, "high": None, "plugin": kind, "built_in": built_in}
    return field(default=default, metadata=metadata)


class Arguments(dict[str, Any]):
    """Keyword arguments of a plug-in; never changed once made, so that settings can be compared and hashed.

    Equal are those that run.json spells alike: 1, 1.0 and true differ, because the user's code may treat them differently.
    """

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and self._spelled() == json.dumps(other, sort_keys=True)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self._spelled())

    def _spelled(self) -> str:
        return json.dumps(self, sort_keys=True)


def check_arguments(value: Any, where: str) -> Arguments:
    """Return a table of keyword arguments. Raises InputError if a name is not an identifier, or if run.json cannot hold a value."""
    if not isinstance(value, dict):
        raise InputError(f"{where} is {shown(value)}.", "It must be a table of arguments; set one as args.NAME=VALUE.")
    for name, argument in value.items():
        if not name.isidentifier():
            raise InputError(
                f"{where} has an argument {shown(name)}.", "The name of an argument must be a Python identifier."
            )
        if not is_recordable(argument):
            raise InputError(
                f"{where}.{name} is {shown(argument)}.",
                "It must be text, true, false, a finite number, or a list or table of these.",
            )
    return Arguments(value)


def is_recordable(value: Any, depth: int = 0) -> bool:
    """Return whether run.json gives back exactly this value, which is at `depth` within lists and tables."""
    if isinstance(value, list | dict):
        inner = value.values() if isinstance(value, dict) else value
        named = not isinstance(value, dict) or all(isinstance(name, str) for name in value)
        return depth < DEEPEST and named and all(is_recordable(each, depth + 1) for each in inner)
    if isinstance(value, int):
        return -LARGEST <= value < LARGEST
    return isinstance(value, str | float) and plain(value) == value == restored(value)
