"""Keys of the samples."""

from __future__ import annotations

from functools import partial

from textual.binding import Binding

from jem_tui.tui.keys.key import Key, pane_key

CHOOSE = Binding.Group("choose", compact=True)
SIZE = Binding.Group("size", compact=True)


_focused = partial(pane_key, "samples")

KEYS: tuple[Key, ...] = (
    Key(
        id="pictures",
        keys="b",
        action="samples('pictures')",
        label="Change rendering",
        tooltip="Switch the rendering of samples: automatic, half-blocks, quadrants, braille, dithered braille.",
        in_footer=False,
    ),
    Key(
        id="picture-tag",
        keys="t",
        action="next_pictures",
        label="Show next tag",
        tooltip="Show the images of the next tag of another program's log.",
        need="pictures",
    ),
    Key(
        id="sort",
        keys="o",
        action="samples('sort')",
        label="Change order",
        tooltip="Switch the order of chains: as in the buffer, lowest or highest energy first, oldest first, by class.",
        in_footer=False,
    ),
    Key(
        id="class",
        keys="f",
        action="samples('filter')",
        label="Filter by class",
        tooltip="Show only chains of the next predicted class; after the last class, all chains.",
        in_footer=False,
    ),
    Key(
        id="pin",
        keys="i",
        action="samples('pin')",
        label="Pin chain",
        tooltip="Pin the chosen chain at the start of every order; press again to unpin it.",
        in_footer=False,
    ),
    Key(
        id="classes",
        keys="c",
        action="samples('classes')",
        label="Group by class",
        tooltip="Show one row for each predicted class, or sort the grid by class where rows have no room; press again to undo it.",
        in_footer=False,
    ),
    Key(
        id="real-images",
        keys="v",
        action="samples('compare')",
        label="Compare with data",
        tooltip="Display training images next to the samples, as many and of the same classes; press again for samples alone.",
        in_footer=False,
    ),
    Key(
        id="tiles-larger",
        keys="plus,equals_sign",
        action="samples('zoom', 1)",
        label="Enlarge tiles",
        tooltip="Draw the samples larger.",
        in_footer=False,
        group=SIZE,
    ),
    Key(
        id="tiles-smaller",
        keys="minus",
        action="samples('zoom', -1)",
        label="Shrink tiles",
        tooltip="Draw the samples smaller, so that more fit.",
        in_footer=False,
        group=SIZE,
    ),
    _focused(
        "choose-left",
        "left",
        "choose(-1, 0)",
        "Choose chain left",
        "Choose the chain to the left; a click chooses as well.",
        group=CHOOSE,
    ),
    _focused(
        "choose-right", "right", "choose(1, 0)", "Choose chain right", "Choose the chain to the right.", group=CHOOSE
    ),
    _focused("choose-up", "up", "choose(0, -1)", "Choose chain above", "Choose the chain above.", group=CHOOSE),
    _focused("choose-down", "down", "choose(0, 1)", "Choose chain below", "Choose the chain below.", group=CHOOSE),
    _focused(
        "enlarge",
        "enter",
        "enlarge",
        "Toggle full screen",
        "Enlarge the chosen chain, or restore its size; a double click does so as well.",
    ),
    _focused("samples-back", "escape", "back", "Go back", "Restore the tile's size; press again to remove the focus."),
    Key(
        id="reseed-chosen",
        keys="R",
        action="reseed_chosen",
        label="Restart chosen chain",
        tooltip="Restart the chosen chain from the initial distribution.",
        need="reseed",
        in_footer=False,
    ),
    Key(
        id="draw",
        keys="D",
        action="app.draw",
        label="Draw image",
        tooltip="Draw an image, and see its class, its energy and its chain.",
    ),
)
