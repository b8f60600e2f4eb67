"""Rows on their way to the screen without Textual's styling of each: it takes longer than drawing them did."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import Container
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class BareContainer(Container):
    """A container that is nothing but empty around what is in it."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return blank_rows(self, crop) if is_unframed(self) else super().render_lines(crop)


def is_undecorated(widget: Widget) -> bool:
    """Whether nothing is drawn around or over what the widget itself draws."""
    return is_unframed(widget) and not widget.styles.padding


def is_unframed(widget: Widget) -> bool:
    """Whether it has no border and is not tinted; it may have padding."""
    styles = widget.styles
    return not (any(styles.border.spacing) or any(styles.outline.spacing) or styles.tint.a) and widget.opacity == 1


def crop_rows(widget: Widget, rows: Sequence[Strip], crop: Region) -> list[Strip]:
    """The part of a bare widget's rows that is in `crop`, as the terminal can show it; their colours are true colours."""
    return [strip.crop(crop.x, crop.right) for strip in _filtered(widget, rows[crop.y : crop.bottom])]


def blank_rows(widget: Widget, crop: Region) -> list[Strip]:
    """Nothing but the background: one strip for all rows, which Textual then cuts into pieces only once."""
    return _filtered(widget, [Strip.blank(crop.width, widget.rich_style)]) * crop.height


def _filtered(widget: Widget, strips: Sequence[Strip]) -> list[Strip]:
    background = widget.background_colors[1]
    filters = [line_filter for line_filter in widget.get_line_filters() if not isinstance(line_filter, ANSIToTruecolor)]
    for line_filter in filters:
        strips = [strip.apply_filter(line_filter, background) for strip in strips]
    return list(strips)
