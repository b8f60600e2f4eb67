"""Keys of the curves."""

from __future__ import annotations

from jem_tui.tui.keys.key import Key

KEYS: tuple[Key, ...] = ()
