"""Keys of the charts."""

from __future__ import annotations

from functools import partial

from textual.binding import Binding

from jem_tui.tui.keys.key import Key, screen_key

SMOOTHING = Binding.Group("smoothing", compact=True)
ZOOM = Binding.Group("zoom", compact=True)
PAN = Binding.Group("pan", compact=True)
CURSOR = Binding.Group("cursor", compact=True)
PANEL = Binding.Group("panel", compact=True)


_key = partial(screen_key, "curves")

KEYS: tuple[Key, ...] = (
    _key("rougher", "left_square_bracket", "'smooth', -1", "Smooth less", "Smooth the curves less.", group=SMOOTHING),
    _key("smoother", "right_square_bracket", "'smooth', 1", "Smooth more", "Smooth the curves more.", group=SMOOTHING),
    _key(
        "y-scale",
        "y",
        "'scale'",
        "Change y scale",
        "Switch the y axis of the chosen panel, or of all: linear, symlog, log, automatic.",
    ),
    _key("x-axis", "x", "'axis'", "Change x axis", "Switch the x axis: images, steps, time."),
    _key(
        "filter-metrics",
        "slash",
        "'filter'",
        "Filter panels",
        "Show only panels whose names contain a text (* matches anything).",
    ),
    _key(
        "zoom-in",
        "z",
        "'zoom', 0.5",
        "Zoom in",
        "Zoom in on the x axis by a factor of 2; the mouse wheel zooms as well.",
        group=ZOOM,
    ),
    _key("zoom-out", "Z", "'zoom', 2.0", "Zoom out", "Zoom out on the x axis by a factor of 2.", group=ZOOM),
    _key(
        "pan-left",
        "comma",
        "'pan', -0.25",
        "Pan left",
        "Move to an earlier part of the x axis; dragging the curves moves as well.",
        group=PAN,
    ),
    _key("pan-right", "full_stop", "'pan', 0.25", "Pan right", "Move to a later part of the x axis.", group=PAN),
    _key("newest", "a", "'newest'", "Follow latest", "Follow the newest point; press again to show the whole run."),
    _key(
        "cursor-left",
        "left",
        "cursor(-1)",
        "Move cursor left",
        "Move the cursor left; all panels display their values there.",
        focus="curves",
        group=CURSOR,
    ),
    _key(
        "cursor-right",
        "right",
        "cursor(1)",
        "Move cursor right",
        "Move the cursor right; all panels display their values there.",
        focus="curves",
        group=CURSOR,
    ),
    _key(
        "cursor-far-left",
        "shift+left",
        "cursor(-10)",
        "Cursor 10 left",
        "Move the cursor left by ten columns.",
        focus="curves",
    ),
    _key(
        "cursor-far-right",
        "shift+right",
        "cursor(10)",
        "Cursor 10 right",
        "Move the cursor right by ten columns.",
        focus="curves",
    ),
    _key(
        "panel-before", "up", "choose(-1)", "Previous panel", "Choose the previous panel.", focus="curves", group=PANEL
    ),
    _key(
        "panel-after",
        "down",
        "choose(1)",
        "Next panel",
        "Choose the next panel, and scroll to it.",
        focus="curves",
        group=PANEL,
    ),
    _key(
        "panel-full",
        "enter",
        "full",
        "Toggle full screen",
        "Maximize the chosen panel, or restore its size.",
        focus="curves",
    ),
    _key(
        "curves-back",
        "escape",
        "back",
        "Go back",
        "Restore the panel's size; press again to remove the cursor, and again to remove the focus.",
        focus="curves",
    ),
)
