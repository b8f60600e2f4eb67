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
KEYS: tuple[Key, ...] = (
    Key(
        id="next-tab",
        keys="tab",
        action="next_tab",
        label="next pane",
        tooltip="Show the next pane.",
        need="tabs",
        in_footer=False,
    ),
    Key(
        id="tab-curves",
        keys="1",
        action="tab('curves')",
        label="curves",
        tooltip="Show the curves.",
        need="tabs",
        in_footer=False,
    ),
    Key(
        id="tab-samples",
        keys="2",
        action="tab('samples')",
        label="samples",
        tooltip="Show the samples.",
        need="tabs",
        in_footer=False,
    ),
    Key(
        id="tab-notes",
        keys="3",
        action="tab('notes')",
        label="notes",
        tooltip="Show the notes.",
        need="tabs",
        in_footer=False,
    ),
    Key(
        id="help",
        keys="question_mark,f1",
        action="app.help",
        label="help",
        tooltip="Explain the keys and what is seen.",
    ),
    QUIT,
)
