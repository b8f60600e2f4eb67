"""The one table of keys: footer, help, command palette and documentation are made from it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from textual.actions import parse
from textual.binding import Binding

from jem_tui.tui.keys import app_keys, chart_keys, replay_keys, sample_keys, training_keys
from jem_tui.tui.keys.app_keys import LEAVE, QUIT
from jem_tui.tui.keys.key import Focus, Key, Need
from jem_tui.tui.keys.training_keys import PAUSE, RESUME

__all__ = [
    "KEYS",
    "LEAVE",
    "NEEDS",
    "PAUSE",
    "QUIT",
    "RESUME",
    "SECTIONS",
    "Focus",
    "Key",
    "Need",
    "bindings",
    "bindings_of",
]

SECTIONS: dict[str, tuple[Key, ...]] = {
    "run": training_keys.KEYS,
    "recording": replay_keys.KEYS,
    "curves": chart_keys.KEYS,
    "samples": sample_keys.KEYS,
    "screen": app_keys.KEYS,
}
"""The keys by what they are about, in the order of the help."""
KEYS: tuple[Key, ...] = tuple(chain.from_iterable(SECTIONS.values()))
NEEDS: dict[tuple[str, tuple[object, ...]], Need] = {parse(key.action)[1:]: key.need for key in KEYS if key.need}
"""By the action's name and parameters."""


def bindings(keys: Iterable[Key] = KEYS) -> list[Binding]:
    """Of `keys` those that work everywhere, as Textual wants them."""
    return [key.binding for key in keys if not key.focus]


def bindings_of(focus: Focus) -> list[Binding]:
    """Those that work while the pane of that name has the focus."""
    return [key.binding for key in KEYS if key.focus == focus]
