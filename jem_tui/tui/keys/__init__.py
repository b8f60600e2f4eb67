"""The key table, from which footer, help, command palette and documentation are made.

A key names a Textual action or a command to the source. No module here imports a widget.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from textual.actions import parse
from textual.binding import Binding

from jem_tui.events.commands import Command
from jem_tui.tui.keys import (
    app_keys,
    browser_keys,
    chart_keys,
    dialog_keys,
    draw_keys,
    replay_keys,
    sample_keys,
    training_keys,
)
from jem_tui.tui.keys.app_keys import BACK, DETACH, DETACH_OR_STOP, LEAVE, QUIT
from jem_tui.tui.keys.key import Focus, Key, Need
from jem_tui.tui.keys.training_keys import PAUSE, PLAY_AGAIN, RECORDED_SETTINGS, RESUME, SETTINGS

__all__ = [
    "BACK",
    "COMMANDS",
    "DETACH",
    "DETACH_OR_STOP",
    "EXPORT_KEYS",
    "EXPORT_SCREENS",
    "KEYS",
    "LEAVE",
    "NEEDS",
    "PAUSE",
    "PLAY_AGAIN",
    "QUIT",
    "RECORDED_SETTINGS",
    "RESUME",
    "SECTIONS",
    "SETTINGS",
    "Focus",
    "Key",
    "Need",
    "bindings",
    "bindings_of",
    "export_bindings",
]

SECTIONS: dict[str, tuple[Key, ...]] = {
    "run": training_keys.KEYS,
    "recording": replay_keys.KEYS,
    "curves": chart_keys.KEYS,
    "samples": sample_keys.KEYS,
    "screen": app_keys.KEYS,
    "drawing": draw_keys.KEYS,
    "browser": browser_keys.KEYS,
    "comparison": browser_keys.COMPARISON,
    "summary": dialog_keys.SUMMARY,
    "help": dialog_keys.HELP,
    "dialogs": dialog_keys.DIALOGS,
}
"""The keys by subject, in the order of the help."""
EXPORT_KEYS = ("screenshot", "png", "copy")
"""Ids of the keys that save pictures and copy values, which work on every screen."""
EXPORT_SCREENS: tuple[Focus, ...] = ("draw", "browser", "compare", "summary", "settings", "output")
"""Screens and dialogs with keys of their own, on which the keys in `EXPORT_KEYS` work as well."""
KEYS: tuple[Key, ...] = tuple(chain.from_iterable(SECTIONS.values()))
COMMANDS: dict[str, Command] = {key.id: key.action for key in KEYS if not isinstance(key.action, str)}
"""Commands of the keys that send one, by the key's `id`."""
NEEDS: dict[tuple[str, tuple[object, ...]], Need] = {
    parse(key.textual_action)[1:]: key.need for key in KEYS if key.need
}
"""Conditions by name and parameters of the action."""


def bindings(keys: Iterable[Key] = KEYS) -> list[Binding]:
    """Return Textual bindings of those `keys` that work without the focus on a pane."""
    return [key.binding for key in keys if not key.focus]


def export_bindings() -> list[Binding]:
    """Return Textual bindings of the keys that save pictures and copy values, for a screen with keys of its own."""
    return [key.binding for key in KEYS if key.id in EXPORT_KEYS]


def bindings_of(focus: Focus) -> list[Binding]:
    """Return Textual bindings of the keys that work in the pane, screen or dialog `focus`."""
    return [key.binding for key in KEYS if key.focus == focus]
