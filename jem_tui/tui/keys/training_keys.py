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
        action="steering('reseed')",
        label="reseed",
        tooltip="Restart every chain of the replay buffer from uniform noise.",
        need="reseed",
    ),
    Key(id="save", keys="s", action="save", label="save", tooltip="Write a checkpoint now.", need="save"),
    Key(
        id="reseed-worst",
        keys="w",
        action="steering('reseed_worst')",
        label="reseed worst",
        tooltip="Restart the 16 chains of the highest energy.",
        need="reseed",
        in_footer=False,
    ),
    Key(
        id="reseed-some",
        keys="W",
        action="steering('reseed_some')",
        label="reseed some",
        tooltip="Restart a tenth of the replay buffer, drawn at random.",
        need="reseed",
        in_footer=False,
    ),
    Key(
        id="steps-down",
        keys="k",
        action="turn('sgld.steps', -1)",
        label="fewer SGLD steps",
        tooltip="One SGLD step fewer a batch.",
        need="adjust",
        in_footer=False,
    ),
    Key(
        id="steps-up",
        keys="K",
        action="turn('sgld.steps', 1)",
        label="more SGLD steps",
        tooltip="One SGLD step more a batch.",
        need="adjust",
        in_footer=False,
    ),
    Key(
        id="step-size-down",
        keys="j",
        action="turn('sgld.step_size', -1)",
        label="smaller SGLD steps",
        tooltip="SGLD steps smaller by a fifth.",
        need="adjust",
        in_footer=False,
    ),
    Key(
        id="step-size-up",
        keys="J",
        action="turn('sgld.step_size', 1)",
        label="larger SGLD steps",
        tooltip="SGLD steps larger by a quarter.",
        need="adjust",
        in_footer=False,
    ),
    Key(
        id="rate-down",
        keys="l",
        action="turn('optimizer.rate', -1)",
        label="lower rate",
        tooltip="Learning rate lower by a fifth.",
        need="adjust",
        in_footer=False,
    ),
    Key(
        id="rate-up",
        keys="L",
        action="turn('optimizer.rate', 1)",
        label="higher rate",
        tooltip="Learning rate higher by a quarter.",
        need="adjust",
        in_footer=False,
    ),
    Key(
        id="evaluate",
        keys="e",
        action="steering('evaluate')",
        label="evaluate",
        tooltip="Evaluate on the validation images now.",
        need="evaluate",
        in_footer=False,
    ),
    Key(
        id="roll-back",
        keys="u",
        action="steering('roll_back')",
        label="roll back",
        tooltip="Go back to the last checkpoint; asks for a second press.",
        need="rollback",
        in_footer=False,
    ),
)
