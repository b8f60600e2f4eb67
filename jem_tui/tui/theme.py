"""The program's own colours; every other theme of Textual's works too."""

from __future__ import annotations

from textual.theme import Theme

MUTED = "$foreground 60%"
FAINT = "$foreground 35%"
"""Two steps back from the plain text, inside a line; a whole widget takes `$text-muted`."""

JEM = Theme(
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
