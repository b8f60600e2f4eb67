"""Keys of the pictures."""

from __future__ import annotations

from jem_tui.tui.keys.key import Key


def _focused(name: str, keys: str, action: str, label: str, tooltip: str) -> Key:
    return Key(id=name, keys=keys, action=action, label=label, tooltip=tooltip, in_footer=False, focus="samples")


KEYS: tuple[Key, ...] = (
    Key(
        id="pictures",
        keys="b",
        action="samples('pictures')",
        label="pictures",
        tooltip="Draw the samples in another way: automatic, half-blocks, quadrants, braille.",
    ),
    _focused("choose-left", "left", "choose(-1, 0)", "left", "Look at the chain to the left."),
    _focused("choose-right", "right", "choose(1, 0)", "right", "Look at the chain to the right."),
    _focused("choose-up", "up", "choose(0, -1)", "up", "Look at the chain above."),
    _focused("choose-down", "down", "choose(0, 1)", "down", "Look at the chain below."),
    Key(
        id="reseed-chosen",
        keys="R",
        action="reseed_chosen",
        label="reseed chosen",
        tooltip="Restart the chosen chain from the initial distribution.",
        need="reseed",
        in_footer=False,
    ),
)
