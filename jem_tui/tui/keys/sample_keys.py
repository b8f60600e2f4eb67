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
        tooltip="Draw the samples in another way: automatic, half-blocks, quadrants, braille, dithered braille.",
    ),
    Key(
        id="picture-tag",
        keys="t",
        action="next_pictures",
        label="next tag",
        tooltip="Show the pictures of the next tag of another program's log.",
        need="pictures",
    ),
    Key(
        id="sort",
        keys="o",
        action="samples('sort')",
        label="order",
        tooltip="Sort the chains: as in the buffer, lowest or highest energy first, oldest first, by class.",
        in_footer=False,
    ),
    Key(
        id="class",
        keys="f",
        action="samples('filter')",
        label="class",
        tooltip="Show the chains of one predicted class alone: the next one, after the last all again.",
        in_footer=False,
    ),
    Key(
        id="pin",
        keys="i",
        action="samples('pin')",
        label="pin",
        tooltip="Keep the chosen chain first, whatever the order and the class; again: let it go.",
        in_footer=False,
    ),
    Key(
        id="classes",
        keys="c",
        action="samples('classes')",
        label="by class",
        tooltip="Give each predicted class a row of its own; again: one grid.",
        in_footer=False,
    ),
    Key(
        id="tiles-larger",
        keys="plus,equals_sign",
        action="samples('zoom', 1)",
        label="larger",
        tooltip="Draw the samples larger.",
        in_footer=False,
    ),
    Key(
        id="tiles-smaller",
        keys="minus",
        action="samples('zoom', -1)",
        label="smaller",
        tooltip="Draw the samples smaller, so that more of them fit.",
        in_footer=False,
    ),
    _focused("enlarge", "enter", "enlarge", "enlarge", "Give the chosen chain the whole screen, or take it back."),
    _focused("samples-back", "escape", "back", "back", "Leave the full screen, then the samples."),
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
