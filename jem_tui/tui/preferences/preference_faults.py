"""Sentences on sections and settings of the preferences file that are not applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from jem_tui.message_text import nearest, shortened, shown
from jem_tui.printable import printable
from jem_tui.tui.preferences.pane_layout import MIN_SHARE, MOST_SHARE, PANES

KEYS = "keys"
"""The section of key assignments, whose content `remap_keys` checks."""
SCALES = ("automatic", "linear", "symlog", "log")
"""Scales of the y axis."""
AXES = ("images", "steps", "time")
"""Units of the x axis."""
MOST_SMOOTHING = 0.999
SIGNALS = ("title", "taskbar", "notification", "bell")
"""Signals outside the screen."""


class Kind(NamedTuple):
    """A kind of value: its name in messages, and its test."""

    words: str
    holds: Callable[[Any], bool]


def _between(low: float, high: float) -> Kind:
    def holds(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high

    return Kind(f"a number from {low:g} to {high:g}", holds)


def _one_of(words: tuple[str, ...]) -> Kind:
    return Kind(f"one of {', '.join(words)}", lambda value: isinstance(value, str) and value in words)


SWITCH = Kind("true or false", lambda value: isinstance(value, bool))
TEXT = Kind("text in quotes", lambda value: isinstance(value, str))
KNOWN: Mapping[str, Mapping[str, Kind]] = {
    "screen": {"theme": TEXT},
    KEYS: {},
    "curves": {"smoothing": _between(0, MOST_SMOOTHING), "scale": _one_of(SCALES), "axis": _one_of(AXES)},
    "layout": {"share": _between(MIN_SHARE, MOST_SHARE), **dict.fromkeys(PANES, SWITCH)},
    "steering": {"ask_before_restarts": SWITCH},
    "signals": dict.fromkeys(SIGNALS, SWITCH),
}
"""The settings of every section of the file."""


def applied_settings(content: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """Return the settings of each section of a file without those that `preference_faults` reports."""
    return {
        name: {key: value for key, value in part.items() if name == KEYS or (key in known and known[key].holds(value))}
        for name, known in KNOWN.items()
        if isinstance(part := content.get(name), Mapping)
    }


def preference_faults(content: Mapping[str, object]) -> Iterator[str]:
    """Yield one sentence for each section and each setting that is not applied, except for key assignments."""
    for name, part in content.items():
        if name not in KNOWN:
            yield f"there is no section {_named(name)}{nearest(name, KNOWN)}. It is ignored."
        elif not isinstance(part, Mapping):
            yield (
                f"{name} is {_value(part)}, not a section. Its defaults apply; write [{name}] on a line of its own, "
                "and its settings below."
            )
        elif name != KEYS:
            yield from _faults_of_section(name, part, KNOWN[name])


def _faults_of_section(name: str, settings: Mapping[str, object], known: Mapping[str, Kind]) -> Iterator[str]:
    for key, value in settings.items():
        if key not in known:
            yield f"[{name}] has no setting {_named(key)}{nearest(key, known)}. It is ignored."
        elif not known[key].holds(value):
            yield f"[{name}] {key} is {_value(value)}, not {known[key].words}. Its default applies."


def _named(name: str) -> str:
    return printable(shortened(name))


def _value(value: object) -> str:
    return printable(shown(value))
