"""The one table of keys: footer, help, command palette and documentation are made from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from textual.binding import Binding

Need = Literal["steer", "reseed", "save", "seek", "speed", "tabs"]
"""What must be possible for a key to be offered: an ability of the source, a run to steer, panes behind tabs."""

SPEED = Binding.Group("speed", compact=True)
SEEK = Binding.Group("seek", compact=True)
GLYPHS = {"minus": "-", "plus": "+", "equals_sign": "=", "left": "←", "right": "→", "question_mark": "?"}


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


QUIT = Key(
    id="quit",
    keys="q",
    action="app.quit",
    label="quit",
    tooltip="Leave; while training runs, choose between stop and save, stop now, and cancel.",
)
LEAVE = replace(QUIT, tooltip="Leave.")
"""`QUIT` while nothing can be lost."""
PAUSE = Key(
    id="pause",
    keys="p,space",
    action="pause",
    label="pause",
    tooltip="Pause at the end of this step, or go on.",
    need="steer",
)
RESUME = replace(PAUSE, label="resume", tooltip="Go on from here.")
"""`PAUSE` during a pause."""
KEYS: tuple[Key, ...] = (
    PAUSE,
    Key(
        id="step",
        keys="n",
        action="step",
        label="step",
        tooltip="Do exactly one step, then stay paused.",
        need="steer",
    ),
    Key(
        id="reseed",
        keys="r",
        action="reseed",
        label="reseed",
        tooltip="Restart every chain of the replay buffer from uniform noise.",
        need="reseed",
    ),
    Key(id="save", keys="s", action="save", label="save", tooltip="Write a checkpoint now.", need="save"),
    Key(
        id="slower",
        keys="minus",
        action="speed(0.5)",
        label="slower",
        tooltip="Replay at half the speed.",
        need="speed",
        group=SPEED,
    ),
    Key(
        id="faster",
        keys="plus,equals_sign",
        action="speed(2.0)",
        label="faster",
        tooltip="Replay at twice the speed.",
        need="speed",
        group=SPEED,
    ),
    Key(
        id="back",
        keys="left",
        action="seek(-1)",
        label="back",
        tooltip="Jump back by one percent of the recording.",
        need="seek",
        group=SEEK,
    ),
    Key(
        id="forward",
        keys="right",
        action="seek(1)",
        label="on",
        tooltip="Jump ahead by one percent of the recording.",
        need="seek",
        group=SEEK,
    ),
    Key(
        id="start",
        keys="home",
        action="seek_start",
        label="start",
        tooltip="Jump to the start of the recording.",
        need="seek",
        in_footer=False,
    ),
    Key(
        id="end",
        keys="end",
        action="seek_end",
        label="end",
        tooltip="Jump to the end of the recording.",
        need="seek",
        in_footer=False,
    ),
    Key(
        id="pictures",
        keys="b",
        action="pictures",
        label="pictures",
        tooltip="Draw the samples in another way: automatic, half-blocks, quadrants, braille.",
    ),
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
NEEDS: dict[str, Need] = {key.action.partition("(")[0]: key.need for key in KEYS if key.need}
"""By the name of the action, without its parameters."""


def bindings(keys: Iterable[Key] = KEYS) -> list[Binding]:
    """The table as Textual wants it."""
    return [key.binding for key in keys]
