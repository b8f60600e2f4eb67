"""The conditions under which keys work, in words for the help and the documentation."""

from __future__ import annotations

from collections.abc import Mapping

from jem_tui.events.commands import Adjust
from jem_tui.tui.keys.key import Focus, Key

CONDITIONS: Mapping[str, str] = {
    **dict.fromkeys(("seek", "speed"), "in a replay"),
    **dict.fromkeys(("reseed", "undo", "save", "adjust", "evaluate", "rollback"), "while training"),
    "pictures": "in a replay of another program's log",
    "runs": "in a replay of several runs",
    "attach": "in a replay of a live run",
    "console": "in the run of a watched script",
    "ranks": "in a run on several ranks",
    "sampler": "in a run with chains",
    "settings": "",
    "summary": "at the end of a run",
    "tour": "in a run with chains",
}
"""Conditions by `Key.need`."""
PLACES: Mapping[Focus, str] = {"runs": "list of runs"}
"""Names of panes in a sentence, where they differ from the pane's own name."""
ON_SCREENS: Mapping[Focus, str] = {
    "draw": "on the draw screen",
    "browser": "in the run browser",
    "compare": "in the comparison",
    "summary": "in the summary",
    "help": "in the help",
    "settings": "in the settings",
    "quit": "in the question before quitting",
    "deletion": "in the question before a deletion",
    "failure": "in the message about a failed run",
    "output": "in the output of a command",
    "fields": "in a dialog with text fields",
    "filter": "in a filter",
    "choices": "in a list of choices",
}
"""Conditions by the focus of a key that works outside the panes of a run."""


def condition(key: Key) -> str:
    """Return the condition under which `key` works; empty if it always works."""
    if isinstance(key.action, Adjust):
        return f"while training; in a loop with a knob `{key.action.name}`"
    focus = ON_SCREENS.get(key.focus, f"in the {key.focus}") if key.focus else ""
    return focus if focus and key.need in ("console", "ranks") else CONDITIONS.get(key.need or "", focus)
