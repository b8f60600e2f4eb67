"""Keys that act on the source: pause, step, and what changes its course."""

from __future__ import annotations

from dataclasses import replace

from jem_tui.tui.keys.key import Key

PAUSE = Key(
    id="pause",
    keys="p,space",
    action="pause",
    label="pause",
    tooltip="Pause at the end of this step, or go on.",
    need="steer",
)
RESUME = replace(PAUSE, label="resume", tooltip="Go on from here.")
"""`PAUSE` during a pause."""
KEYS: tuple[Key, ...] = (
    PAUSE,
    Key(
        id="step",
        keys="n",
        action="step",
        label="step",
        tooltip="Do exactly one step, then stay paused.",
        need="steer",
    ),
    Key(
        id="reseed",
        keys="r",
        action="reseed",
        label="reseed",
        tooltip="Restart every chain of the replay buffer from uniform noise.",
        need="reseed",
    ),
    Key(id="save", keys="s", action="save", label="save", tooltip="Write a checkpoint now.", need="save"),
)
