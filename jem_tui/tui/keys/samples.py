"""Keys of the pictures."""

from __future__ import annotations

from jem_tui.tui.keys.key import Key

KEYS: tuple[Key, ...] = (
    Key(
        id="pictures",
        keys="b",
        action="samples('pictures')",
        label="pictures",
        tooltip="Draw the samples in another way: automatic, half-blocks, quadrants, braille.",
    ),
)
