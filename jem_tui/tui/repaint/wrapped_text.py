"""A widget of text whose rows depend on its width."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget


class WrappedText(Widget):
    """A text as one widget, as high as its rows; a subclass returns the rows."""

    def rows(self, width: int) -> list[Content]:
        """Return the rows of the text in `width` columns."""
        raise NotImplementedError

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.rows(width))

    def render(self) -> Content:
        return Content("\n").join(self.rows(self.size.width))
