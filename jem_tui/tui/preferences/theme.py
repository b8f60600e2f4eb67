"""The program's own themes; all of Textual's themes work, too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any

from textual.app import App
from textual.theme import Theme

from jem_tui.tui.preferences.readable_text import ENOUGH, HIGH, readable_variables

MUTED, FAINT = "$text-muted", "$text-disabled"
"""Two weaker colours of text, which are readable in every theme."""


class Tone(Enum):
    """Colours of a chart's curves, one for each theme of `THEMES`; None stands for the primary colour of any theme.

    The colours of `COLOUR_BLIND` can be distinguished with any kind of colour vision (Okabe & Ito, Color Universal Design, 2008).
    """

    TOTAL = ("#7aa2f7", "#2457b8", "#5fb4ff", "#56b4e9")
    NRG = ("#e0af68", "#9a5b00", "#ffd24a", "#e69f00")
    XE = ("#bb9af7", "#7440b5", "#ff8cf0", "#cc79a7")
    ACCURACY = ("#9ece6a", "#397313", "#6bff7c", "#009e73")
    PLAIN = ("#d3d7de", "#23272e", "#ffffff", "#dcdfe4")
    """The foreground of each theme."""
    OTHER = None

    @property
    def second(self) -> Tone:
        """Tone of the second curve of a chart: E(x) of data next to E(x̂) of samples has the colour of training images."""
        return Tone.TOTAL if self is Tone.NRG else Tone.PLAIN

    @property
    def css_name(self) -> str:
        """The name in variables and component classes."""
        return self.name.lower().replace("_", "-")

    @property
    def variable(self) -> str:
        """The variable of style sheets, such as `$tone-xe`."""
        return f"$tone-{self.css_name}"

    @property
    def weak_variable(self) -> str:
        """The variable of a weaker form for text, such as `$weak-tone-xe`."""
        return f"$weak-tone-{self.css_name}"


DARK = Theme(
    name="jem",
    primary="#7aa2c8",
    secondary="#9d8fc2",
    accent="#d6a96a",
    success="#8bb88b",
    warning="#d9b26a",
    error="#d4787c",
    foreground="#d3d7de",
    background="#14171c",
    surface="#1a1e25",
    panel="#242a33",
    dark=True,
    variables={
        "border": "#343c48",
        "border-blurred": "#343c48",
        "footer-background": "#1a1e25",
        "footer-key-foreground": "#d6a96a",
        "footer-description-foreground": "#98a1ae",
    },
)
LIGHT = Theme(
    name="jem-light",
    primary="#2f6292",
    secondary="#6a4fa0",
    accent="#8a5a00",
    success="#2f7a3a",
    warning="#8f6200",
    error="#b3313a",
    foreground="#23272e",
    background="#f7f6f2",
    surface="#edebe5",
    panel="#dfdcd4",
    dark=False,
    variables={
        "border": "#bdb9ae",
        "border-blurred": "#bdb9ae",
        "footer-background": "#edebe5",
        "footer-key-foreground": "#8a5a00",
        "footer-description-foreground": "#565b64",
    },
)
HIGH_CONTRAST = Theme(
    name="jem-contrast",
    primary="#6cc0ff",
    secondary="#ff9cf3",
    accent="#ffdf5c",
    success="#5dff7e",
    warning="#ffdf5c",
    error="#ff7b7b",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#2a2a2a",
    dark=True,
    variables={
        "border": "#ffffff",
        "border-blurred": "#a0a0a0",
        "footer-background": "#000000",
        "footer-key-foreground": "#ffdf5c",
        "footer-description-foreground": "#ffffff",
    },
)
COLOUR_BLIND = replace(
    DARK,
    name="jem-colour-blind",
    primary="#56b4e9",
    secondary="#cc79a7",
    accent="#e69f00",
    success="#009e73",
    warning="#f0e442",
    error="#d55e00",
    foreground="#dcdfe4",
    variables={
        **DARK.variables,
        "footer-key-foreground": "#e69f00",
        "footer-description-foreground": "#a3abb7",
    },
)
THEMES = (DARK, LIGHT, HIGH_CONTRAST, COLOUR_BLIND)
"""The program's own themes, in the order of the theme key."""

RUN_COLOURS: Mapping[str, str] = {
    f"run-{place}": colour
    for place, colour in enumerate(
        ("#5b9bf0", "#e8973a", "#5fbf6b", "#e5596b", "#a884e8", "#35bccb", "#c8b83a", "#dd8acb")
    )
}
"""Eight colours of compared runs by the name of their variable, before they are made readable in a theme."""


def tone_variables(theme: Theme) -> dict[str, str]:
    """Return the colour of each tone as a variable for style sheets; Textual's themes use the tones of `DARK` or `LIGHT`."""
    place = THEMES.index(theme if theme in THEMES else DARK if theme.dark else LIGHT)
    return {tone.variable[1:]: tone.value[place] if tone.value else theme.primary for tone in Tone}


def readable_theme(theme: Theme, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of style sheets in `theme`, with the colours of text changed as far as their contrast demands."""
    curves = {**tone_variables(theme), **RUN_COLOURS}
    every = {**curves, **variables}
    high = theme == HIGH_CONTRAST
    found = {**every, **readable_variables(every, curves, HIGH if high else ENOUGH)}
    return {**found, **{name: f"{found['foreground']} {share}%" for name, share in _frame_shares(high)}}


def _frame_shares(high: bool) -> Iterable[tuple[str, int]]:
    """Return the variables of frames with their percentage of the foreground, which 3:1 demands in a theme of high contrast (WCAG 1.4.11)."""
    return ("frame", 45 if high else 20), ("dialog-frame", 60 if high else 30)


def next_theme(name: str) -> str:
    """Return the name of the own theme after `name`; the first theme after the last one and after other themes."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]


def set_up_themes(app: App[Any], saved: object) -> None:
    """Register the program's own themes, and select the theme named `saved`, or the first theme if that name is unknown."""
    for theme in THEMES:
        app.register_theme(theme)
    app.theme = saved if isinstance(saved, str) and saved in app.available_themes else THEMES[0].name
