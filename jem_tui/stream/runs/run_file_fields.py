"""The fields of run.json and their kinds of values; one wrong field makes the whole file invalid."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from jem_tui.config.load import SECTIONS
from jem_tui.message_text import shown

LARGEST = 1 << 63


class FieldKind(NamedTuple):
    """A kind of value: its name in messages, and its test."""

    words: str
    holds: Callable[[Any], bool]


def check_fields(content: Any, kinds: Mapping[str, FieldKind], optional: Mapping[str, FieldKind]) -> None:
    """Raise ValueError, naming the first wrong field, unless `content` has all `kinds` and no field of a wrong kind among the `optional` ones."""
    if not isinstance(content, dict):
        raise ValueError("it is not a table of fields")
    for name, kind in {**kinds, **optional}.items():
        if name not in content and name in kinds:
            raise ValueError(f"{name} is missing")
        if name in content and not kind.holds(content[name]):
            raise ValueError(f"{name} is {shown(content[name])}, not {kind.words}")


def is_whole(value: Any) -> bool:
    """Return whether this is a whole number that fits into 64 bits."""
    return isinstance(value, int) and not isinstance(value, bool) and -LARGEST <= value < LARGEST


def is_number(value: Any) -> bool:
    """Return whether this is a finite number or a whole number of at most 64 bits."""
    return is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def is_text(value: Any) -> bool:
    """Return whether this is text."""
    return isinstance(value, str)


def is_table(value: Any) -> bool:
    """Return whether this is a table of names and values."""
    return isinstance(value, dict)


def are_settings(value: Any) -> bool:
    """Return whether this is a preset and sections, with text as the name of the data. Settings within sections are not checked."""
    if not is_table(value) or not is_text(value.get("preset", "")):
        return False
    sections = [value[name] for name in SECTIONS if name in value]
    return all(map(is_table, sections)) and is_text(value.get("data", {}).get("name", ""))


WHOLE = FieldKind("a whole number", is_whole)
COUNT = FieldKind("a number of steps or images", lambda value: is_whole(value) and value >= 0)
NUMBER = FieldKind("a number", is_number)
TEXT = FieldKind("text", is_text)
TEXT_OR_NOTHING = FieldKind("text or nothing", lambda value: value is None or is_text(value))
TABLE = FieldKind("a table", is_table)
TEXTS = FieldKind("a list of texts", lambda value: isinstance(value, list) and all(map(is_text, value)))
NAMED_TEXTS = FieldKind("a table of texts", lambda value: is_table(value) and all(map(is_text, value.values())))
SETTINGS = FieldKind("a table of settings", are_settings)
SCORE = FieldKind(
    "a number or nothing", lambda value: value in (None, "NaN", "Infinity", "-Infinity") or is_number(value)
)


def one_of(words: tuple[str, ...]) -> FieldKind:
    """Return the kind of a field that holds one of a few words."""
    return FieldKind(f"one of {', '.join(words)}", lambda value: is_text(value) and value in words)
