"""The Textual filter that replaces every glyph of the screen by ASCII."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from jem_tui.raster.cells.ascii import in_ascii


class AsciiFilter(LineFilter):
    """Replaces the glyphs of each row before it is written to the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]
