"""Fast rendering of rows that bypasses Textual's styling, which takes longer than drawing the rows."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import Container
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class BareContainer(Container):
    """Container without decoration, whose own area is blank."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return blank_rows(self, crop) if is_unframed(self) else super().render_lines(crop)


def is_undecorated(widget: Widget) -> bool:
    """Return whether a widget has no border, tint, opacity or padding."""
    return is_unframed(widget) and not widget.styles.padding


def is_unframed(widget: Widget) -> bool:
    """Return whether a widget has no border, tint or opacity; it may have padding."""
    styles = widget.styles
    return not (any(styles.border.spacing) or any(styles.outline.spacing) or styles.tint.a) and widget.opacity == 1


def crop_rows(widget: Widget, rows: Sequence[Strip], crop: Region) -> list[Strip]:
    """Return the rows of an undecorated widget within `crop`, after the line filters; the rows must have true colours."""
    return [strip.crop(crop.x, crop.right) for strip in _filtered(widget, rows[crop.y : crop.bottom])]


def blank_rows(widget: Widget, crop: Region) -> list[Strip]:
    """Return rows of background. All rows are one strip object, which Textual divides only once."""
    return _filtered(widget, [Strip.blank(crop.width, widget.rich_style)]) * crop.height


def _filtered(widget: Widget, strips: Sequence[Strip]) -> list[Strip]:
    background = widget.background_colors[1]
    filters = [line_filter for line_filter in widget.get_line_filters() if not isinstance(line_filter, ANSIToTruecolor)]
    for line_filter in filters:
        strips = [strip.apply_filter(line_filter, background) for strip in strips]
    return list(strips)
