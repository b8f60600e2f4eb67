"""Keys of the draw screen."""

from __future__ import annotations

from textual.binding import Binding

from jem_tui.tui.keys.key import Key

THICKNESS = Binding.Group("thickness", compact=True)
UNDO = Binding.Group("undo", compact=True)


def _key(
    name: str,
    keys: str,
    action: str,
    label: str,
    tooltip: str,
    *,
    in_footer: bool = False,
    group: Binding.Group | None = None,
) -> Key:
    return Key(
        id=f"draw-{name}",
        keys=keys,
        action=action,
        label=label,
        tooltip=tooltip,
        in_footer=in_footer or group is not None,
        group=group,
        focus="draw",
    )


KEYS: tuple[Key, ...] = (
    _key("pen", "space", "pen", "Lower or raise pen", "Lower the pen at the cursor, or raise it.", in_footer=True),
    _key(
        "chain",
        "g",
        "run_chain",
        "Run or stop sampler",
        "Let the run's sampler move the drawing, or stop it.",
        in_footer=True,
    ),
    _key("step", "n", "step_chain", "Take one step", "Take one step of the run's sampler.", in_footer=True),
    _key("restore", "r", "restore", "Restore drawing", "Stop the sampler and return to the drawing.", in_footer=True),
    _key("undo", "u", "undo", "Undo", "Undo the last stroke or change.", group=UNDO),
    _key("redo", "U", "redo", "Redo", "Repeat the change that was undone last.", group=UNDO),
    _key("clear", "c", "clear", "Clear drawing", "Clear the drawing, which can be undone.", in_footer=True),
    _key(
        "save",
        "s",
        "save",
        "Save drawing",
        "Save the drawing, or the state of its chain, as a PNG file of its own size in the run folder.",
        in_footer=True,
    ),
    _key(
        "centre",
        "m",
        "centre",
        "Toggle centring",
        "Scale and centre drawings as MNIST does before they are scored, or score them as drawn.",
        in_footer=True,
    ),
    _key("open", "o", "open_image", "Open image", "Open an image file as the drawing.", in_footer=True),
    _key(
        "eraser",
        "e",
        "eraser",
        "Toggle eraser",
        "Draw with the eraser or with the pen. The right mouse button always erases.",
        in_footer=True,
    ),
    _key("thinner", "minus", "thickness(-1)", "Decrease thickness", "Draw thinner lines.", group=THICKNESS),
    _key("thicker", "plus,equals_sign", "thickness(1)", "Increase thickness", "Draw thicker lines.", group=THICKNESS),
    _key(
        "brush",
        "b",
        "brush",
        "Change shade",
        "Draw in the next shade of gray, or in the next colour where images have colours.",
    ),
    _key(
        "invert",
        "i",
        "invert",
        "Invert drawing",
        "Exchange dark and light, such as for a photo of dark ink on white paper.",
    ),
    _key(
        "class",
        "y",
        "next_label",
        "Change class",
        "Let the sampler follow p(x|y) of the next class; after the last class, p(x).",
    ),
    _key("slower", "less_than_sign", "pace(-1)", "Run sampler slower", "Take fewer sampler steps between two images."),
    _key(
        "faster",
        "greater_than_sign",
        "pace(1)",
        "Run sampler faster",
        "Take more sampler steps between two images.",
    ),
    _key("left", "left", "cursor(-1, 0)", "Move cursor left", "Move the cursor left; a lowered pen draws."),
    _key("right", "right", "cursor(1, 0)", "Move cursor right", "Move the cursor right; a lowered pen draws."),
    _key("up", "up", "cursor(0, -1)", "Move cursor up", "Move the cursor up; a lowered pen draws."),
    _key("down", "down", "cursor(0, 1)", "Move cursor down", "Move the cursor down; a lowered pen draws."),
    _key(
        "theme",
        "T",
        "app.next_theme",
        "Switch theme",
        "Switch the theme: dark, light, high contrast, colour-blind-safe.",
    ),
    _key(
        "help",
        "question_mark,f1",
        "show_help",
        "Show help",
        "Explain the keys and the display of this screen.",
        in_footer=True,
    ),
    _key("back", "escape,q", "back", "Close", "Close the draw screen.", in_footer=True),
)
DIGITS: tuple[Binding, ...] = tuple(
    Binding(
        str(digit),
        f"label({digit})",
        f"class {digit}",
        id=f"draw-class-{digit}",
        tooltip="Let the sampler follow p(x|y) of this class; a second time, p(x) again.",
        show=False,
    )
    for digit in range(10)
)
"""Bindings of the digits, which choose one of the first ten classes."""
