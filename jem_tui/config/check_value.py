"""Checks of the values of settings: their types, ranges, choices and names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import Field, replace
from typing import Any, Literal, get_args, get_origin

from jem_tui.config.setting import Arguments, check_arguments
from jem_tui.errors import InputError
from jem_tui.message_text import nearest, shown
from jem_tui.plugins.kinds import PluginKind
from jem_tui.plugins.resolve import entry_names, names_code, naming_hint, nearest_plugin

LONGEST_PATH, LONGEST_NAME = 4096, 255
"""Maximum bytes of a path and of each name in a path, on every system."""


def check_known(name: str, known: Iterable[str], what: str, where: str) -> None:
    """Raise InputError with the nearest known name, unless `name` is one."""
    if name not in known:
        raise InputError(f"Unknown {what} in {where}{nearest(name, known)}.", "`jem-tui config` lists all settings.")


def check_value(definition: Field[Any], kind: Any, value: Any, where: str) -> Any:
    """Return `value` in the field's type and range, or InputError naming the range."""
    if get_origin(kind) is Literal:
        return check_choice(get_args(kind), value, where)
    if kind is Arguments:
        return check_arguments(value, where)
    choices = definition.metadata.get("built_in")
    if choices is not None:
        return check_plugin_name(definition.metadata["plugin"], choices, value, where)
    if kind is str:
        return check_text(value, where)
    if kind is bool:
        if not isinstance(value, bool):
            raise InputError(f"{where} is {shown(value)}.", "It can be true or false.")
        return value
    return check_number(definition, kind, value, where)


def check_choice(choices: Sequence[str], value: Any, where: str) -> Any:
    """Return `value` if it is one of the choices, or InputError with the nearest one."""
    if value not in choices:
        near = nearest(value, choices) if isinstance(value, str) else ""
        raise InputError(f"{where} is {shown(value)}{near}.", f"It can be {', '.join(choices)}.")
    return value


def check_plugin_name(kind: PluginKind, built_in: Sequence[str], value: Any, where: str) -> str:
    """Return `value` if it names something built in, something installed, or an attribute of a module; else raise InputError."""
    if kind.many:
        for name in kind.names(check_text(value, where)):
            check_plugin_name(replace(kind, many=False), built_in, name, where)
        return ",".join(kind.names(value))
    name = check_text(value, where)
    installed = () if name in built_in or names_code(name) else entry_names(kind)
    known = tuple(dict.fromkeys((*built_in, *installed)))
    if name not in known and not names_code(name):
        raise InputError(f"{where} is {shown(name)}{nearest_plugin(name, known)}.", naming_hint(kind, name, known))
    return name


def check_text(value: Any, where: str) -> str:
    """Return `value` if it is text that can be a name or a path, as every text of the settings is, or raise InputError."""
    if not isinstance(value, str):
        raise InputError(f"{where} is {shown(value)}.", "It must be text; in a file, put it in quotes.")
    if not can_be_path(value):
        raise InputError(f"{where} is {shown(value)}.", "It must be a name or a path.")
    return value


def can_be_path(text: str) -> bool:
    """Return whether a file system accepts a path: one without zero bytes, and not too long."""
    try:
        path = os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return b"\0" not in path and len(path) < LONGEST_PATH and max(map(len, path.split(b"/"))) <= LONGEST_NAME


def check_number(definition: Field[Any], kind: type, value: Any, where: str) -> int | float:
    """Return `value` as a number of the field's kind within its range, or InputError."""
    low, high = definition.metadata["low"], definition.metadata["high"]
    number_given = isinstance(value, int | float) and not isinstance(value, bool)
    if not number_given or not low <= value <= high or (kind is int and value != int(value)):
        word = "a whole number" if kind is int else "a number"
        raise InputError(f"{where} is {shown(value)}.", f"It must be {word} from {low} to {high}.")
    return int(value) if kind is int else float(value)
