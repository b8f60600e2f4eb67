"""A row of the table of keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

Need = Literal["steer", "adjust", "evaluate", "rollback", "reseed", "save", "seek", "speed", "pictures", "runs"]
"""What must be possible for a key to be offered: an ability of the source, a run to steer, several runs."""
Focus = Literal["", "curves", "samples", "distributions", "notes", "runs"]
"""The pane that a key belongs to: it works only while that pane has the focus. Empty: it works everywhere."""

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
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key, and what it does."""

    id: str
    keys: str
    """Names of the keys, with commas in between; the first is the one shown."""
    action: str
    label: str
    """One word for the footer."""
    tooltip: str
    """One sentence for the help, the palette and the tooltip."""
    need: Need | None = None
    group: Binding.Group | None = None
    """Neighbours of one group share a word in the footer."""
    in_footer: bool = True
    focus: Focus = ""

    @property
    def binding(self) -> Binding:
        return Binding(
            self.keys,
            self.action,
            self.label,
            id=self.id,
            tooltip=self.tooltip,
            show=self.in_footer,
            group=self.group,
            key_display=_glyph(self.keys.partition(",")[0]),
        )

    @property
    def written(self) -> str:
        """All its keys, as the help writes them."""
        return " ".join(map(_glyph, self.keys.split(",")))


def _glyph(key: str) -> str:
    return GLYPHS.get(key, key)
