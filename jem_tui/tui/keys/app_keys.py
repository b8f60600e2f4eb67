"""Keys of the frame around the panes: leaving, help, and what is shown."""

from __future__ import annotations

from dataclasses import replace

from jem_tui.tui.keys.key import Key

QUIT = Key(
    id="quit",
    keys="q",
    action="app.quit",
    label="quit",
    tooltip="Leave; while training runs, choose between stop and save, stop now, and cancel.",
)
LEAVE = replace(QUIT, tooltip="Leave.")
"""`QUIT` while nothing can be lost."""


def _pane(number: int, name: str, tooltip: str) -> Key:
    return Key(
        id=f"pane-{name}",
        keys=str(number),
        action=f"workspace('pane', '{name}')",
        label=name,
        tooltip=tooltip,
        in_footer=False,
    )


def _notes(name: str, keys: str, action: str, label: str, tooltip: str) -> Key:
    return Key(id=name, keys=keys, action=action, label=label, tooltip=tooltip, in_footer=False, focus="notes")


def _distributions(name: str, keys: str, action: str, label: str, tooltip: str) -> Key:
    return Key(id=name, keys=keys, action=action, label=label, tooltip=tooltip, in_footer=False, focus="distributions")


def _frame(name: str, keys: str, action: str, label: str, tooltip: str) -> Key:
    return Key(id=name, keys=keys, action=action, label=label, tooltip=tooltip, in_footer=False)


KEYS: tuple[Key, ...] = (
    _pane(1, "curves", "Show or hide the curves; on a narrow terminal: go to them."),
    _pane(2, "samples", "Show or hide the samples."),
    _pane(3, "distributions", "Show or hide the histograms of energies, the reliability diagram and the OOD scores."),
    _pane(4, "notes", "Show or hide the notes."),
    _pane(5, "chain", "Show or hide the chosen chain."),
    _frame(
        "next-pane",
        "tab",
        "workspace('next', 1)",
        "next pane",
        "Give the focus to the next pane, for the keys of its own.",
    ),
    _frame(
        "previous-pane", "shift+tab", "workspace('next', -1)", "previous pane", "Give the focus to the pane before."
    ),
    _frame("release", "escape", "release", "no focus", "Take the focus from the panes again."),
    _frame(
        "narrower",
        "left_curly_bracket",
        "workspace('widen', -1)",
        "narrower",
        "Make the left column narrower; the line between the columns can be dragged, too.",
    ),
    _frame("wider", "right_curly_bracket", "workspace('widen', 1)", "wider", "Make the left column wider."),
    _frame("reset-layout", "0", "workspace('reset')", "reset layout", "Show the usual panes in their usual sizes."),
    _frame(
        "theme",
        "T",
        "app.next_theme",
        "next theme",
        "Change the colours: dark, light, high contrast, colour-blind-safe.",
    ),
    _frame("screenshot", "S", "app.picture", "screenshot", "Save the screen as an SVG file in the run folder."),
    Key(
        id="help",
        keys="question_mark,f1",
        action="app.help",
        label="help",
        tooltip="Explain the keys and what is seen.",
    ),
    QUIT,
    _distributions("histograms-up", "up", "scroll(-1)", "up", "Look at the histograms above."),
    _distributions("histograms-down", "down", "scroll(1)", "down", "Look at the histograms below."),
    _notes("notes-older", "up", "scroll(1)", "older", "Look at older notes."),
    _notes("notes-newer", "down", "scroll(-1)", "newer", "Look at newer notes."),
    _notes("notes-oldest", "pageup", "scroll(10)", "ten older", "Go back by ten notes."),
    _notes("notes-page", "pagedown", "scroll(-10)", "ten newer", "Go ahead by ten notes."),
    _notes("notes-newest", "end", "newest", "newest", "Stay at the newest note again."),
)
