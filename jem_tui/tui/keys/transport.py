"""Keys that move through a recording."""

from __future__ import annotations

from textual.binding import Binding

from jem_tui.tui.keys.key import Key

SPEED = Binding.Group("speed", compact=True)
SEEK = Binding.Group("seek", compact=True)
KEYS: tuple[Key, ...] = (
    Key(
        id="slower",
        keys="minus",
        action="speed(0.5)",
        label="slower",
        tooltip="Replay at half the speed.",
        need="speed",
        group=SPEED,
    ),
    Key(
        id="faster",
        keys="plus,equals_sign",
        action="speed(2.0)",
        label="faster",
        tooltip="Replay at twice the speed.",
        need="speed",
        group=SPEED,
    ),
    Key(
        id="back",
        keys="left",
        action="seek(-1)",
        label="back",
        tooltip="Jump back by one percent of the recording.",
        need="seek",
        group=SEEK,
    ),
    Key(
        id="forward",
        keys="right",
        action="seek(1)",
        label="on",
        tooltip="Jump ahead by one percent of the recording.",
        need="seek",
        group=SEEK,
    ),
    Key(
        id="start",
        keys="home",
        action="seek_start",
        label="start",
        tooltip="Jump to the start of the recording.",
        need="seek",
        in_footer=False,
    ),
    Key(
        id="end",
        keys="end",
        action="seek_end",
        label="end",
        tooltip="Jump to the end of the recording.",
        need="seek",
        in_footer=False,
    ),
)
