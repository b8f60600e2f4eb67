"""The one table of keys: footer, help, command palette and documentation are made from it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from textual.actions import parse
from textual.binding import Binding

from jem_tui.tui.keys import curves, frame, samples, steering, transport
from jem_tui.tui.keys.frame import LEAVE, QUIT
from jem_tui.tui.keys.key import Focus, Key, Need
from jem_tui.tui.keys.steering import PAUSE, RESUME

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
    "run": steering.KEYS,
    "recording": transport.KEYS,
    "curves": curves.KEYS,
    "samples": samples.KEYS,
    "screen": frame.KEYS,
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
