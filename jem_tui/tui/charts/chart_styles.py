"""Styles of the charts of a pane."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style

from jem_tui.raster.plot.canvas import Ink
from jem_tui.tui.preferences.theme import Tone
from jem_tui.tui.repaint.fast_strips import BareContainer
from jem_tui.tui.state.comparison import PALETTE

RUNS = {Ink(Ink.RUN_0 + place): f"run-{place}" for place in range(len(PALETTE))}
"""Component class of the ink of each compared run."""
NAMES = {
    Ink.AXIS: "axis",
    Ink.AHEAD: "ahead",
    Ink.GAP: "gap",
    Ink.ALERT: "alert",
    Ink.CURSOR: "cursor",
}
"""Component class of each ink that does not depend on the tone."""
TONED = {
    Ink.ENVELOPE: "envelope",
    Ink.BAND: "band",
    Ink.LINE: "line",
    Ink.RAW_VALUE: "raw",
}
"""Component class of each ink of a chart's first curve, before the name of its tone."""
SECOND = {Ink.SECOND_ENVELOPE: "envelope", Ink.SECOND_BAND: "band", Ink.SECOND_LINE: "line"}
"""Component class of each ink of the second curve, before the name of its tone."""
TONE_RULES = "".join(
    f"& > .chart--line-{tone.css_name} {{ color: {tone.variable}; }}"
    f"& > .chart--band-{tone.css_name} {{ color: {tone.variable} 45%; }}"
    f"& > .chart--envelope-{tone.css_name} {{ color: {tone.variable} 20%; }}"
    f"& > .chart--raw-{tone.css_name} {{ color: {tone.weak_variable}; }}"
    for tone in Tone
)
"""Style rules of the component classes of each tone."""
RUN_RULES = "".join(f"& > .chart--{name} {{ color: ${name}; }}" for name in RUNS.values())


class ChartStyles(BareContainer):
    """Container of charts that looks up the styles of their inks.

    Component classes on every chart would be matched against the stylesheet twenty times per chart whenever a class or the theme
    changes, which takes longer than drawing the charts.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--title",
        "chart--chosen",
        *(f"chart--{name}" for name in (*NAMES.values(), *RUNS.values())),
        *(f"chart--{layer}-{tone.css_name}" for layer in TONED.values() for tone in Tone),
    }
    DEFAULT_CSS = f"""
    ChartStyles {{
        & > .chart--title {{ color: $foreground; text-style: bold; }}
        & > .chart--chosen {{ color: $on-primary; background: $primary; text-style: bold; }}
        & > .chart--axis {{ color: $text-muted; }}
        & > .chart--ahead {{ color: $foreground 25%; }}
        & > .chart--gap {{ color: $accent 55%; }}
        & > .chart--alert {{ color: $error; text-style: bold; }}
        & > .chart--cursor {{ color: $primary; }}
        {TONE_RULES}
        {RUN_RULES}
    }}
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found: dict[tuple[Tone, bool], tuple[Style, ...]] = {}

    def styles_of(self, tone: Tone, *, chosen: bool) -> tuple[Style, ...]:
        """Return the style of each ink in a chart of `tone`; the title of a `chosen` chart is highlighted."""
        if (tone, chosen) not in self._found:
            self._found[tone, chosen] = self._look_up(tone, "chosen" if chosen else "title")
        return self._found[tone, chosen]

    def notify_style_update(self) -> None:
        """Discard cached styles when the theme or the stylesheet changes."""
        super().notify_style_update()
        self._found.clear()

    def _look_up(self, tone: Tone, title: str) -> tuple[Style, ...]:
        first = {ink: f"{layer}-{tone.css_name}" for ink, layer in TONED.items()}
        second = {ink: f"{layer}-{tone.second.css_name}" for ink, layer in SECOND.items()}
        names = {**NAMES, Ink.TITLE: title, **first, **second, **RUNS}
        plain = self.rich_style
        own = {ink: self.get_component_rich_style(f"chart--{name}") for ink, name in names.items()}
        return tuple(own.get(ink, plain) for ink in Ink)
