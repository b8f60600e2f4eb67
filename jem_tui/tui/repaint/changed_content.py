"""Content of widgets, which is replaced only by content that looks different."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


def show_content(widget: Static, content: Content, *, layout: bool = False) -> None:
    """Display `content`, unless the widget displays the same text in the same styles; `layout` is whether its size may change.

    The comparison of two `Content` with `==` ignores styles.
    """
    shown = widget.content
    if not (isinstance(shown, Content) and content.is_same(shown)):
        widget.update(content, layout=layout)
