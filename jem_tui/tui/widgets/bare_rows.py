"""Rows that a widget has drawn completely, on their way to the screen without Textual's styling of each."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


def is_bare(widget: Widget) -> bool:
    """Whether nothing is drawn around or over what the widget itself draws."""
    styles = widget.styles
    return not styles.gutter and not styles.tint.a and widget.opacity == 1


def bare_rows(widget: Widget, rows: Sequence[Strip], crop: Region) -> list[Strip]:
    """The part of a bare widget's rows that is in `crop`, in the colours that the terminal can show.

    Textual's own way styles each row anew after the smallest change, which takes longer than drawing it did.
    """
    strips = list(rows[crop.y : crop.bottom])
    background = widget.background_colors[1]
    for line_filter in widget.get_line_filters():
        strips = [strip.apply_filter(line_filter, background) for strip in strips]
    return [strip.crop(crop.x, crop.right) for strip in strips]
