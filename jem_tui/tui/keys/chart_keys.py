"""Keys of the curves."""

from __future__ import annotations

from functools import partial

from textual.binding import Binding

from jem_tui.tui.keys.key import Key, screen_key

SMOOTHING = Binding.Group("smoothing", compact=True)
ZOOM = Binding.Group("zoom", compact=True)
PAN = Binding.Group("pan", compact=True)


_key = partial(screen_key, "curves")

KEYS: tuple[Key, ...] = (
    _key("rougher", "left_square_bracket", "'smooth', -1", "rougher", "Smooth the curves less.", group=SMOOTHING),
    _key("smoother", "right_square_bracket", "'smooth', 1", "smoother", "Smooth the curves more.", group=SMOOTHING),
    _key(
        "y-scale",
        "y",
        "'scale'",
        "y scale",
        "Another y axis, for the chosen panel or for all: linear, symlog, log, what suits each metric.",
    ),
    _key("x-axis", "x", "'axis'", "x axis", "Count images, steps or time along the x axis."),
    _key(
        "filter-metrics",
        "slash",
        "'filter'",
        "filter",
        "Type what the names of the panels contain, with * for anything; esc shows all again.",
    ),
    _key(
        "zoom-in",
        "z",
        "'zoom', 0.5",
        "zoom in",
        "Look at half as much of the x axis; the wheel does it, too.",
        group=ZOOM,
    ),
    _key("zoom-out", "Z", "'zoom', 2.0", "zoom out", "Look at twice as much of the x axis.", group=ZOOM),
    _key(
        "pan-left",
        "comma",
        "'pan', -0.25",
        "earlier",
        "Move the curves to what was earlier; they can be dragged, too.",
        group=PAN,
    ),
    _key("pan-right", "full_stop", "'pan', 0.25", "later", "Move the curves to what was later.", group=PAN),
    _key("newest", "a", "'newest'", "newest", "Follow the newest point again; there already: show everything."),
    _key(
        "cursor-left",
        "left",
        "cursor(-1)",
        "cursor left",
        "Read the values of all panels further left.",
        focus="curves",
    ),
    _key(
        "cursor-right",
        "right",
        "cursor(1)",
        "cursor right",
        "Read the values of all panels further right.",
        focus="curves",
    ),
    _key("cursor-far-left", "shift+left", "cursor(-10)", "far left", "Ten columns further left.", focus="curves"),
    _key("cursor-far-right", "shift+right", "cursor(10)", "far right", "Ten columns further right.", focus="curves"),
    _key("panel-before", "up", "choose(-1)", "panel before", "Choose the panel before.", focus="curves"),
    _key(
        "panel-after",
        "down",
        "choose(1)",
        "panel after",
        "Choose the next panel; more of them come into sight.",
        focus="curves",
    ),
    _key(
        "panel-full",
        "enter",
        "full",
        "full screen",
        "Give the chosen panel the whole screen, or take it back.",
        focus="curves",
    ),
    _key(
        "curves-back",
        "escape",
        "back",
        "back",
        "Leave the full screen, then the cursor, then the curves.",
        focus="curves",
    ),
)
