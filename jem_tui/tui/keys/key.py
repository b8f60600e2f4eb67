"""The type of a row in the key table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding
from textual.keys import key_to_character

from jem_tui.events.commands import Command
from jem_tui.tui.keys.footer_words import WORDS

Need = Literal[
    "steer",
    "pause",
    "adjust",
    "evaluate",
    "rollback",
    "reseed",
    "undo",
    "save",
    "seek",
    "speed",
    "pictures",
    "runs",
    "console",
    "ranks",
    "sampler",
    "settings",
    "attach",
    "summary",
    "tour",
]
"""Condition under which a key is offered: an ability of the source, "steer" (a run that has not ended), "pause" (a run that has not ended,
or a recording at its end), "runs" (several runs), "console" (output of a script), "ranks" (several ranks), "sampler" (chains
of this program), "settings" (a run that states its
settings), "attach" (the replay of a live run), "summary" (a run that has ended, or a replay at its end), "tour" (a run with chains)."""
Focus = Literal[
    "",
    "curves",
    "samples",
    "distributions",
    "notes",
    "console",
    "ranks",
    "runs",
    "tour",
    "draw",
    "browser",
    "compare",
    "summary",
    "help",
    "settings",
    "quit",
    "deletion",
    "failure",
    "output",
    "fields",
    "filter",
    "choices",
]
"""The place where a key works: the pane that must have the focus, "tour" during the tour, or another screen, dialog or part of one, from "draw"
on (`conditions.ON_SCREENS`); empty for a key that works in all panes. Keys of one place differ."""

GLYPHS = {
    "minus": "-",
    "plus": "+",
    "equals_sign": "=",
    "left": "←",
    "right": "→",
    "question_mark": "?",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "shift+left": "⇧←",
    "shift+right": "⇧→",
    "shift+up": "⇧↑",
    "shift+down": "⇧↓",
    "shift+tab": "⇧tab",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "slash": "/",
    "comma": ",",
    "full_stop": ".",
    "up": "↑",
    "down": "↓",
    "escape": "esc",
    "backspace": "bksp",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key, the action or command that it triggers, and its words for the user."""

    id: str
    """Name of the key in the `[keys]` section of the preferences."""
    keys: str
    """Textual's names of the keys, separated by commas; the first is the one that is displayed."""
    action: str | Command
    """A Textual action, or a command that is sent to the source."""
    label: str
    """A short imperative for the palette, such as "Zoom in"."""
    tooltip: str
    """A sentence for the help, the palette and the tooltip."""
    need: Need | None = None
    group: Binding.Group | None = None
    """Adjacent keys of one group share a word in the footer."""
    in_footer: bool = True
    focus: Focus = ""

    @property
    def textual_action(self) -> str:
        """The action that Textual runs; the run screen sends a command by the `id` of its key."""
        return self.action if isinstance(self.action, str) else f"send('{self.id}')"

    @property
    def word(self) -> str:
        """The word in the footer."""
        return WORDS.get(self.id, "") or self.label[:1].lower() + self.label[1:]

    @property
    def binding(self) -> Binding:
        """The key as a Textual binding."""
        return Binding(
            self.keys,
            self.textual_action,
            self.word,
            id=self.id,
            tooltip=self.tooltip,
            show=self.in_footer,
            group=self.group,
            key_display=_glyph(self.keys.partition(",")[0]),
        )

    @property
    def written(self) -> str:
        """All keys as the help displays them, separated by spaces."""
        return " ".join(map(_glyph, self.keys.split(",")))


def screen_key(
    method: str,
    name: str,
    keys: str,
    action: str,
    label: str,
    tooltip: str,
    *,
    need: Need | None = None,
    focus: Focus = "",
    group: Binding.Group | None = None,
    in_footer: bool = False,
) -> Key:
    """Return a key that calls `method` of the run screen with `action` as arguments; with a focus, the pane's own `action`."""
    return Key(
        id=name,
        keys=keys,
        action=action if focus else f"{method}({action})",
        label=label,
        tooltip=tooltip,
        need=need,
        focus=focus,
        group=group,
        in_footer=in_footer,
    )


def pane_key(
    focus: Focus,
    *texts: str,
    need: Need | None = None,
    group: Binding.Group | None = None,
    in_footer: bool = False,
) -> Key:
    """Return a key that runs the own action of a pane or screen; `texts` are those of `screen_key` from the name on."""
    return screen_key("", *texts, need=need, focus=focus, group=group, in_footer=in_footer)


def _glyph(key: str) -> str:
    """Return a key as it is displayed: its sign, else its character, else its name."""
    character = key_to_character(key) or ""
    return GLYPHS.get(key) or (character if character.isprintable() and character.strip() else key)
